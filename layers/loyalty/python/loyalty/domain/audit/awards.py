"""Compares the rows of awards with the receipts of events, and both with the rules and the counts of campaigns."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from json import dumps

from loyalty.domain.audit.comparison import Check, Drift, drift_of
from loyalty.domain.cards.transaction import Transaction
from loyalty.domain.currency import DEFAULT_EXPONENT, exponent_of
from loyalty.domain.customer import Customer
from loyalty.domain.earning.campaign import ORDER_AMOUNT, Campaign, CampaignSettings, RewardRule, RewardType
from loyalty.domain.earning.coupon import Coupon
from loyalty.domain.earning.evaluation import BUDGET
from loyalty.domain.earning.event import CustomerDetails, Event, document
from loyalty.domain.earning.multipliers import PRODUCT_MAX
from loyalty.domain.earning.pools import Shard, used_of
from loyalty.domain.earning.receipt import EventKey, OrderStatus, Receipt, ReceiptAward
from loyalty.domain.earning.recurrence import CUSTOMER_LIMITS, Use
from loyalty.domain.earning.rewards import (
    ITEMS_AMOUNT,
    ITEMS_QUANTITY,
    Inputs,
    LineFilter,
    RewardPoints,
    every_line,
    points_of,
    reward_points,
)
from loyalty.domain.order import Order
from loyalty.domain.patterns import compile_pattern
from loyalty.domain.wallets.settings import WhenExceeded

CampaignOf = Callable[[str, int], Campaign | None]
"""A version of a campaign with the campaign's seed, by campaign id and number."""
PaidOf = Callable[[str, str, int], tuple[int, int]]
"""The least and the most that points had paid for a customer's order at an instant, in minor units: clocks differ."""
AwardKey = tuple[EventKey, str, int, str, str]
"""The event, campaign and reward rule of an award; wallet and customer of its row."""


@dataclass(frozen=True, slots=True)
class AwardRow:
    """The row of an award, and the key of its event."""

    row: Transaction
    key: str

    @property
    def event(self) -> EventKey:
        """The event. A row for the event of another customer names this customer."""
        row = self.row
        return row.counterpart or row.customer_id, row.context.event or "", self.key

    @property
    def award_key(self) -> AwardKey:
        row = self.row
        reward_no = row.award.reward_no if row.award else -1
        return self.event, row.context.campaign_id or "", reward_no, row.wallet_id, row.customer_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerAwards:
    """What the events of one customer decided, and what is counted about the customer."""

    customer: Customer
    receipts: Sequence[Receipt] = ()
    once: Mapping[str, int] = field(default_factory=dict)
    """The number of values that gave points once, by campaign id."""
    uses: Mapping[str, Use] = field(default_factory=dict)
    """By campaign id."""
    referrer_uses: Mapping[str, Use] = field(default_factory=dict)
    """What the customer got as a referrer, by campaign id."""
    referrals: Sequence[AwardRow] = ()
    """The rows of awards for events of other customers, on all cards of the customer."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a campaign gave: points, and awards. An event is one award, whatever the reward rules."""

    points: int = 0
    awards: int = 0

    def add(self, other: "Given") -> "Given":
        return Given(self.points + other.points, self.awards + other.awards)


def award_key(receipt: Receipt, award: ReceiptAward) -> AwardKey:
    customer_id = award.customer_id or receipt.customer_id
    return receipt.event, award.campaign_id, award.details.reward_no, award.wallet_id, customer_id


def award_drifts(
    awards: Sequence[AwardRow], receipts: Mapping[EventKey, Receipt], campaign_of: CampaignOf, paid_of: PaidOf
) -> Iterator[Drift]:
    """Yields what is wrong with the rows of awards of one card.

    The receipt must have the award once, as the row has it. The points must be those of the campaign's rule, as far as
    row and receipt have what the rule reads.
    """
    orders = {one.event: one.row.context.order for one in awards if one.row.context.order}
    for one in awards:
        row, receipt = one.row, receipts.get(one.event)
        if receipt is None:
            yield drift_of(Check.RECEIPT, row.seq, "The award has no receipt of its event.", list(one.event))
            continue
        named = [award for award in receipt.awards if award_key(receipt, award) == one.award_key]
        if [_award_of_receipt(award, receipt) for award in named] != [_award_of_row(row)]:
            message = "The receipt of the event does not have this award once, as it was given."
            found = [_award_of_receipt(award, receipt) for award in named]
            yield drift_of(Check.RECEIPT, row.seq, message, [_award_of_row(row)], found)
            continue
        order = orders.get(one.event)
        if order and receipt.order_amount != order.amount + (receipt.refunded or 0):
            message = "The order's amount differs from the receipt."
            yield drift_of(Check.RECEIPT, row.seq, message, order.amount, receipt.order_amount)
        yield from _reward_drifts(row, receipt, order, campaign_of, paid_of)


def missing_rows(awards: Iterable[tuple[Receipt, ReceiptAward]], rows: Collection[AwardKey]) -> Iterator[Drift]:
    """Yields the awards of receipts that have no row. `rows` are the rows of awards of the cards that got them."""
    for receipt, award in awards:
        if award_key(receipt, award) not in rows:
            message = f"The receipt of event {receipt.name} {receipt.key} has an award without a transaction."
            expected = [award.customer_id or receipt.customer_id, award.wallet_id, award.campaign_id, award.points]
            yield drift_of(Check.RECEIPT, award.seq, message, expected)


def customer_drifts(own: CustomerAwards, campaign_of: CampaignOf) -> Iterator[Drift]:
    """Yields the counts of one customer that differ from the customer's receipts and referrals."""
    orders = sum(receipt.status is OrderStatus.PAID and not receipt.uncounted for receipt in own.receipts)
    if own.customer.orders != orders:
        message = "The number of the customer's orders differs from the receipts of paid orders."
        yield drift_of(Check.ORDERS, None, message, orders, own.customer.orders)
    yield from _referrer_drifts(own)
    uses: dict[str, Given] = {}
    once: Counter[str] = Counter()
    for receipt in own.receipts:
        for campaign_id, version in {(one.campaign_id, one.details.campaign_version) for one in receipt.awards}:
            campaign = campaign_of(campaign_id, version)
            if campaign is None:
                continue
            limits = campaign.settings.limits_in_effect
            if limits.counts:
                given = [one for one in receipt.awards if one.campaign_id == campaign_id and not one.customer_id]
                points = sum(one.points for one in given)
                uses[campaign_id] = uses.get(campaign_id, Given()).add(Given(points, 1))
            once[campaign_id] += limits.once_per is not None
    yield from _use_drifts("", uses, own.uses)
    yield from _use_drifts(" as a referrer", _given_to_referrer(own.referrals, campaign_of), own.referrer_uses)
    for campaign_id in sorted(once.keys() | own.once.keys()):
        if once[campaign_id] != own.once.get(campaign_id, 0):
            message = f"The values that gave points of campaign {campaign_id} once differ in number from the receipts."
            yield drift_of(Check.USE, None, message, once[campaign_id], own.once.get(campaign_id, 0))


def _given_to_referrer(referrals: Iterable[AwardRow], campaign_of: CampaignOf) -> dict[str, Given]:
    """Returns what campaigns with limits of referrers gave, by campaign id."""
    found: dict[str, Given] = {}
    events: set[tuple[EventKey, str]] = set()
    for one in referrals:
        row, campaign_id = one.row, one.row.context.campaign_id or ""
        campaign = campaign_of(campaign_id, row.award.campaign_version) if row.award else None
        if campaign and campaign.settings.referrer_limits.counts:
            is_first = (one.event, campaign_id) not in events
            events.add((one.event, campaign_id))
            found[campaign_id] = found.get(campaign_id, Given()).add(Given(row.points, int(is_first)))
    return found


def _use_drifts(role: str, expected: Mapping[str, Given], found: Mapping[str, Use]) -> Iterator[Drift]:
    for campaign_id in sorted(expected.keys() | found.keys()):
        given, use = expected.get(campaign_id, Given()), found.get(campaign_id, Use())
        if (given.awards, given.points) != (use.times, use.points):
            message = f"What campaign {campaign_id} gave to the customer{role} differs from the awards: events, points."
            yield drift_of(Check.USE, None, message, [given.awards, given.points], [use.times, use.points])


def _referrer_drifts(own: CustomerAwards) -> Iterator[Drift]:
    referrer = own.customer.referred_by
    if referrer == own.customer.customer_id:
        yield drift_of(Check.REFERRER, None, "The customer is their own referrer.", None, referrer)
    others = {award.customer_id for receipt in own.receipts for award in receipt.awards if award.customer_id}
    for other in sorted(others - {referrer}):
        message = "Events of the customer gave points to another customer than the referrer."
        yield drift_of(Check.REFERRER, None, message, referrer, other)


def given_by_campaign(awards: Iterable[AwardRow], receipts: Mapping[EventKey, Receipt]) -> dict[str, Given]:
    """Returns what campaigns gave to a card. An award counts on the card of the receipt's first row of the campaign."""
    found: dict[str, Given] = {}
    for one in awards:
        campaign_id, receipt = one.row.context.campaign_id or "", receipts.get(one.event)
        firsts = (award for award in receipt.awards if award.campaign_id == campaign_id) if receipt else iter(())
        first = next(firsts, None)
        is_first = receipt is not None and first is not None and award_key(receipt, first) == one.award_key
        found[campaign_id] = found.get(campaign_id, Given()).add(Given(one.row.points, int(is_first)))
    return found


def redeemed_codes(awards: Iterable[AwardRow], receipts: Mapping[EventKey, Receipt]) -> Counter[str]:
    """Returns how many times each code was redeemed. A redemption counts on the card of the receipt's first row."""
    found: Counter[str] = Counter()
    for one in awards:
        receipt = receipts.get(one.event)
        if receipt and receipt.coupon and award_key(receipt, receipt.awards[0]) == one.award_key:
            found[receipt.coupon] += 1
    return found


def coupon_drifts(coupon: Coupon, uses_before: int, redemptions: int) -> Iterator[Drift]:
    """Yields what is wrong with the uses of a code.

    `uses_before` are the uses before the rows were read: the code may have been redeemed meanwhile.
    """
    if coupon.max_uses is None:
        return
    if not uses_before <= redemptions <= coupon.uses:
        message = f"The uses of the code {coupon.code} differ from its redemptions."
        yield drift_of(Check.COUPON, None, message, redemptions, coupon.uses)
    if coupon.uses > coupon.max_uses:
        message = f"The code {coupon.code} was redeemed too often."
        yield drift_of(Check.COUPON, None, message, coupon.max_uses, coupon.uses)


def budget_drifts(campaign_id: str, before: Sequence[Shard], after: Sequence[Shard], given: Given) -> Iterator[Drift]:
    """Yields what is wrong with the pool of a campaign's budget.

    `before` and `after` are the shards before and after the rows were read: awards may have been given meanwhile.
    """
    for place, shard in enumerate(after):
        for part in (shard.points, shard.awards):
            if part and not 0 <= part.left <= part.limit:
                message = f"Shard {place} of the budget of campaign {campaign_id} has an impossible rest."
                yield drift_of(Check.BUDGET, None, message, f"0 to {part.limit}", part.left)
    low, high = used_of(before), used_of(after)
    for name, least, most, found in (
        ("points", low.points, high.points, given.points),
        ("awards", low.awards, high.awards, given.awards),
    ):
        if least is not None and most is not None and not least <= found <= most:
            message = f"The {name} that campaign {campaign_id} gave differ from those that its budget counts."
            yield drift_of(Check.BUDGET, None, message, found, most)


def _award_of_row(row: Transaction) -> list[object]:
    award = row.award
    details = [award.campaign_version, award.base, award.factor, award.draw] if award else []
    return [row.context.order_id, row.wallet_version, row.seq, row.points, *details]


def _award_of_receipt(award: ReceiptAward, receipt: Receipt) -> list[object]:
    details = award.details
    own = [details.campaign_version, details.base, details.factor, details.draw]
    return [receipt.order_id, award.wallet_version, award.seq, award.points, *own]


def _reward_drifts(
    row: Transaction, receipt: Receipt, order: Order | None, campaign_of: CampaignOf, paid_of: PaidOf
) -> Iterator[Drift]:
    award, campaign_id = row.award, row.context.campaign_id or ""
    assert award is not None, "the receipt has the same award"
    campaign = campaign_of(campaign_id, award.campaign_version)
    rules = campaign.settings.rewards if campaign else ()
    if campaign is None or not 0 <= award.reward_no < len(rules) or rules[award.reward_no].wallet_id != row.wallet_id:
        message = f"Version {award.campaign_version} of campaign {campaign_id} has no such reward rule for the wallet."
        yield drift_of(Check.REWARD, row.seq, message)
        return
    rule, base, factor = rules[award.reward_no], Fraction(award.base), Fraction(award.factor)
    if not 1 <= factor <= PRODUCT_MAX:
        yield drift_of(Check.REWARD, row.seq, "No multipliers give this factor.", f"1 to {PRODUCT_MAX}", award.factor)
    requested = row.points if row.requested is None else row.requested
    points = points_of(rule, base, factor)
    if requested != points:
        message = "The points are not those of the rule: base times factor, rounded."
        yield drift_of(Check.REWARD, row.seq, message, points, requested)
    if row.points != requested and not _may_cap(campaign.settings, row):
        message = "No limit of the campaign or the wallet explains that the points were reduced."
        yield drift_of(Check.REWARD, row.seq, message, requested, row.points)
    yield from _base_drifts(row, receipt, campaign, order, paid_of)


def _may_cap(settings: CampaignSettings, row: Transaction) -> bool:
    """Returns whether the limit that the row names may have reduced its points."""
    if row.requested is None or row.points > row.requested:
        return False
    if row.capped_by == BUDGET:
        return settings.budget is not None and settings.budget.when_exceeded is WhenExceeded.CAP
    if row.capped_by == CUSTOMER_LIMITS:
        limits = settings.customer_limits
        return limits.points is not None or any(one.points is not None for one in limits.per)
    return row.capped_by is not None


def _base_drifts(
    row: Transaction, receipt: Receipt, campaign: Campaign, order: Order | None, paid_of: PaidOf
) -> Iterator[Drift]:
    """Computes the base again. If rows have no categories that the rule reads, the base of all lines is the most."""
    award = row.award
    assert award is not None, "the row is that of an award"
    rule, base = campaign.settings.rewards[award.reward_no], Fraction(award.base)
    if not _is_recorded(rule, order):
        return
    event = Event(
        name=receipt.name,
        customer_id=receipt.customer_id,
        key=receipt.key,
        occurred_at=receipt.occurred_at,
        order_id=receipt.order_id,
        order=order,
    )
    inputs = Inputs(
        event=event,
        read=document(event, CustomerDetails()),
        exponent=exponent_of(order.currency) if order and order.currency else DEFAULT_EXPONENT,
    )
    lines, is_exact = _line_filter(rule)

    def result_of(paid: int) -> RewardPoints:
        net = replace(inputs, net_amount=max(order.amount - paid, 0) if order else None)
        result = reward_points(rule, award.reward_no, net, seed=campaign.seed, factor=Fraction(1), counts=lines)
        assert result is not None, "the value is recorded"
        return result

    least = most = result_of(0)
    if base < most.base and is_exact and receipt.order_id is not None:
        # Only points that paid can explain a lower base.
        paid_least, paid_most = paid_of(receipt.customer_id, receipt.order_id, receipt.received_at)
        least, most = result_of(paid_most), result_of(paid_least)
    if base > most.base or (is_exact and base < least.base) or award.draw != most.draw:
        message = "The base is not what the rule gives for the event."
        yield drift_of(Check.REWARD, row.seq, message, [str(most.base), most.draw], [award.base, award.draw])


def _is_recorded(rule: RewardRule, order: Order | None) -> bool:
    """Returns whether row and receipt have the value that the rule reads, or an upper bound of it."""
    if rule.type in (RewardType.FIXED, RewardType.RANDOM):
        return True
    if rule.of in (ITEMS_AMOUNT, ITEMS_QUANTITY):
        return order is not None and bool(order.items)
    return rule.of == ORDER_AMOUNT and order is not None


def _line_filter(rule: RewardRule) -> tuple[LineFilter, bool]:
    """Returns which lines count, and whether these are all that the rule counts: rows have no categories of lines."""
    if rule.items is None:
        return every_line, True
    if "categories" in dumps(rule.items):
        return every_line, False
    return compile_pattern(rule.items).matches, True
