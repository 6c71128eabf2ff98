"""Maps Voucherify's card definitions (Loyalty v2, as its API accepts and answers them) to wallet settings."""

from collections.abc import Iterator, Mapping
from typing import Any

from loyalty.api.wallets.mapping import MappingReport, Section, WalletMapping, validate_mapping
from loyalty.domain.wallets.codes import CHARSETS, PLACEHOLDER

OWN_FIELDS = {
    "id": "The wallet gets its own id.",
    "object": "The field only names the kind of the object.",
    "status": "The request decides the wallet's status: DRAFT, or ACTIVE with status=ACTIVE.",
    "created_at": "The wallet is created now.",
    "updated_at": "The wallet is created now.",
}
"""Fields of Voucherify's answers that do not affect points."""

NO_REFUNDS = {"type": "NONE"}


def mapping_of(definition: Mapping[str, Any]) -> WalletMapping:
    """Maps the definition to settings, and reports each field. Fields of no card definition are reported as unknown."""
    report = MappingReport()
    _read(Section("", dict(definition), report))
    return validate_mapping(report)


def _read(definition: Section) -> None:
    definition.copy("name", "name")
    definition.copy("type", "type")
    for name, reason in OWN_FIELDS.items():
        if definition.value(name) is not None:
            definition.report.skip(name, reason)
    balance = definition.section("balance_settings")
    if balance:
        balance.copy("allow_negative", "allowNegativeBalance")
        balance.report_unknown()
    _read_code(definition.section("code_config"))
    _read_expiration(definition.section("points_expiration"))
    _read_pending(definition.section("pending_points"))
    _read_limits(definition.section("earning_limits"), "earningLimits")
    _read_limits(definition.section("spending_limits"), "spendingLimits")
    _read_payment(definition.section("pay_with_points"))
    _read_refunds(definition)
    if metadata := definition.value("metadata"):
        definition.report.map("metadata", "metadata", metadata)
    definition.report_unknown()


def _read_code(code: Section | None) -> None:
    if code is None:
        return
    charset = code.value("charset")
    if charset is not None:
        code.report.map(code.at("charset"), "code.charset", _charset(charset))
    pattern = code.value("pattern")
    if isinstance(pattern, str) and pattern and not pattern.strip(PLACEHOLDER):
        # An answer always has a pattern. A pattern of placeholders only means the same as its length.
        code.value("length")
        code.report.map(code.at("pattern"), "code.length", len(pattern))
    elif pattern is not None:
        if code.value("length") is not None:
            code.report.skip(code.at("length"), "The pattern decides the length of a code.")
        code.report.map(code.at("pattern"), "code.pattern", pattern)
    else:
        code.copy("length", "code.length")
    code.copy("prefix", "code.prefix")
    code.copy("postfix", "code.postfix")
    code.report_unknown()


def _charset(charset: Any) -> Any:
    """Returns the name of the charset, if it has a name."""
    if not isinstance(charset, str):
        return charset
    return next((name for name, known in CHARSETS.items() if set(known) == set(charset)), charset)


def _read_expiration(expiration: Section | None) -> None:
    if expiration is None:
        return
    kind = expiration.kind("NO_EXPIRATION", "ROLLING_EXPIRATION", "CALENDAR_EXPIRATION", "SLIDING_EXPIRATION")
    if kind is None:
        return
    expiration.report.map(expiration.at("type"), "expiration.type", kind)
    if kind == "ROLLING_EXPIRATION" and (rolling := expiration.section("rolling_expiration")):
        _read_period(rolling.section("period"), "expiration")
        if rounding := rolling.section("rounding"):
            rounding.copy("type", "expiration.rounding")
            rounding.copy("value", "expiration.month")
            rounding.report_unknown()
        rolling.report_unknown()
    if kind == "CALENDAR_EXPIRATION" and (calendar := expiration.section("calendar_expiration")):
        calendar.copy("expiration_dates", "expiration.dates")
        calendar.report_unknown()
    if kind == "SLIDING_EXPIRATION" and (sliding := expiration.section("sliding_expiration")):
        _read_period(sliding.section("period"), "expiration")
        _read_activities(sliding)
        sliding.report_unknown()
    expiration.report_unknown(f"The field is not used by {kind}.")


def _read_activities(sliding: Section) -> None:
    resets = {"earning_activity": "EARNING", "spending_activity": "SPENDING", "custom_activity": "CUSTOM_EVENT"}
    chosen = []
    sources = []
    for name, activity in resets.items():
        value = sliding.value(name)
        if value is True:
            chosen.append(activity)
            sources.append(sliding.at(name))
        elif value not in (None, False):
            sliding.report.skip(sliding.at(name), "The value is not true or false.")
    if chosen:
        sliding.report.map(", ".join(sources), "expiration.resetBy", chosen)
    if "CUSTOM_EVENT" in chosen:
        sliding.copy("custom_activity_types", "expiration.events")
    elif sliding.value("custom_activity_types"):
        sliding.report.skip(sliding.at("custom_activity_types"), "The field is not used without custom_activity.")


def _read_pending(pending: Section | None) -> None:
    if pending is None:
        return
    kind = pending.kind("IMMEDIATE", "PERIOD_BASED", "FIXED_DATES", "EVENT_BASED")
    if kind is None:
        return
    pending.report.map(pending.at("type"), "pending.type", kind)
    if kind == "PERIOD_BASED" and (period_based := pending.section("period_based")):
        _read_period(period_based.section("period"), "pending")
        period_based.report_unknown()
    if kind == "FIXED_DATES" and (fixed_dates := pending.section("fixed_dates")):
        fixed_dates.copy("dates", "pending.dates")
        fixed_dates.report_unknown()
    if kind == "EVENT_BASED" and (event_based := pending.section("event_based")):
        event_based.copy("event_types", "pending.events")
        _read_period(event_based.section("cancel_period"), "pending.cancelAfter")
        event_based.report_unknown()
    pending.report_unknown(f"The field is not used by {kind}.")


def _read_period(period: Section | None, target: str) -> None:
    if period is None:
        return
    period.copy("value", f"{target}.every")
    period.copy("unit", f"{target}.unit")
    period.report_unknown()


def _read_limits(limits: Section | None, target: str) -> None:
    if limits is None:
        return
    whole = "BALANCE_BASED" if target == "earningLimits" else "SPENDING_BASED"
    for limit in _limits_of(limits.section("global"), 1):
        kind = limit.kind(whole, "TIME_BASED")
        if kind is None:
            continue
        limit.report.map(limit.at("type"), f"{target}.global.type", kind)
        if kind == "TIME_BASED":
            _read_current_period(limit.section("period"), target)
            if points := limit.section("points"):
                points.copy("max", f"{target}.global.max")
                points.report_unknown()
        else:
            limit.copy("max", f"{target}.global.max")
        limit.report_unknown(f"The field is not used by {kind}.")
    seen = set()
    for limit in _limits_of(limits.section("transactions"), 2 if target == "earningLimits" else 1):
        known = ("POINTS", "SPENDING") if target == "earningLimits" else ("POINTS",)
        kind = limit.kind(*known)
        if kind is None:
            continue
        if kind in seen:
            limit.left = {"type": kind}
            limit.report_unknown("An earlier limit of this type applies.")
            continue
        seen.add(kind)
        if kind == "POINTS":
            limit.copy("max", f"{target}.transaction.maxPoints")
            if target == "earningLimits":
                # Voucherify rejects points above the maximum of one transaction completely and does not cut them.
                limit.report.map(limit.at("type"), f"{target}.transaction.whenExceeded", "REJECT")
        else:
            limit.copy("min_amount", f"{target}.transaction.minAmount")
        limit.report_unknown(f"The field is not used by {kind}.")
    limits.report_unknown()


def _limits_of(scope: Section | None, most: int) -> Iterator[Section]:
    """Yields the limits of a scope, if the scope is limited."""
    if scope is None:
        return
    kind = scope.kind("NO_LIMIT", "LIMITED")
    if kind == "LIMITED":
        limits = scope.sections("limits")
        if not limits:
            scope.report.skip(scope.at("limits"), "LIMITED has no limit, so points are not limited.")
        for place, limit in enumerate(limits):
            if place < most:
                yield limit
            else:
                scope.report.skip(limit.path, f"At most {most} limits of this kind apply.")
    elif not scope.left.get("limits"):
        scope.value("limits")
    scope.report_unknown(f"The field is not used by {kind}.")


def _read_current_period(period: Section | None, target: str) -> None:
    if period is None:
        return
    if period.kind("CURRENT_PERIOD") and (current := period.section("current_period")):
        current.copy("unit", f"{target}.global.unit")
        current.report_unknown()
    period.report_unknown()


def _read_payment(payment: Section | None) -> None:
    if payment is None:
        return
    kind = payment.kind("NO_PAYMENTS", "EXCHANGE_RATIO")
    if kind is None:
        return
    payment.report.map(payment.at("type"), "payWithPoints.type", kind)
    if kind == "EXCHANGE_RATIO" and (ratio := payment.section("exchange_ratio")):
        ratio.copy("formula", "payWithPoints.formula")
        ratio.report_unknown()
    payment.report_unknown(f"The field is not used by {kind}.")


def _read_refunds(definition: Section) -> None:
    """Reads the refund settings. A missing setting means NONE in Voucherify, and another value here."""
    refunds = definition.section("refunds") or Section("refunds", {}, definition.report)
    for name in ("spent_points", "earned_points"):
        if refunds.left.get(name) is None:
            refunds.left[name] = NO_REFUNDS
    if spent := refunds.section("spent_points"):
        for method in _methods(spent, "refunds.spent.type", "NONE"):
            if method.kind("RETURN_POINTS"):
                method.copy("mode", "refunds.spent.type")
                method.report_unknown()
    if earned := refunds.section("earned_points"):
        for method in _methods(earned, "refunds.earned.type", "KEEP"):
            kind = method.kind("REVOKE_FROM_PENDING", "REVOKE_FROM_BALANCE")
            if kind:
                method.report.map(method.at("type"), "refunds.earned.type", kind)
                if kind == "REVOKE_FROM_BALANCE":
                    method.copy("mode", "refunds.earned.mode")
                method.report_unknown(f"The field is not used by {kind}.")
    refunds.report_unknown()


def _methods(scope: Section, target: str, none: str) -> Iterator[Section]:
    kind = scope.kind("NONE", "REFUNDABLE")
    if kind == "REFUNDABLE":
        methods = scope.sections("methods")
        if not methods:
            scope.report.skip(scope.at("methods"), "REFUNDABLE has no method.")
        for place, method in enumerate(methods):
            if place == 0:
                yield method
            else:
                scope.report.skip(method.path, "At most 1 method applies.")
    elif kind == "NONE":
        scope.report.map(scope.at("type"), target, none)
        if not scope.left.get("methods"):
            scope.value("methods")
    scope.report_unknown(f"The field is not used by {kind}.")
