"""The forecast: what a wallet's settings mean for points earned now, in dates and sentences.

The forecast does not compute dates a second time: it tries a credit on an empty card, by the rules of credits.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from loyalty.domain.cards.card import BY_EVENT, Card
from loyalty.domain.cards.limits import Allowance, earning_allowance
from loyalty.domain.cards.notices import NoticeKind
from loyalty.domain.dates import (
    NEVER,
    CalendarUnit,
    Period,
    Rounding,
    datetime_of,
    local_day,
    rounded_day,
    start_of_day,
)
from loyalty.domain.movements.credit import Grant, credit_points
from loyalty.domain.wallets.activation_rules import NOT_USED, activation_problems
from loyalty.domain.wallets.settings import Activity, EarningLimit, LimitType, Settings, SpendingLimit, WhenExceeded
from loyalty.domain.wallets.wallet import Wallet, WalletStatus
from loyalty.errors import EarningLimitReached

EXAMPLE_POINTS = 100
"""The number of points in the examples."""

DATED_GROUPS = {
    "expiration": "expiration",
    "pending": "pending",
    "earningLimits": "earning_limits",
    "spendingLimits": "spending_limits",
    "notices": "notices",
}
"""Groups of settings that decide examples, each with its attribute."""


class ForecastEvent(StrEnum):
    """What happens to points that are earned now, or a limit that applies. UNKNOWN: the settings are incomplete."""

    GRANTED = "GRANTED"
    REFUSED = "REFUSED"
    ACTIVATES = "ACTIVATES"
    CANCELED = "CANCELED"
    EXPIRES = "EXPIRES"
    NEVER_EXPIRES = "NEVER_EXPIRES"
    NOTICE = "NOTICE"
    EARNING_LIMIT = "EARNING_LIMIT"
    SPENDING_LIMIT = "SPENDING_LIMIT"
    UNKNOWN = "UNKNOWN"


class Condition(StrEnum):
    """The condition of an example: an event or an activity that must happen, or must not happen."""

    EVENT = "EVENT"
    NO_EVENT = "NO_EVENT"
    NO_ACTIVITY = "NO_ACTIVITY"


@dataclass(frozen=True, slots=True)
class Example:
    event: ForecastEvent
    rule: str
    """The path of the setting that decides."""
    points: int
    text: str
    at: int | None = None
    day: date | None = None
    """The local day of `at`; for an expiry the last usable day, for a limit the last day that counts."""
    condition: Condition | None = None


def forecast_examples(settings: Settings, at: int, zone: ZoneInfo, points: int = EXAMPLE_POINTS) -> list[Example]:
    """Returns what would happen to points earned at `at` by a customer without a card, in order.

    A group that needs action has no forecast, and the examples report only this fact.
    """
    problems = [problem for problem in activation_problems(settings) if problem.code != NOT_USED]
    incomplete = DATED_GROUPS.keys() & {problem.field.split(".")[0].split("[")[0] for problem in problems}
    blank = Settings(name=settings.name)
    settings = replace(settings, **{DATED_GROUPS[group]: getattr(blank, DATED_GROUPS[group]) for group in incomplete})
    examples: list[Example] = []
    for group, group_examples in (
        ("earningLimits", _grant_examples(settings, at, zone, points)),
        ("pending", _activation_examples(settings, at, zone, points)),
        ("expiration", _expiry_examples(settings, at, zone, points)),
        ("notices", _notice_examples(settings, at, zone, points)),
        ("earningLimits", _earning_limit_examples(settings, at, zone, points)),
        ("spendingLimits", _spending_limit_examples(settings, at, zone, points)),
    ):
        if group not in incomplete:
            examples += group_examples
        elif not any(example.rule == group for example in examples):
            examples.append(Example(ForecastEvent.UNKNOWN, group, points, f"No forecast: {group} needs action."))
    return examples


def _grant_examples(settings: Settings, at: int, zone: ZoneInfo, points: int) -> Iterator[Example]:
    try:
        allowed = _allowance(settings, at, zone, points)
    except EarningLimitReached as refusal:
        room = _passing_points(settings, at, zone, points)
        limit = refusal.extensions["limit"]
        text = f"A credit of {_points(points)} is refused by {limit}. A credit of {_points(room)} is granted."
        yield Example(ForecastEvent.REFUSED, str(limit), 0, text, at, local_day(at, zone))
        return
    if allowed.capped_by:
        text = f"{allowed.points:,} of {_points(points)} are granted: {allowed.capped_by} cuts the rest."
    else:
        text = f"{_points(points)} are granted."
    yield Example(
        ForecastEvent.GRANTED, allowed.capped_by or "earningLimits", allowed.points, text, at, local_day(at, zone)
    )


def _activation_examples(settings: Settings, at: int, zone: ZoneInfo, points: int) -> Iterator[Example]:
    activates_at, cancel_at, _, points = _trial_credit(settings, at, zone, points)
    if activates_at == BY_EVENT:
        names = " or ".join(settings.pending.events)
        text = f"The points become usable when {names} arrives."
        if not cancel_at:
            text += " Without an event, the points stay pending for ever."
        yield Example(ForecastEvent.ACTIVATES, "pending", points, text, condition=Condition.EVENT)
        if cancel_at:
            text = f"Without {names}, the points are canceled {_from(cancel_at, zone)}."
            day = local_day(cancel_at, zone)
            yield Example(ForecastEvent.CANCELED, "pending", points, text, cancel_at, day, Condition.NO_EVENT)
        return
    usable = "at once" if activates_at <= at else _from(activates_at, zone)
    text = f"The points become usable {usable}."
    yield Example(ForecastEvent.ACTIVATES, "pending", points, text, activates_at, local_day(activates_at, zone))


def _expiry_examples(settings: Settings, at: int, zone: ZoneInfo, points: int) -> Iterator[Example]:
    activates_at, _, expires_at, points = _trial_credit(settings, at, zone, points)
    if expires_at == NEVER:
        yield Example(ForecastEvent.NEVER_EXPIRES, "expiration", points, "The points never expire.")
        return
    slides = expires_at < NEVER
    expires_at = abs(expires_at)
    condition = Condition.NO_ACTIVITY if slides else None
    until = _until(expires_at, zone)
    if activates_at == BY_EVENT:
        condition = condition or Condition.EVENT
        text = f"If the event arrived now, points would be usable {until}: the expiry counts from the activation."
    else:
        text = f"The points are usable {until}, then they expire."
    if slides:
        text += f" Before that, {_reset_names(settings)} moves the expiry ahead."
    day = local_day(expires_at - 1, zone)
    yield Example(ForecastEvent.EXPIRES, "expiration", points, text, expires_at, day, condition)


def _notice_examples(settings: Settings, at: int, zone: ZoneInfo, points: int) -> Iterator[Example]:
    """Yields the notices of dates far enough ahead. The credit itself announces nearer dates."""
    activates_at, _, expires_at, points = _trial_credit(settings, at, zone, points)
    needs = Condition.EVENT if activates_at == BY_EVENT else None
    needs = Condition.NO_ACTIVITY if expires_at < NEVER else needs
    usable_at = max(activates_at, at)
    notices: list[tuple[int, Example]] = []
    for coming, happens_at, since, condition in (
        (NoticeKind.ACTIVATION, activates_at, at, None),
        (NoticeKind.EXPIRY, abs(expires_at), usable_at, needs),
    ):
        name, group, periods = _notice_settings(settings, coming)
        for place, ahead in enumerate(periods):
            notice_at = coming.notice_at(happens_at, ahead, zone) if happens_at else NEVER
            if notice_at > since:
                units = f"{ahead.every:,} {ahead.unit.lower()}{'s' if ahead.every > 1 else ''}"
                text = f"{name} is sent {_from(notice_at, zone)}, {units} ahead."
                rule, day = f"notices.{group}[{place}]", local_day(notice_at, zone)
                notices.append(
                    (notice_at, Example(ForecastEvent.NOTICE, rule, points, text, notice_at, day, condition))
                )
    yield from (example for _, example in sorted(notices, key=lambda one: one[0]))


def _notice_settings(settings: Settings, coming: NoticeKind) -> tuple[str, str, tuple[Period, ...]]:
    """Returns the event of a notice, and the setting with its periods."""
    if coming is NoticeKind.EXPIRY:
        return "Points Expiring Soon", "expiring", settings.notices.expiring
    return "Points Activating Soon", "activating", settings.notices.activating


def _earning_limit_examples(settings: Settings, at: int, zone: ZoneInfo, points: int) -> Iterator[Example]:
    limits = settings.earning_limits
    if limits.global_.max is not None and limits.global_.type is not LimitType.NO_LIMIT:
        over = {
            LimitType.BALANCE_BASED: "A card holds at most {max}, including pending and held points",
            LimitType.TIME_BASED: "A card earns at most {max} a {unit}",
        }[limits.global_.type]
        yield _limit_example(
            ForecastEvent.EARNING_LIMIT, "earningLimits.global", limits.global_, over, at, zone, points
        )
    own = limits.transaction
    if own.max_points is not None:
        text = f"One credit grants at most {_points(own.max_points)}; {_excess_text(own.when_exceeded)}."
        yield Example(
            ForecastEvent.EARNING_LIMIT, "earningLimits.transaction.maxPoints", min(points, own.max_points), text
        )
    if own.min_amount is not None:
        text = f"A credit for an order is refused below an order amount of {own.min_amount:,} minor units."
        yield Example(ForecastEvent.EARNING_LIMIT, "earningLimits.transaction.minAmount", points, text)


def _spending_limit_examples(settings: Settings, at: int, zone: ZoneInfo, points: int) -> Iterator[Example]:
    limits = settings.spending_limits
    if limits.global_.max is not None and limits.global_.type is not LimitType.NO_LIMIT:
        over = {
            LimitType.SPENDING_BASED: "A card spends at most {max} in its life",
            LimitType.TIME_BASED: "A card spends at most {max} a {unit}",
        }[limits.global_.type]
        yield _limit_example(
            ForecastEvent.SPENDING_LIMIT, "spendingLimits.global", limits.global_, over, at, zone, points
        )
    own = limits.transaction
    if own.max_points is not None:
        text = f"One debit takes at most {_points(own.max_points)}; {_excess_text(own.when_exceeded, spending=True)}."
        yield Example(
            ForecastEvent.SPENDING_LIMIT, "spendingLimits.transaction.maxPoints", min(points, own.max_points), text
        )


def _limit_example(
    event: ForecastEvent,
    rule: str,
    limit: EarningLimit | SpendingLimit,
    over: str,
    at: int,
    zone: ZoneInfo,
    points: int,
) -> Example:
    assert limit.max is not None, "the caller passes limits that have a maximum"
    text = over.format(max=_points(limit.max), unit=(limit.unit or "").lower())
    text += f"; {_excess_text(limit.when_exceeded, spending=event is ForecastEvent.SPENDING_LIMIT)}."
    ends_at, day = None, None
    if limit.type is LimitType.TIME_BASED and limit.unit:
        day = _last_day(local_day(at, zone), limit.unit)
        ends_at = start_of_day(day + timedelta(days=1), zone)
        text += f" The count starts again after {_day(day)}."
    return Example(event, rule, min(points, limit.max), text, ends_at, day)


def _excess_text(when: WhenExceeded, *, spending: bool = False) -> str:
    if when is WhenExceeded.REJECT:
        return "more is refused"
    return "more is cut if the debit has allowPartial, otherwise refused" if spending else "more is cut"


def _trial_credit(settings: Settings, at: int, zone: ZoneInfo, points: int) -> tuple[int, int, int, int]:
    """Returns when points earned now become active, are canceled and expire, and how many pass the limits."""
    points = _passing_points(settings, at, zone, points)
    wallet = Wallet(
        wallet_id="",
        version=1,
        status=WalletStatus.ACTIVE,
        settings=settings,
        time_zone=zone.key,
        currency="",
        created_at=at,
        created_by="",
        updated_at=at,
    )
    _, movement = credit_points(_empty_card(at), Grant(points), wallet, at)
    for lot in movement.lots:
        return at, 0, lot.expires_at, points
    (pending_lot,) = movement.pending_lots
    by_event = pending_lot.activates_at == BY_EVENT
    expires_at = settings.expiration.expiry_from(at, zone) if by_event else pending_lot.expires_at
    return pending_lot.activates_at, pending_lot.cancel_at, expires_at, points


def _allowance(settings: Settings, at: int, zone: ZoneInfo, points: int) -> Allowance:
    return earning_allowance(_empty_card(at), points, settings, local_day(at, zone), order_id=None, order=None)


def _passing_points(settings: Settings, at: int, zone: ZoneInfo, points: int) -> int:
    """Returns the maximum of these points that one credit may grant."""
    while True:
        try:
            return _allowance(settings, at, zone, points).points
        except EarningLimitReached as refusal:
            # The number falls at every turn and never reaches 0: a limit is at least 1, and the card is empty.
            points = int(refusal.extensions["room"])


def _empty_card(at: int) -> Card:
    return Card(card_id="", wallet_id="", customer_id="", shard=0, at=at)


def _reset_names(settings: Settings) -> str:
    expiration = settings.expiration
    names = [activity.lower() for activity in expiration.reset_by if activity is not Activity.CUSTOM_EVENT]
    if Activity.CUSTOM_EVENT in expiration.reset_by:
        names += expiration.events
    return " or ".join(names)


def _last_day(day: date, unit: CalendarUnit) -> date:
    match unit:
        case CalendarUnit.DAY:
            return day
        case CalendarUnit.WEEK:
            return day + timedelta(days=6 - day.weekday())
        case CalendarUnit.MONTH:
            return rounded_day(day, Rounding.END_OF_MONTH)
        case CalendarUnit.QUARTER:
            return rounded_day(day, Rounding.END_OF_QUARTER)
        case CalendarUnit.YEAR:
            return rounded_day(day, Rounding.END_OF_YEAR)


def _from(at: int, zone: ZoneInfo) -> str:
    """Returns `on 6 March 2027`, with the time of day if it is not midnight."""
    if at == start_of_day(local_day(at, zone), zone):
        return f"on {_day(local_day(at, zone))}"
    return f"on {_time(at, zone)}"


def _until(at: int, zone: ZoneInfo) -> str:
    """Returns `until` and the instant, which is excluded; `until the end of 5 March 2027` for a midnight."""
    if at == start_of_day(local_day(at, zone), zone):
        return f"until the end of {_day(local_day(at - 1, zone))}"
    return f"until {_time(at, zone)}"


def _time(at: int, zone: ZoneInfo) -> str:
    local = datetime.fromtimestamp(at, zone)
    return f"{_day(local.date())} at {local:%H:%M} ({zone.key}; {datetime_of(at):%Y-%m-%dT%H:%M:%SZ})"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _points(points: int) -> str:
    return "1 point" if points == 1 else f"{points:,} points"
