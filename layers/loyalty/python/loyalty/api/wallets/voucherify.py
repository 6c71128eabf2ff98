"""Voucherify's card definitions (Loyalty v2, as its API takes and answers them) in our words."""

from collections.abc import Iterator, Mapping
from typing import Any

from loyalty.api.wallets.mapping import Account, Conversion, Part, judged
from loyalty.domain.wallets.codes import CHARSETS, PLACEHOLDER

OWN_FIELDS = {
    "id": "The wallet gets an id of its own.",
    "object": "It says that this is a card definition.",
    "status": "The wallet's status is that of the request: DRAFT unless it says ACTIVE.",
    "created_at": "The wallet is created now.",
    "updated_at": "The wallet is created now.",
}
"""Fields of an answer of Voucherify's that say nothing about how points behave."""

NO_REFUNDS = {"type": "NONE"}


def converted(definition: Mapping[str, Any]) -> Conversion:
    """The definition's settings, and what became of each field. Whatever is no card definition's is told as unknown."""
    account = Account()
    _read(Part("", dict(definition), account))
    return judged(account)


def _read(definition: Part) -> None:
    definition.moves("name", "name")
    definition.moves("type", "type")
    for name, reason in OWN_FIELDS.items():
        if definition.value(name) is not None:
            definition.account.leaves(name, reason)
    balance = definition.part("balance_settings")
    if balance:
        balance.moves("allow_negative", "allowNegativeBalance")
        balance.closes()
    _read_code(definition.part("code_config"))
    _read_expiration(definition.part("points_expiration"))
    _read_pending(definition.part("pending_points"))
    _read_limits(definition.part("earning_limits"), "earningLimits")
    _read_limits(definition.part("spending_limits"), "spendingLimits")
    _read_payment(definition.part("pay_with_points"))
    _read_refunds(definition)
    if metadata := definition.value("metadata"):
        definition.account.takes("metadata", "metadata", metadata)
    definition.closes()


def _read_code(code: Part | None) -> None:
    if code is None:
        return
    charset = code.value("charset")
    if charset is not None:
        code.account.takes(code.at("charset"), "code.charset", _charset(charset))
    pattern = code.value("pattern")
    if isinstance(pattern, str) and pattern and not pattern.strip(PLACEHOLDER):
        # An answer always has a pattern; where it is placeholders only, it says no more than the length.
        code.value("length")
        code.account.takes(code.at("pattern"), "code.length", len(pattern))
    elif pattern is not None:
        if code.value("length") is not None:
            code.account.leaves(code.at("length"), "The pattern says how long a code is.")
        code.account.takes(code.at("pattern"), "code.pattern", pattern)
    else:
        code.moves("length", "code.length")
    code.moves("prefix", "code.prefix")
    code.moves("postfix", "code.postfix")
    code.closes()


def _charset(charset: Any) -> Any:
    """The name of a charset that has one."""
    if not isinstance(charset, str):
        return charset
    return next((name for name, known in CHARSETS.items() if set(known) == set(charset)), charset)


def _read_expiration(expiration: Part | None) -> None:
    if expiration is None:
        return
    kind = expiration.kind("NO_EXPIRATION", "ROLLING_EXPIRATION", "CALENDAR_EXPIRATION", "SLIDING_EXPIRATION")
    if kind is None:
        return
    expiration.account.takes(expiration.at("type"), "expiration.type", kind)
    if kind == "ROLLING_EXPIRATION" and (rolling := expiration.part("rolling_expiration")):
        _read_period(rolling.part("period"), "expiration")
        if rounding := rolling.part("rounding"):
            rounding.moves("type", "expiration.rounding")
            rounding.moves("value", "expiration.month")
            rounding.closes()
        rolling.closes()
    if kind == "CALENDAR_EXPIRATION" and (calendar := expiration.part("calendar_expiration")):
        calendar.moves("expiration_dates", "expiration.dates")
        calendar.closes()
    if kind == "SLIDING_EXPIRATION" and (sliding := expiration.part("sliding_expiration")):
        _read_period(sliding.part("period"), "expiration")
        _read_activities(sliding)
        sliding.closes()
    expiration.closes(f"Not used by {kind}.")


def _read_activities(sliding: Part) -> None:
    resets = {"earning_activity": "EARNING", "spending_activity": "SPENDING", "custom_activity": "CUSTOM_EVENT"}
    chosen = []
    sources = []
    for name, activity in resets.items():
        value = sliding.value(name)
        if value is True:
            chosen.append(activity)
            sources.append(sliding.at(name))
        elif value not in (None, False):
            sliding.account.leaves(sliding.at(name), "Not true or false.")
    if chosen:
        sliding.account.takes(", ".join(sources), "expiration.resetBy", chosen)
    if "CUSTOM_EVENT" in chosen:
        sliding.moves("custom_activity_types", "expiration.events")
    elif sliding.value("custom_activity_types"):
        sliding.account.leaves(sliding.at("custom_activity_types"), "Not used without custom_activity.")


def _read_pending(pending: Part | None) -> None:
    if pending is None:
        return
    kind = pending.kind("IMMEDIATE", "PERIOD_BASED", "FIXED_DATES", "EVENT_BASED")
    if kind is None:
        return
    pending.account.takes(pending.at("type"), "pending.type", kind)
    if kind == "PERIOD_BASED" and (period_based := pending.part("period_based")):
        _read_period(period_based.part("period"), "pending")
        period_based.closes()
    if kind == "FIXED_DATES" and (fixed_dates := pending.part("fixed_dates")):
        fixed_dates.moves("dates", "pending.dates")
        fixed_dates.closes()
    if kind == "EVENT_BASED" and (event_based := pending.part("event_based")):
        event_based.moves("event_types", "pending.events")
        _read_period(event_based.part("cancel_period"), "pending.cancelAfter")
        event_based.closes()
    pending.closes(f"Not used by {kind}.")


def _read_period(period: Part | None, target: str) -> None:
    if period is None:
        return
    period.moves("value", f"{target}.every")
    period.moves("unit", f"{target}.unit")
    period.closes()


def _read_limits(limits: Part | None, target: str) -> None:
    if limits is None:
        return
    whole = "BALANCE_BASED" if target == "earningLimits" else "SPENDING_BASED"
    for limit in _limits_of(limits.part("global"), 1):
        kind = limit.kind(whole, "TIME_BASED")
        if kind is None:
            continue
        limit.account.takes(limit.at("type"), f"{target}.global.type", kind)
        if kind == "TIME_BASED":
            _read_current_period(limit.part("period"), target)
            if points := limit.part("points"):
                points.moves("max", f"{target}.global.max")
                points.closes()
        else:
            limit.moves("max", f"{target}.global.max")
        limit.closes(f"Not used by {kind}.")
    seen = set()
    for limit in _limits_of(limits.part("transactions"), 2 if target == "earningLimits" else 1):
        known = ("POINTS", "SPENDING") if target == "earningLimits" else ("POINTS",)
        kind = limit.kind(*known)
        if kind is None:
            continue
        if kind in seen:
            limit.left = {"type": kind}
            limit.closes("Another limit of this type goes before.")
            continue
        seen.add(kind)
        if kind == "POINTS":
            limit.moves("max", f"{target}.transaction.maxPoints")
            if target == "earningLimits":
                # There, points beyond the maximum of one transaction are rejected in full, not cut.
                limit.account.takes(limit.at("type"), f"{target}.transaction.whenExceeded", "REJECT")
        else:
            limit.moves("min_amount", f"{target}.transaction.minAmount")
        limit.closes(f"Not used by {kind}.")
    limits.closes()


def _limits_of(scope: Part | None, most: int) -> Iterator[Part]:
    """The limits of a scope, if it is limited at all."""
    if scope is None:
        return
    kind = scope.kind("NO_LIMIT", "LIMITED")
    if kind == "LIMITED":
        limits = scope.parts("limits")
        if not limits:
            scope.account.leaves(scope.at("limits"), "LIMITED without a limit: nothing is limited.")
        for place, limit in enumerate(limits):
            if place < most:
                yield limit
            else:
                scope.account.leaves(limit.path, f"At most {most} limits of this kind apply.")
    elif not scope.left.get("limits"):
        scope.value("limits")
    scope.closes(f"Not used by {kind}.")


def _read_current_period(period: Part | None, target: str) -> None:
    if period is None:
        return
    if period.kind("CURRENT_PERIOD") and (current := period.part("current_period")):
        current.moves("unit", f"{target}.global.unit")
        current.closes()
    period.closes()


def _read_payment(payment: Part | None) -> None:
    if payment is None:
        return
    kind = payment.kind("NO_PAYMENTS", "EXCHANGE_RATIO")
    if kind is None:
        return
    payment.account.takes(payment.at("type"), "payWithPoints.type", kind)
    if kind == "EXCHANGE_RATIO" and (ratio := payment.part("exchange_ratio")):
        ratio.moves("formula", "payWithPoints.formula")
        ratio.closes()
    payment.closes(f"Not used by {kind}.")


def _read_refunds(definition: Part) -> None:
    """What a definition does not say about refunds means NONE there, and something else here."""
    refunds = definition.part("refunds") or Part("refunds", {}, definition.account)
    for name in ("spent_points", "earned_points"):
        if refunds.left.get(name) is None:
            refunds.left[name] = NO_REFUNDS
    if spent := refunds.part("spent_points"):
        for method in _methods(spent, "refunds.spent.type", "NONE"):
            if method.kind("RETURN_POINTS"):
                method.moves("mode", "refunds.spent.type")
                method.closes()
    if earned := refunds.part("earned_points"):
        for method in _methods(earned, "refunds.earned.type", "KEEP"):
            kind = method.kind("REVOKE_FROM_PENDING", "REVOKE_FROM_BALANCE")
            if kind:
                method.account.takes(method.at("type"), "refunds.earned.type", kind)
                if kind == "REVOKE_FROM_BALANCE":
                    method.moves("mode", "refunds.earned.mode")
                method.closes(f"Not used by {kind}.")
    refunds.closes()


def _methods(scope: Part, target: str, none: str) -> Iterator[Part]:
    kind = scope.kind("NONE", "REFUNDABLE")
    if kind == "REFUNDABLE":
        methods = scope.parts("methods")
        if not methods:
            scope.account.leaves(scope.at("methods"), "REFUNDABLE without a method.")
        for place, method in enumerate(methods):
            if place == 0:
                yield method
            else:
                scope.account.leaves(method.path, "At most 1 method applies.")
    elif kind == "NONE":
        scope.account.takes(scope.at("type"), target, none)
        if not scope.left.get("methods"):
            scope.value("methods")
    scope.closes(f"Not used by {kind}.")
