"""Activation rules: what settings need before their wallet may be ACTIVE, in the order of the builder's steps."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from loyalty.domain.dates import EVERY_MAX, AnnualDate, Rounding, Unit
from loyalty.domain.formulas.parser import UNKNOWN_EXPRESSION, compiled
from loyalty.domain.schema import Property, schema_problems
from loyalty.domain.wallets.codes import POSSIBLE_CODES_MIN
from loyalty.domain.wallets.settings import (
    Activity,
    EarnedRefundType,
    Expiration,
    ExpirationType,
    ExpiredLots,
    LimitType,
    PaymentType,
    Pending,
    PendingType,
    RevocationMode,
    Settings,
)
from loyalty.errors import FieldProblem, InvalidFormula

DAYS_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class Known:
    """The parts of the project that settings refer to."""

    events: Collection[str] | None = None
    """Names of the project's event definitions; None if events are not checked."""
    schema: Sequence[Property] = ()
    """The schema of wallet metadata."""


BY_THEMSELVES = Known()
"""Settings are checked without their project."""


def action_required(settings: Settings, known: Known = BY_THEMSELVES) -> list[FieldProblem]:
    """Returns the problems that a builder must correct, in the order of the steps."""
    problems: list[FieldProblem] = []
    for step in (_general, _code, _expiration, _pending, _limits, _payment, _refunds, _notices):
        problems += step(settings)
    if known.events is not None:
        problems += _events(settings, known.events)
    unfit = schema_problems(known.schema, settings.metadata, "metadata")
    return problems + [replace(problem, step="metadata") for problem in unfit]


def _general(settings: Settings) -> Iterator[FieldProblem]:
    if settings.negative_limit is not None and not settings.allow_negative_balance:
        message = "negativeLimit needs allowNegativeBalance."
        yield FieldProblem("negativeLimit", "needs_negative_balance", message, step="general")
    if settings.allow_negative_balance and settings.expiration.type is not ExpirationType.NO_EXPIRATION:
        message = "Points of a wallet with allowNegativeBalance never expire: choose NO_EXPIRATION."
        yield FieldProblem("expiration.type", "negative_balance_needs_no_expiration", message, step="expiration")


def _code(settings: Settings) -> Iterator[FieldProblem]:
    if settings.code.problem:
        yield FieldProblem("code.pattern", "code_too_long", settings.code.problem, step="code")
    elif settings.code.possible < POSSIBLE_CODES_MIN:
        message = f"Only {settings.code.possible:,} codes are possible; a wallet needs at least {POSSIBLE_CODES_MIN:,}."
        yield FieldProblem("code.length", "too_few_codes", message, step="code")


def _expiration(settings: Settings) -> Iterator[FieldProblem]:
    expiration = settings.expiration
    if expiration.type in (ExpirationType.ROLLING_EXPIRATION, ExpirationType.SLIDING_EXPIRATION):
        yield from _period("expiration", expiration)
    to_month = expiration.rounding is Rounding.END_OF_PARTICULAR_MONTH
    if expiration.type is ExpirationType.ROLLING_EXPIRATION and to_month and expiration.month is None:
        yield FieldProblem("expiration.month", "required", "Choose the month.", step="expiration")
    if expiration.type is ExpirationType.CALENDAR_EXPIRATION:
        yield from _dates("expiration", expiration.dates)
    if expiration.type is ExpirationType.SLIDING_EXPIRATION:
        if not expiration.reset_by:
            yield FieldProblem("expiration.resetBy", "required", "Choose at least one activity.", step="expiration")
        if Activity.CUSTOM_EVENT in expiration.reset_by and not expiration.events:
            yield FieldProblem("expiration.events", "required", "Name at least one custom event.", step="expiration")


def _pending(settings: Settings) -> Iterator[FieldProblem]:
    pending = settings.pending
    if pending.type is PendingType.PERIOD_BASED:
        yield from _period("pending", pending)
    if pending.type is PendingType.FIXED_DATES:
        yield from _dates("pending", pending.dates)
    if pending.type is PendingType.EVENT_BASED:
        if not pending.events:
            yield FieldProblem("pending.events", "required", "Name the events that activate points.", step="pending")
        if pending.cancel_after and pending.cancel_after.every > EVERY_MAX[pending.cancel_after.unit]:
            yield _too_long("pending.cancelAfter.every", pending.cancel_after.unit, "pending")


def _limits(settings: Settings) -> Iterator[FieldProblem]:
    groups = (("earningLimits", settings.earning_limits.global_), ("spendingLimits", settings.spending_limits.global_))
    for step, limit in groups:
        if limit.type is not LimitType.NO_LIMIT and limit.max is None:
            yield FieldProblem(f"{step}.global.max", "required", "Set the number of points.", step=step)
        if limit.type is LimitType.TIME_BASED and limit.unit is None:
            yield FieldProblem(f"{step}.global.unit", "required", "Choose the calendar period.", step=step)


def _payment(settings: Settings) -> Iterator[FieldProblem]:
    payment = settings.pay_with_points
    if payment.type is PaymentType.NO_PAYMENTS:
        return
    if payment.formula is None:
        message = "Set the points that pay for one minor unit."
        yield FieldProblem("payWithPoints.formula", "required", message, step="payWithPoints")
        return
    try:
        compiled(payment.formula, payment.expressions)
    except InvalidFormula as refusal:
        (problem,) = refusal.errors
        if problem.code == UNKNOWN_EXPRESSION:
            yield FieldProblem("payWithPoints.formula", "unknown_expression", problem.message, step="payWithPoints")
        else:
            yield FieldProblem("payWithPoints.formula", "invalid_formula", problem.message, step="payWithPoints")


def _refunds(settings: Settings) -> Iterator[FieldProblem]:
    spent, earned = settings.refunds.spent, settings.refunds.earned
    if spent.expired_lots is ExpiredLots.GRACE and spent.grace_days is None:
        yield FieldProblem("refunds.spent.graceDays", "required", "Set the number of grace days.", step="refunds")
    if earned.type is EarnedRefundType.REVOKE_FROM_PENDING and settings.pending.type is PendingType.IMMEDIATE:
        message = "Points that are active at once are never pending, so no points would be revoked."
        yield FieldProblem("refunds.earned.type", "needs_pending", message, step="refunds")
    if earned.mode is RevocationMode.REVOKE_BELOW_ZERO and not settings.allow_negative_balance:
        message = "REVOKE_BELOW_ZERO needs allowNegativeBalance."
        yield FieldProblem("refunds.earned.mode", "needs_negative_balance", message, step="refunds")


def _notices(settings: Settings) -> Iterator[FieldProblem]:
    groups = (("expiring", settings.notices.expiring), ("activating", settings.notices.activating))
    for group, periods in groups:
        for place, period in enumerate(periods):
            field = f"notices.{group}[{place}]"
            if period.every > EVERY_MAX[period.unit]:
                yield _too_long(f"{field}.every", period.unit, "notices")
            if period.plain in (other.plain for other in periods[:place]):
                message = f"{period.every} {period.unit} is listed twice: remove one of them."
                yield FieldProblem(field, "duplicate", message, step="notices")


def _events(settings: Settings, known: Collection[str]) -> Iterator[FieldProblem]:
    for step, names in (("expiration", settings.expiration.events), ("pending", settings.pending.events)):
        for place, name in enumerate(names):
            if name not in known:
                message = f"There is no event definition {name}."
                yield FieldProblem(f"{step}.events[{place}]", "unknown_event", message, step=step)


def _period(step: str, group: Expiration | Pending) -> Iterator[FieldProblem]:
    if group.every is None:
        yield FieldProblem(f"{step}.every", "required", "Set the number of units.", step=step)
    if group.unit is None:
        yield FieldProblem(f"{step}.unit", "required", "Choose the unit.", step=step)
    if group.every is not None and group.unit is not None and group.every > EVERY_MAX[group.unit]:
        yield _too_long(f"{step}.every", group.unit, step)


def _dates(step: str, dates: Sequence[AnnualDate]) -> Iterator[FieldProblem]:
    if not dates:
        yield FieldProblem(f"{step}.dates", "required", "Add at least one date.", step=step)
    for place, annual in enumerate(dates):
        if annual.day > DAYS_OF_MONTH[annual.month - 1]:
            message = f"Month {annual.month} has no day {annual.day} in any year."
            yield FieldProblem(f"{step}.dates[{place}].day", "no_such_date", message, step=step)


def _too_long(field: str, unit: Unit, step: str) -> FieldProblem:
    return FieldProblem(field, "too_long", f"The maximum with unit {unit} is {EVERY_MAX[unit]:,}.", step=step)
