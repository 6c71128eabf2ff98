"""The engine: one attempt to decide an event, from one reading of the table to one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from loyalty.domain.cards.card import Card
from loyalty.domain.cards.transaction import AwardDetails, Context, Movement, Operation, Source, Transaction
from loyalty.domain.customer import Customer
from loyalty.domain.dates import instant
from loyalty.domain.earning.campaign import MULTIPLIED, Recipient, RewardRule
from loyalty.domain.earning.evaluation import CARDS_MAX, Award, Candidate, Decision, Referrer, evaluate
from loyalty.domain.earning.evaluation import Situation as EventSituation
from loyalty.domain.earning.event import ORDER_PAID, CustomerDetails, Document, Event, document
from loyalty.domain.earning.order_markers import is_undone_before, net_order, without_lines
from loyalty.domain.earning.receipt import OrderStatus, Receipt, ReceiptAward
from loyalty.domain.earning.recurrence import once_value
from loyalty.domain.earning.rewards import MONEY, exact_text
from loyalty.domain.earning.sequence import compared_value
from loyalty.domain.earning.skips import Skip, SkipReason
from loyalty.domain.movements.credit import Grant, credit_points
from loyalty.domain.order import Order
from loyalty.domain.tiers.structure import Level
from loyalty.domain.zones import zone_of
from loyalty.errors import Busy, LoyaltyError
from loyalty.store.cards import CardChange
from loyalty.store.customers import order_count_write
from loyalty.store.keys import award_origin, earlier_event
from loyalty.store.receipts import AwardKeys, AwardReading, ReferrerReading, once_write, receipt_write, use_write
from loyalty.store.store import Store
from loyalty.store.table import TransactionCanceled, WriteAction
from loyalty.usecases.admission import Admission
from loyalty.usecases.earning.pools import Pools
from loyalty.usecases.earning.registry import Registry
from loyalty.usecases.earning.tiers import levels_of, programs_read, tier_multipliers
from loyalty.usecases.ledger import (
    TRANSACTION_ITEMS_MAX,
    CardCommand,
    Command,
    Decided,
    Situation,
    admit,
    change_of,
    situation_of,
)
from loyalty.usecases.points.credits import has_event_before

CardId = tuple[str, str]
"""Customer id and wallet id."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent an event. `fingerprint` is of what must not differ if the event is sent again."""

    actor: str
    request_id: str
    fingerprint: bytes


@dataclass(slots=True)
class _CardAwards:
    """The awards on one card, one after the other."""

    before: Card | None
    admission: Admission
    found: Situation
    card: Card
    """The card after the awards so far."""
    event_received: bool
    """Whether the event that activates the wallet's pending points of the order was recorded before."""
    movements: list[Movement] = field(default_factory=list)

    def decide(self, _: Situation) -> Decided:
        """Returns the card after all awards. Only the last row has the order details."""
        *first, last = self.movements
        without_order = [replace(one, context=replace(one.context, order=None)) for one in first if one.context]
        return Decided(self.card, [*without_order, last])


class Engine:
    """One attempt to decide an event."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        event: Event,
        sender: Sender,
        candidates: Sequence[Candidate],
        pools: Pools,
        at: datetime,
    ) -> None:
        self._store, self._registry, self._event, self._sender, self._at = store, registry, event, sender, at
        self._candidates, self._pools = candidates, pools
        self._amount = event.order.amount if event.order else None
        self._order = event.order
        """The order details that rows record."""
        rules = [rule for candidate in candidates for rule in candidate.settings.rewards]
        self._wallets = _wallets_of(rules, Recipient.CUSTOMER)
        self._referrer_wallets = _wallets_of(rules, Recipient.REFERRER)
        self._paying_wallets = sorted(registry.paying_wallets) if event.order_id and any(map(_is_net, rules)) else []
        """The wallets whose points may have paid for the order, if a reward rule leaves out what points paid."""
        self._programs = programs_read(registry.programs, candidates)
        self.levels: Mapping[str, Level] = {}
        """The customer's levels before the event, by program id: those that the campaigns read."""
        self._referrer: ReferrerReading | None = None
        self._cards: dict[CardId, _CardAwards] = {}
        self._refusals: dict[CardId, str] = {}
        read = document(event, CustomerDetails())
        self._once = _once_values(candidates, read)
        """The value that counts once, by campaign id."""
        self._seen = _seen_keys(candidates, read)
        """The earlier event that a sequence needs, by campaign id."""
        self._now = instant(at)
        self._changes: list[CardChange] = []
        self._taken: list[WriteAction] = []
        """The writes that take the awards from the pools."""
        self._rows: dict[str, Transaction] = {}
        """The rows of awards, by origin."""

    def read(self) -> AwardReading:
        limited = [one for one in self._candidates if one.settings.limits_in_effect.counts]
        reads_customer = self._event.name == ORDER_PAID or bool(self._referrer_wallets)
        reading = self._store.receipts.read(
            AwardKeys(
                customer_id=self._event.customer_id,
                name=self._event.name,
                key=self._event.key,
                wallets=list(dict.fromkeys((*self._wallets, *self._paying_wallets, *self._tier_wallets))),
                campaigns=[candidate.campaign_id for candidate in limited],
                once=self._once,
                seen=self._seen,
                reads_customer=reads_customer or any(one.reads_customer for one in self._candidates),
                unless_canceled=self._event.order_id if self._event.coupon is not None else None,
            )
        )
        if not reading.is_decided and reading.customer.referred_by and self._referrer_wallets:
            limited = [one for one in self._candidates if one.settings.referrer_limits.counts]
            campaigns = [candidate.campaign_id for candidate in limited]
            self._referrer = self._store.receipts.referrer(
                reading.customer.referred_by, self._referrer_wallets, campaigns
            )
        return reading

    def is_undone(self, reading: AwardReading) -> bool:
        """Returns whether the event's order was refunded completely before."""
        return self._amount is not None and is_undone_before(reading.receipt, self._amount)

    def decide(self, reading: AwardReading) -> Decision:
        if reading.receipt and reading.receipt.is_marker and self._event.order:
            net = net_order(self._event.order, reading.receipt)
            self._event, self._order = replace(self._event, order=net), without_lines(net)
        event, referrer = self._event, self._referrer
        cards: dict[CardId, Card | None] = {(event.customer_id, one): reading.cards.get(one) for one in self._wallets}
        if referrer:
            referrer_id = referrer.customer.customer_id
            cards |= {(referrer_id, one): referrer.cards.get(one) for one in self._referrer_wallets}
        self._now = max(instant(self._at), *(card.at for card in cards.values() if card), 0)
        self.levels = levels = levels_of(self._programs, reading.cards, self._now)
        situation = EventSituation(
            event=event,
            customer=replace(
                reading.customer.details, tiers={program_id: level.tier_id for program_id, level in levels.items()}
            ),
            zone=zone_of(self._registry.project.time_zone),
            currency=self._registry.project.currency,
            now=self._now,
            net_amount=self._net_amount(reading),
            uses=reading.uses,
            once_used={(campaign_id, self._once[campaign_id]) for campaign_id in reading.once},
            seen=reading.seen,
            referrer=_referrer_of(referrer, reading.customer) if referrer else None,
            tier_multipliers=tier_multipliers(self._programs, levels),
            budgets=self._pools.left(),
        )
        for card_id, before in cards.items():
            self._admit(card_id, before)
        decision = self._decide(situation)
        while self._item_count(decision) > TRANSACTION_ITEMS_MAX and decision.awards:
            decision = self._decide(replace(situation, awards_max=len(decision.awards) - 1))
        return decision

    def _decide(self, situation: EventSituation) -> Decision:
        """Decides, and changes the cards accordingly, whatever was decided before."""
        for one in self._cards.values():
            one.card, one.movements = one.found.card, []
        decision = evaluate(situation, self._candidates, self._credit)
        self._changes = []
        for card_id, one in self._cards.items():
            if one.movements:
                command = self._command(card_id)
                change = change_of(CardCommand(command, one.decide), one.before, one.admission, one.found)
                assert change is not None, "there are movements"
                self._changes.append(change)
        rows = {row.origin: row for change in self._changes for row in change.rows}
        # In the order of the awards, whatever their wallets.
        self._rows = {origin: rows[origin] for origin in map(self._origin, decision.awards)}
        self._taken = self._pools.writes(decision.awards)
        return decision

    def _item_count(self, decision: Decision) -> int:
        """Returns the most items that the transaction of the decision writes."""
        companions = (decision.uses, decision.referrer_uses, decision.once, self._taken)
        # Besides the receipt, an order counts at the customer. A redemption of a coupon counts at the code, and checks
        # that the order is not canceled.
        receipt_and_others = 3
        return sum(change.item_count for change in self._changes) + sum(map(len, companions)) + receipt_and_others

    def commit(self, reading: AwardReading, decision: Decision, skips: Sequence[Skip], *more: WriteAction) -> None:
        """Writes the decision, with `more` writes of the caller's own, all or none."""
        event, customer_id = self._event, self._event.customer_id
        receipt = Receipt(
            customer_id=customer_id,
            name=event.name,
            key=event.key,
            order_id=event.order_id,
            received_at=self._now,
            occurred_at=event.occurred_at,
            fingerprint=self._sender.fingerprint,
            order_amount=self._amount,
            awards=tuple(self._receipt_award(award) for award in decision.awards),
            skips=(*decision.skips, *skips),
            status=OrderStatus.PAID if event.name == ORDER_PAID else None,
            refunded=reading.receipt.refunded if reading.receipt else None,
            uncounted=self.is_undone(reading),
            coupon=event.coupon,
        )
        companions: list[WriteAction] = [receipt_write(receipt, reading.receipt), *more]
        if event.name == ORDER_PAID and not receipt.uncounted:
            companions.append(order_count_write(reading.customer, reading.customer.orders + 1))
        companions += [
            use_write(customer_id, campaign_id, reading.uses.get(campaign_id), use)
            for campaign_id, use in decision.uses.items()
        ]
        if self._referrer:
            referrer_id, uses = self._referrer.customer.customer_id, self._referrer.uses
            companions += [
                use_write(referrer_id, campaign_id, uses.get(campaign_id), use, by_referrer=True)
                for campaign_id, use in decision.referrer_uses.items()
            ]
        companions += [once_write(customer_id, campaign_id, value, self._now) for campaign_id, value in decision.once]
        companions += self._taken
        try:
            self._store.cards.commit(*self._changes, companions=companions)
        except TransactionCanceled as race:
            self._pools.learn(race)
            raise
        self._pools.commit()

    @property
    def _tier_wallets(self) -> list[str]:
        return [program.wallet.wallet_id for program in self._programs]

    @property
    def rows(self) -> list[Transaction]:
        """The rows of the awards, in the order of the awards."""
        return list(self._rows.values())

    def _net_amount(self, reading: AwardReading) -> int | None:
        """Returns the order's amount less what points paid; None if no reward rule reads it, or points paid nothing."""
        event = self._event
        if event.order is None or event.order_id is None:
            return None
        paid = sum(
            row.payment.amount
            for wallet_id in self._paying_wallets
            if wallet_id in reading.cards
            for row in self._store.cards.rows_of_order(event.customer_id, wallet_id, event.order_id)
            if row.payment
        )
        return max(event.order.amount - paid, 0) if paid else None

    def _admit(self, card_id: CardId, before: Card | None) -> None:
        """Finds out whether the card may get points: a refusal drops awards on this card alone."""
        try:
            one = CardCommand(self._command(card_id), lambda found: Decided(found.card, []), enrols=True)
            admission = admit(self._store, one, before, self._now)
        except Busy:
            # Nothing is known about the card: the event can be sent again, but a decision is final.
            raise
        except LoyaltyError as refusal:
            self._refusals[card_id] = refusal.code
            return
        found = situation_of(admission, self._now)
        received = has_event_before(self._store, found.card, found.wallet, self._event.order_id)
        self._cards[card_id] = _CardAwards(before, admission, found, found.card, received)

    def _credit(self, award: Award) -> Award | str:
        """Credits the award to the card after the awards before it; returns the code of a refusal."""
        card_id = award.customer_id, award.wallet_id
        if card_id in self._refusals:
            return self._refusals[card_id]
        if card_id not in self._cards:
            return SkipReason.TOO_MANY_AWARDS
        one, rule, event = self._cards[card_id], award.rule, self._event
        grant = Grant(award.points, rule.activates_at, rule.activates_after, rule.expires_at, rule.expires_after)
        try:
            card, movement = credit_points(
                one.card,
                grant,
                one.found.wallet,
                self._now,
                order_id=event.order_id,
                order=one.admission.context.order,
                event_received=one.event_received,
                operation=Operation.CAMPAIGN if event.coupon is None else Operation.COUPON,
            )
        except LoyaltyError as refusal:
            return refusal.code
        one.card = card
        requested, capped_by = award.requested, award.capped_by
        if movement.capped_by:
            requested, capped_by = requested or award.points, movement.capped_by
        description = rule.points_description
        if description is None and event.coupon is not None:
            description = f"Points earned for redeeming {event.coupon} coupon"
        context = replace(one.admission.context, campaign_id=award.campaign_id, points_description=description)
        one.movements.append(
            replace(
                movement,
                requested=requested,
                capped_by=capped_by,
                award=_details(award),
                counterpart=None if award.customer_id == event.customer_id else event.customer_id,
                context=context,
                origin=self._origin(award),
            )
        )
        return replace(award, points=movement.points, requested=requested, capped_by=capped_by)

    def _origin(self, award: Award) -> str:
        event = self._event
        return award_origin(award.campaign_id, award.reward_no, (event.customer_id, event.name, event.key))

    def _command(self, card_id: CardId) -> Command:
        event, sender = self._event, self._sender
        customer_id, wallet_id = card_id
        order = self._order
        if order and customer_id != event.customer_id:
            # What the friend bought does not concern the referrer. A refund needs the amount.
            order = Order(amount=order.amount, currency=order.currency)
        context = Context(
            source=Source.CAMPAIGN if event.coupon is None else Source.CASHBACK_COUPON,
            order_id=event.order_id,
            order=order,
            event=event.name,
            actor=sender.actor,
            request_id=sender.request_id,
            fingerprint=sender.fingerprint,
        )
        return Command(wallet_id=wallet_id, customer_id=customer_id, origin="", context=context)

    def _receipt_award(self, award: Award) -> ReceiptAward:
        row = self._rows[self._origin(award)]
        beneficiary = None if award.customer_id == self._event.customer_id else award.customer_id
        return ReceiptAward(
            award.campaign_id, row.wallet_id, row.wallet_version, row.seq, row.points, _details(award), beneficiary
        )


def _wallets_of(rules: Iterable[RewardRule], to: Recipient) -> list[str]:
    """Returns the wallets whose cards are read. More wallets get nothing."""
    return list(dict.fromkeys(rule.wallet_id for rule in rules if rule.to is to))[:CARDS_MAX]


def _referrer_of(reading: ReferrerReading, customer: Customer) -> Referrer:
    shares_signal = bool(reading.customer.profile.signals & customer.profile.signals)
    return Referrer(reading.customer.customer_id, reading.uses, shares_signal)


def _once_values(candidates: Sequence[Candidate], read: Document) -> dict[str, str]:
    paths = {one.campaign_id: one.settings.limits_in_effect.once_per for one in candidates}
    values = {campaign_id: once_value(path, read) for campaign_id, path in paths.items() if path}
    return {campaign_id: value for campaign_id, value in values.items() if value is not None}


def _seen_keys(candidates: Sequence[Candidate], read: Document) -> dict[str, str]:
    keys = {}
    for one in candidates:
        after = one.settings.trigger.after if one.settings.trigger else None
        if after and after.event is not None:
            own_path, earlier_path = after.match_by or (None, None)
            value = compared_value(own_path, read)
            if value is not None:
                keys[one.campaign_id] = earlier_event(after.event, earlier_path, value)
    return keys


def _details(award: Award) -> AwardDetails:
    return AwardDetails(
        campaign_version=award.campaign_version,
        reward_no=award.reward_no,
        base=exact_text(award.base),
        factor=exact_text(award.factor),
        draw=award.draw,
    )


def _is_net(rule: RewardRule) -> bool:
    """Returns whether the rule leaves out the part of the order that points paid."""
    return rule.type in MULTIPLIED and rule.of in MONEY and not rule.earn_on_points_paid
