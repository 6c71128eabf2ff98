"""Campaign settings as a JSON document with the API's names, and back."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from loyalty.domain.dates import AnnualDate, CalendarUnit, Period, Unit, Weekday, datetime_of, instant
from loyalty.domain.earning.campaign import (
    MULTIPLIED,
    ORDER_AMOUNT,
    PRIORITY_DEFAULT,
    Budget,
    CampaignSettings,
    CustomerLimits,
    Hours,
    Multiplier,
    Outcome,
    PeriodLimit,
    PointsRounding,
    Recipient,
    RewardRule,
    RewardType,
)
from loyalty.domain.earning.schedule import Birthdays, Every, Monthly, Schedule, Weekly, Yearly
from loyalty.domain.earning.trigger import After, Trigger, TriggerType
from loyalty.domain.schema import metadata_text
from loyalty.domain.wallets.settings import WhenExceeded

Json = dict[str, Any]
COMPUTED = (RewardType.PERCENTAGE, RewardType.PROPORTIONAL)


def settings_json(settings: CampaignSettings) -> Json:
    """Returns the settings as JSON. Settings of reward rules, multiplier and limits that are absent are left out."""
    return {
        "name": settings.name,
        "description": settings.description,
        "priority": settings.priority,
        "group": settings.group,
        "trigger": _trigger_json(settings.trigger),
        "conditions": dict(settings.conditions),
        "startsAt": _instant_text(settings.starts_at),
        "endsAt": _instant_text(settings.ends_at),
        "hours": [
            {"days": list(hours.days), "from": _clock_text(hours.start), "to": _clock_text(hours.end)}
            for hours in settings.hours
        ],
        "rewards": [_reward_json(reward) for reward in settings.rewards],
        "multiplier": _multiplier_json(settings.multiplier),
        "limits": _without_nulls(
            {
                "perCustomer": _customer_limits_json(settings.customer_limits),
                "perReferrer": _customer_limits_json(settings.referrer_limits),
                "budget": _budget_json(settings.budget),
            }
        ),
        "metadata": {} if settings.metadata is None else json.loads(settings.metadata),
    }


def settings_from(document: Mapping[str, Any]) -> CampaignSettings:
    """Returns the settings of a JSON document; a setting that is missing or null has its default."""
    given = _without_nulls(document)
    limits = _without_nulls(given.get("limits", {}))
    return CampaignSettings(
        name=given["name"],
        description=given.get("description", ""),
        priority=given.get("priority", PRIORITY_DEFAULT),
        group=given.get("group"),
        trigger=_trigger_from(_without_nulls(given["trigger"])) if "trigger" in given else None,
        conditions=given.get("conditions", {}),
        starts_at=_instant_from(given.get("startsAt")),
        ends_at=_instant_from(given.get("endsAt")),
        hours=tuple(
            Hours(tuple(map(Weekday, hours["days"])), _minutes(hours["from"]), _minutes(hours["to"]))
            for hours in given.get("hours", [])
        ),
        rewards=tuple(_reward_from(_without_nulls(reward)) for reward in given.get("rewards", [])),
        multiplier=_multiplier_from(_without_nulls(given["multiplier"])) if "multiplier" in given else None,
        customer_limits=_customer_limits_from(_without_nulls(limits.get("perCustomer", {}))),
        referrer_limits=_customer_limits_from(_without_nulls(limits.get("perReferrer", {}))),
        budget=_budget_from(_without_nulls(limits["budget"])) if "budget" in limits else None,
        metadata=metadata_text(given.get("metadata") or None),
    )


def _trigger_json(trigger: Trigger | None) -> Json | None:
    if trigger is None:
        return None
    schedule = trigger.schedule or Schedule()
    return _without_nulls(
        {
            "type": trigger.type,
            "event": trigger.event,
            "after": _after_json(trigger.after),
            "walletId": schedule.wallet_id,
            "at": None if schedule.at is None else _clock_text(schedule.at),
            "every": None if schedule.every is None else _every_json(schedule.every),
        }
    )


def _trigger_from(given: Json) -> Trigger:
    schedule = Schedule(
        wallet_id=given.get("walletId"),
        at=_minutes(given["at"]) if "at" in given else None,
        every=_every_from(_without_nulls(given["every"])) if "every" in given else None,
    )
    return Trigger(
        type=TriggerType(given["type"]),
        event=given.get("event"),
        after=_after_from(_without_nulls(given["after"])) if "after" in given else None,
        schedule=None if schedule == Schedule() else schedule,
    )


def _every_json(every: Every) -> Json:
    match every:
        case Monthly():
            return {"unit": Unit.MONTH, "day": every.day}
        case Weekly():
            return {"unit": Unit.WEEK, "day": every.day}
        case Yearly():
            return {"dates": [{"month": one.month, "day": one.day} for one in every.dates]}
        case Birthdays():
            return {"birthday": True, "daysBefore": every.days_before}


def _every_from(given: Json) -> Every:
    match given:
        case {"unit": Unit.MONTH, "day": day}:
            return Monthly(day)
        case {"unit": Unit.WEEK, "day": day}:
            return Weekly(Weekday(day))
        case {"dates": dates}:
            return Yearly(tuple(AnnualDate(one["month"], one["day"]) for one in dates))
    return Birthdays(given.get("daysBefore", 0))


def _after_json(after: After | None) -> Json | None:
    if after is None:
        return None
    return _without_nulls(
        {
            "event": after.event,
            "within": _period_json(after.within),
            "atLeast": _period_json(after.at_least),
            "matchBy": None if after.match_by is None else list(after.match_by),
        }
    )


def _after_from(given: Json) -> After:
    paths = given.get("matchBy")
    return After(
        event=given.get("event"),
        within=_period_from(given.get("within")),
        at_least=_period_from(given.get("atLeast")),
        match_by=None if paths is None else (paths[0], paths[-1]),
    )


def _reward_json(reward: RewardRule) -> Json:
    is_computed = reward.type in COMPUTED
    is_proportional = reward.type is RewardType.PROPORTIONAL
    return _without_nulls(
        {
            "to": reward.to,
            "walletId": reward.wallet_id,
            "type": reward.type,
            "points": reward.points or None,
            "percent": str(reward.percent) if reward.percent else None,
            "of": reward.of if is_computed or reward.of != ORDER_AMOUNT else None,
            "items": None if reward.items is None else dict(reward.items),
            "every": int(reward.every) if reward.every else None,
            "proRata": reward.pro_rata if is_proportional or reward.pro_rata else None,
            "outcomes": [_outcome_json(outcome) for outcome in reward.outcomes] or None,
            "maxPoints": reward.max_points,
            "rounding": reward.rounding,
            "earnOnPointsPaid": reward.earn_on_points_paid if is_computed or reward.earn_on_points_paid else None,
            "activatesAt": _instant_text(reward.activates_at),
            "activateAfter": _period_json(reward.activates_after),
            "expiresAt": _instant_text(reward.expires_at),
            "expireAfter": _period_json(reward.expires_after),
            "pointsDescription": reward.points_description,
        }
    )


def _reward_from(given: Json) -> RewardRule:
    return RewardRule(
        wallet_id=given["walletId"],
        type=RewardType(given["type"]),
        to=Recipient(given.get("to", Recipient.CUSTOMER)),
        points=given.get("points", 0),
        percent=Decimal(given.get("percent", 0)),
        of=given.get("of", ORDER_AMOUNT),
        items=given.get("items"),
        every=Decimal(given.get("every", 0)),
        pro_rata=given.get("proRata", False),
        outcomes=tuple(_outcome_from(_without_nulls(outcome)) for outcome in given.get("outcomes", [])),
        max_points=given.get("maxPoints"),
        rounding=PointsRounding(given.get("rounding", PointsRounding.DOWN)),
        earn_on_points_paid=given.get("earnOnPointsPaid", False),
        activates_at=_instant_from(given.get("activatesAt")),
        activates_after=_period_from(given.get("activateAfter")),
        expires_at=_instant_from(given.get("expiresAt")),
        expires_after=_period_from(given.get("expireAfter")),
        points_description=given.get("pointsDescription"),
    )


def _outcome_json(outcome: Outcome) -> Json:
    if outcome.low == outcome.high:
        return {"points": outcome.low, "weight": outcome.weight}
    return {"from": outcome.low, "to": outcome.high, "weight": outcome.weight}


def _outcome_from(given: Json) -> Outcome:
    low, high = (given["points"],) * 2 if "points" in given else (given["from"], given["to"])
    return Outcome(low, high, given.get("weight", 1))


def _multiplier_json(multiplier: Multiplier | None) -> Json | None:
    if multiplier is None:
        return None
    return {
        "factor": str(multiplier.factor),
        "stack": multiplier.stack,
        "wallets": list(multiplier.wallets),
        "campaigns": list(multiplier.campaigns),
        "types": list(multiplier.types),
    }


def _multiplier_from(given: Json) -> Multiplier:
    return Multiplier(
        factor=Decimal(given["factor"]),
        stack=given.get("stack", False),
        wallets=tuple(given.get("wallets", ())),
        campaigns=tuple(given.get("campaigns", ())),
        types=tuple(map(RewardType, given.get("types", MULTIPLIED))),
    )


def _customer_limits_json(limits: CustomerLimits) -> Json | None:
    per_customer = {
        "times": limits.times,
        "points": limits.points,
        "per": [_without_nulls({"unit": one.unit, "times": one.times, "points": one.points}) for one in limits.per],
        "cooldown": _period_json(limits.cooldown),
        "oncePer": limits.once_per,
    }
    present = {name: value for name, value in per_customer.items() if value is not None and value != []}
    return present or None


def _customer_limits_from(given: Json) -> CustomerLimits:
    return CustomerLimits(
        times=given.get("times"),
        points=given.get("points"),
        per=tuple(
            PeriodLimit(CalendarUnit(one["unit"]), one.get("times"), one.get("points")) for one in given.get("per", [])
        ),
        cooldown=_period_from(given.get("cooldown")),
        once_per=given.get("oncePer"),
    )


def _budget_json(budget: Budget | None) -> Json | None:
    if budget is None:
        return None
    return _without_nulls({"points": budget.points, "awards": budget.awards, "whenExceeded": budget.when_exceeded})


def _budget_from(given: Json) -> Budget:
    return Budget(
        points=given.get("points"),
        awards=given.get("awards"),
        when_exceeded=WhenExceeded(given.get("whenExceeded", WhenExceeded.REJECT)),
    )


def _period_json(period: Period | None) -> Json | None:
    return None if period is None else {"every": period.every, "unit": period.unit}


def _period_from(given: Json | None) -> Period | None:
    return None if given is None else Period(given["every"], Unit(given["unit"]))


def _instant_text(at: int | None) -> str | None:
    return None if at is None else datetime_of(at).isoformat().replace("+00:00", "Z")


def _instant_from(text: str | None) -> int | None:
    return None if text is None else instant(datetime.fromisoformat(text))


def _clock_text(minutes: int) -> str:
    hour, minute = divmod(minutes, 60)
    return f"{hour:02d}:{minute:02d}"


def _minutes(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def _without_nulls(document: Mapping[str, Any]) -> Json:
    return {name: value for name, value in document.items() if value is not None}
