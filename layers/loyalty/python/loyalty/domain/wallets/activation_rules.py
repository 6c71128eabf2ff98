"""What keeps a wallet from being ACTIVE: one table of rules, in the order of the builder's steps."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from loyalty.domain.dates import EVERY_MAX, AnnualDate, Rounding, Unit
from loyalty.domain.formulas.parser import UNKNOWN_EXPRESSION, formula_from
from loyalty.domain.formulas.tree import Inputs
from loyalty.domain.formulas.values import plain
from loyalty.domain.schema import Property, schema_problems
from loyalty.domain.wallets.codes import POSSIBLE_CODES_MIN
from loyalty.domain.wallets.settings import (
    Activity,
    EarnedRefundType,
    ExpirationType,
    ExpiredLots,
    LimitType,
    PaymentType,
    PendingType,
    RevocationMode,
    Settings,
)
from loyalty.errors import FieldProblem, FormulaInputMissing, FormulaNotComputable, InvalidFormula

DAYS_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
PERIODIC = (ExpirationType.ROLLING_EXPIRATION, ExpirationType.SLIDING_EXPIRATION)


@dataclass(frozen=True, slots=True)
class ProjectReferences:
    """The parts of the project that settings refer to."""

    events: Collection[str] | None = None
    """Names of the project's event definitions; None if events are not checked."""
    schema: Sequence[Property] = ()
    """The schema of wallet metadata."""


STEP_OF = {"negativeLimit": "general", "notices": "expiration"}
"""The builder's steps of settings that are not in a group with the name of their step."""

NO_PROJECT = ProjectReferences()
"""Settings are checked without their project."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Settings that break a rule. `place` is the index in the field's list; `detail` replaces the rule's sentence."""

    place: int | None = None
    detail: str | None = None


Check = Callable[[Settings, ProjectReferences], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    field: str
    """Path of the setting to correct; `[]` is any place in a list."""
    code: str
    sentence: str
    check: Check

    @property
    def step(self) -> str:
        group = re.split(r"[.\[]", self.field)[0]
        return STEP_OF.get(group, group)

    def problems(self, settings: Settings, project: ProjectReferences) -> Iterator[FieldProblem]:
        for found in self.check(settings, project):
            field = self.field if found.place is None else self.field.replace("[]", f"[{found.place}]")
            yield FieldProblem(field, self.code, found.detail or self.sentence, step=self.step)


def activation_problems(settings: Settings, project: ProjectReferences = NO_PROJECT) -> list[FieldProblem]:
    """Returns the problems that a builder must correct, in the order of the steps."""
    problems = [problem for rule in RULES for problem in rule.problems(settings, project)]
    unfit = schema_problems(project.schema, settings.metadata, "metadata")
    return problems + [replace(problem, step="metadata") for problem in unfit]


def _if(condition: Callable[[Settings], bool]) -> Check:
    return lambda settings, _: [Finding()] if condition(settings) else []


def _code_too_long(settings: Settings, _: ProjectReferences) -> Iterator[Finding]:
    if settings.code.problem:
        yield Finding(detail=settings.code.problem)


def _too_few_codes(field: str) -> Check:
    def check(settings: Settings, _: ProjectReferences) -> Iterator[Finding]:
        code = settings.code
        if code.decisive_field == field and not code.problem and code.possible_codes < POSSIBLE_CODES_MIN:
            possible = f"{code.possible_codes:,} codes are possible"
            yield Finding(detail=f"Only {possible}; a wallet needs at least {POSSIBLE_CODES_MIN:,}.")

    return check


def _too_long(period_of: Callable[[Settings], tuple[int | None, Unit | None] | None]) -> Check:
    def check(settings: Settings, _: ProjectReferences) -> Iterator[Finding]:
        every, unit = period_of(settings) or (None, None)
        if every is not None and unit is not None and every > EVERY_MAX[unit]:
            yield Finding(detail=_maximum(unit))

    return check


def _maximum(unit: Unit) -> str:
    return f"The maximum is {EVERY_MAX[unit]:,} with unit {unit}."


def _no_such_date(dates_of: Callable[[Settings], Sequence[AnnualDate]]) -> Check:
    def check(settings: Settings, _: ProjectReferences) -> Iterator[Finding]:
        for place, annual in enumerate(dates_of(settings)):
            if annual.day > DAYS_OF_MONTH[annual.month - 1]:
                yield Finding(place, f"No year has the day {annual.month:02d}-{annual.day:02d}.")

    return check


def _unknown_event(names_of: Callable[[Settings], Sequence[str]]) -> Check:
    def check(settings: Settings, project: ProjectReferences) -> Iterator[Finding]:
        for place, name in enumerate(names_of(settings)):
            if project.events is not None and name not in project.events:
                yield Finding(place, f"There is no event definition {name}.")

    return check


def _formula(*, unknown_expression: bool) -> Check:
    def check(settings: Settings, _: ProjectReferences) -> Iterator[Finding]:
        payment = settings.pay_with_points
        if payment.type is PaymentType.NO_PAYMENTS or payment.formula is None:
            return
        try:
            formula_from(payment.formula, payment.expressions)
        except InvalidFormula as refusal:
            (problem,) = refusal.errors
            if (problem.code == UNKNOWN_EXPRESSION) is unknown_expression:
                yield Finding(detail=problem.message)

    return check


def _formula_never_positive(settings: Settings, _: ProjectReferences) -> Iterator[Finding]:
    """Finds a formula without a positive value for any payment: its evaluation reads no input, so it never differs."""
    payment = settings.pay_with_points
    if payment.type is PaymentType.NO_PAYMENTS or payment.formula is None:
        return
    try:
        value = formula_from(payment.formula, payment.expressions).evaluate(Inputs()).value
    except (InvalidFormula, FormulaInputMissing):
        return
    except FormulaNotComputable as refusal:
        yield Finding(detail=refusal.detail)
        return
    if value <= 0:
        yield Finding(detail=f"The formula gives {plain(value)} for every order.")


def _notice_too_long(group: str) -> Check:
    def check(settings: Settings, _: ProjectReferences) -> Iterator[Finding]:
        for place, period in enumerate(getattr(settings.notices, group)):
            if period.every > EVERY_MAX[period.unit]:
                yield Finding(place, _maximum(period.unit))

    return check


def _notice_duplicate(group: str) -> Check:
    def check(settings: Settings, _: ProjectReferences) -> Iterator[Finding]:
        periods = getattr(settings.notices, group)
        for place, period in enumerate(periods):
            if period.in_smallest_unit in (other.in_smallest_unit for other in periods[:place]):
                yield Finding(place)

    return check


def _is_periodic(settings: Settings) -> bool:
    return settings.expiration.type in PERIODIC


def _needs_month(settings: Settings) -> bool:
    expiration = settings.expiration
    to_month = expiration.rounding is Rounding.END_OF_PARTICULAR_MONTH
    return expiration.type is ExpirationType.ROLLING_EXPIRATION and to_month and expiration.month is None


def _slides(settings: Settings) -> bool:
    return settings.expiration.type is ExpirationType.SLIDING_EXPIRATION


def _calendar_dates(settings: Settings) -> Sequence[AnnualDate]:
    expiration = settings.expiration
    return expiration.dates if expiration.type is ExpirationType.CALENDAR_EXPIRATION else ()


def _pending_dates(settings: Settings) -> Sequence[AnnualDate]:
    return settings.pending.dates if settings.pending.type is PendingType.FIXED_DATES else ()


def _has_pending(type_: PendingType) -> Callable[[Settings], bool]:
    return lambda settings: settings.pending.type is type_


def _cancel_after(settings: Settings) -> tuple[int | None, Unit | None] | None:
    after = settings.pending.cancel_after
    if settings.pending.type is not PendingType.EVENT_BASED or after is None:
        return None
    return after.every, after.unit


NOT_USED = "not_used"
ENOUGH_CODES = f"At least {POSSIBLE_CODES_MIN:,} different codes must be possible: fewer codes can be guessed."
NEEDS_PERIOD = "ROLLING_EXPIRATION and SLIDING_EXPIRATION need a period."
NEEDS_PENDING_PERIOD = "PERIOD_BASED needs a period."
WITHIN_MAXIMUM = "A period must not be longer than the maximum of its unit."
DATE_EXISTS = "A date must exist in some years at least, such as 29 February."
EVENT_DEFINED = "Each event in the list needs an event definition."
LIMIT_NEEDS_MAX = "A limit needs a maximum number of points."
LIMIT_NEEDS_UNIT = "TIME_BASED needs a calendar period."
LISTED_ONCE = "Each period may be listed once; 1 WEEK is the same as 7 DAY."
PERIOD_BASED, FIXED_DATES, EVENT_BASED = map(
    _has_pending, (PendingType.PERIOD_BASED, PendingType.FIXED_DATES, PendingType.EVENT_BASED)
)

COMPLETENESS = (
    Rule(
        "negativeLimit",
        "needs_negative_balance",
        "negativeLimit needs allowNegativeBalance.",
        _if(lambda s: s.negative_limit is not None and not s.allow_negative_balance),
    ),
    Rule(
        "expiration.type",
        "negative_balance_needs_no_expiration",
        "Points of a wallet with allowNegativeBalance never expire: choose NO_EXPIRATION.",
        _if(lambda s: s.allow_negative_balance and s.expiration.type is not ExpirationType.NO_EXPIRATION),
    ),
    Rule(
        "code.pattern",
        "code_too_long",
        "Prefix, pattern and postfix together must not exceed the maximum length of a code.",
        _code_too_long,
    ),
    Rule("code.length", "too_few_codes", ENOUGH_CODES, _too_few_codes("length")),
    Rule("code.pattern", "too_few_codes", ENOUGH_CODES, _too_few_codes("pattern")),
    Rule("expiration.every", "required", NEEDS_PERIOD, _if(lambda s: _is_periodic(s) and s.expiration.every is None)),
    Rule("expiration.unit", "required", NEEDS_PERIOD, _if(lambda s: _is_periodic(s) and s.expiration.unit is None)),
    Rule(
        "expiration.every",
        "too_long",
        WITHIN_MAXIMUM,
        _too_long(lambda s: (s.expiration.every, s.expiration.unit) if _is_periodic(s) else None),
    ),
    Rule("expiration.month", "required", "END_OF_PARTICULAR_MONTH needs a month.", _if(_needs_month)),
    Rule(
        "expiration.dates",
        "required",
        "CALENDAR_EXPIRATION needs a date.",
        _if(lambda s: s.expiration.type is ExpirationType.CALENDAR_EXPIRATION and not s.expiration.dates),
    ),
    Rule("expiration.dates[].day", "no_such_date", DATE_EXISTS, _no_such_date(_calendar_dates)),
    Rule(
        "expiration.resetBy",
        "required",
        "SLIDING_EXPIRATION needs an activity in resetBy.",
        _if(lambda s: _slides(s) and not s.expiration.reset_by),
    ),
    Rule(
        "expiration.events",
        "required",
        "CUSTOM_EVENT in resetBy needs the names of the events.",
        _if(lambda s: _slides(s) and Activity.CUSTOM_EVENT in s.expiration.reset_by and not s.expiration.events),
    ),
    Rule("expiration.events[]", "unknown_event", EVENT_DEFINED, _unknown_event(lambda s: s.expiration.events)),
    Rule("notices.expiring[].every", "too_long", WITHIN_MAXIMUM, _notice_too_long("expiring")),
    Rule("notices.expiring[]", "duplicate", LISTED_ONCE, _notice_duplicate("expiring")),
    Rule("notices.activating[].every", "too_long", WITHIN_MAXIMUM, _notice_too_long("activating")),
    Rule("notices.activating[]", "duplicate", LISTED_ONCE, _notice_duplicate("activating")),
    Rule("pending.every", "required", NEEDS_PENDING_PERIOD, _if(lambda s: PERIOD_BASED(s) and s.pending.every is None)),
    Rule("pending.unit", "required", NEEDS_PENDING_PERIOD, _if(lambda s: PERIOD_BASED(s) and s.pending.unit is None)),
    Rule(
        "pending.every",
        "too_long",
        WITHIN_MAXIMUM,
        _too_long(lambda s: (s.pending.every, s.pending.unit) if PERIOD_BASED(s) else None),
    ),
    Rule(
        "pending.dates",
        "required",
        "FIXED_DATES needs a date.",
        _if(lambda s: FIXED_DATES(s) and not s.pending.dates),
    ),
    Rule("pending.dates[].day", "no_such_date", DATE_EXISTS, _no_such_date(_pending_dates)),
    Rule(
        "pending.events",
        "required",
        "EVENT_BASED needs the names of the events.",
        _if(lambda s: EVENT_BASED(s) and not s.pending.events),
    ),
    Rule("pending.events[]", "unknown_event", EVENT_DEFINED, _unknown_event(lambda s: s.pending.events)),
    Rule("pending.cancelAfter.every", "too_long", WITHIN_MAXIMUM, _too_long(_cancel_after)),
    Rule(
        "earningLimits.global.max",
        "required",
        LIMIT_NEEDS_MAX,
        _if(lambda s: (g := s.earning_limits.global_).type is not LimitType.NO_LIMIT and g.max is None),
    ),
    Rule(
        "earningLimits.global.unit",
        "required",
        LIMIT_NEEDS_UNIT,
        _if(lambda s: (g := s.earning_limits.global_).type is LimitType.TIME_BASED and g.unit is None),
    ),
    Rule(
        "spendingLimits.global.max",
        "required",
        LIMIT_NEEDS_MAX,
        _if(lambda s: (g := s.spending_limits.global_).type is not LimitType.NO_LIMIT and g.max is None),
    ),
    Rule(
        "spendingLimits.global.unit",
        "required",
        LIMIT_NEEDS_UNIT,
        _if(lambda s: (g := s.spending_limits.global_).type is LimitType.TIME_BASED and g.unit is None),
    ),
    Rule(
        "payWithPoints.formula",
        "required",
        "EXCHANGE_RATIO needs a formula.",
        _if(lambda s: s.pay_with_points.type is not PaymentType.NO_PAYMENTS and s.pay_with_points.formula is None),
    ),
    Rule(
        "payWithPoints.formula",
        "invalid_formula",
        "A formula must be valid; the message has the position of the error.",
        _formula(unknown_expression=False),
    ),
    Rule(
        "payWithPoints.formula",
        "unknown_expression",
        "Each expression in the formula must exist.",
        _formula(unknown_expression=True),
    ),
    Rule(
        "payWithPoints.formula",
        "not_positive",
        "A formula without inputs must give a number above 0.",
        _formula_never_positive,
    ),
    Rule(
        "refunds.spent.graceDays",
        "required",
        "GRACE needs a number of days.",
        _if(lambda s: (r := s.refunds.spent).expired_lots is ExpiredLots.GRACE and r.grace_days is None),
    ),
    Rule(
        "refunds.earned.type",
        "needs_pending",
        "REVOKE_FROM_PENDING needs a pending.type other than IMMEDIATE.",
        _if(
            lambda s: (
                s.refunds.earned.type is EarnedRefundType.REVOKE_FROM_PENDING
                and s.pending.type is PendingType.IMMEDIATE
            )
        ),
    ),
    Rule(
        "refunds.earned.mode",
        "needs_negative_balance",
        "REVOKE_BELOW_ZERO needs allowNegativeBalance.",
        _if(lambda s: s.refunds.earned.mode is RevocationMode.REVOKE_BELOW_ZERO and not s.allow_negative_balance),
    ),
)


@dataclass(frozen=True, slots=True)
class Condition:
    """A value that another setting must have. A list must contain one of the values."""

    path: str
    values: tuple[object, ...] | None = None
    """Any one of these is enough; None for every value but null."""

    def is_met(self, settings: Settings) -> bool:
        value = _value_at(settings, self.path)
        if self.values is None:
            return value is not None
        return any(one in self.values for one in (value if isinstance(value, tuple) else (value,)))

    @property
    def in_words(self) -> str:
        name = self.path.rpartition(".")[2]
        values = " or ".join(map(str, self.values or ()))
        return values if name == "type" else f"{name} {values}".strip()


ROLLING = Condition("expiration.type", ("ROLLING_EXPIRATION",))
SLIDING = Condition("expiration.type", ("SLIDING_EXPIRATION",))
ROLLING_OR_SLIDING = Condition("expiration.type", PERIODIC)
WITH_PERIOD = Condition("pending.type", ("PERIOD_BASED",))
WITH_EVENTS = Condition("pending.type", ("EVENT_BASED",))
EARNING_LIMIT = Condition("earningLimits.global.type", ("BALANCE_BASED", "TIME_BASED"))
SPENDING_LIMIT = Condition("spendingLimits.global.type", ("SPENDING_BASED", "TIME_BASED"))

USED_WHEN: Mapping[str, tuple[Condition, ...]] = {
    "negativeLimit": (Condition("allowNegativeBalance", (True,)),),
    "code.length": (Condition("code.pattern", (None,)),),
    "expiration.every": (ROLLING_OR_SLIDING,),
    "expiration.unit": (ROLLING_OR_SLIDING,),
    "expiration.rounding": (ROLLING,),
    "expiration.month": (ROLLING, Condition("expiration.rounding", ("END_OF_PARTICULAR_MONTH",))),
    "expiration.dates": (Condition("expiration.type", ("CALENDAR_EXPIRATION",)),),
    "expiration.resetBy": (SLIDING,),
    "expiration.events": (SLIDING, Condition("expiration.resetBy", ("CUSTOM_EVENT",))),
    "pending.every": (WITH_PERIOD,),
    "pending.unit": (WITH_PERIOD,),
    "pending.dates": (Condition("pending.type", ("FIXED_DATES",)),),
    "pending.events": (WITH_EVENTS,),
    "pending.cancelAfter": (WITH_EVENTS,),
    "earningLimits.global.max": (EARNING_LIMIT,),
    "earningLimits.global.unit": (Condition("earningLimits.global.type", ("TIME_BASED",)),),
    "earningLimits.global.whenExceeded": (EARNING_LIMIT,),
    "earningLimits.transaction.whenExceeded": (Condition("earningLimits.transaction.maxPoints"),),
    "spendingLimits.global.max": (SPENDING_LIMIT,),
    "spendingLimits.global.unit": (Condition("spendingLimits.global.type", ("TIME_BASED",)),),
    "spendingLimits.global.whenExceeded": (SPENDING_LIMIT,),
    "spendingLimits.transaction.whenExceeded": (Condition("spendingLimits.transaction.maxPoints"),),
    "payWithPoints.formula": (Condition("payWithPoints.type", ("EXCHANGE_RATIO",)),),
    "refunds.spent.graceDays": (Condition("refunds.spent.expiredLots", ("GRACE",)),),
    "refunds.earned.mode": (Condition("refunds.earned.type", ("REVOKE_FROM_BALANCE",)),),
    "refunds.earned.of": (Condition("refunds.earned.type", ("REVOKE_FROM_PENDING", "REVOKE_FROM_BALANCE")),),
}
"""Settings that have an effect only if other settings meet all of these conditions."""

REPORTED_OTHERWISE = ("negativeLimit", "code.length")
"""Settings without a rule `not_used`: negativeLimit has a rule of its own, and a pattern overrides the length."""


def _unused_rule(path: str) -> Rule:
    """Returns the rule that a setting has its default, unless the other settings give it an effect."""
    default, conditions = _value_at(Settings(name=""), path), USED_WHEN[path]

    def is_unused(settings: Settings) -> bool:
        return _value_at(settings, path) != default and not all(one.is_met(settings) for one in conditions)

    partners = " and ".join(one.in_words for one in conditions)
    return Rule(path, NOT_USED, f"The setting has an effect only with {partners}.", _if(is_unused))


def _value_at(settings: Settings, path: str) -> object:
    names = ("global_" if name == "global" else re.sub("([A-Z])", r"_\1", name).lower() for name in path.split("."))
    return reduce(getattr, names, settings)


def _with_unused(rules: Sequence[Rule]) -> Iterator[Rule]:
    """Yields the rules, and after the last rule of each step the rules about its unused settings."""
    last = {rule.step: rule for rule in rules}
    unused = [_unused_rule(path) for path in USED_WHEN if path not in REPORTED_OTHERWISE]
    for rule in rules:
        yield rule
        if rule is last[rule.step]:
            yield from (one for one in unused if one.step == rule.step)


RULES = tuple(_with_unused(COMPLETENESS))
"""In the order of the steps. The metadata's own rules are those of the project's schema."""
