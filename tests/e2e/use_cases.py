"""What the nine use cases define: campaigns, codes, a program with tiers, and a reward."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

PAID = {"type": "EVENT", "event": "order.paid"}
HUNDREDS = {"type": "PROPORTIONAL", "every": 10_000, "points": 100}


@dataclass(frozen=True, slots=True)
class UseCases:
    """The definitions of one run. Each use case has customers of its own, so that no campaign reacts to others."""

    run: str
    now: datetime
    wallet: str
    campaigns: dict[str, str]
    """Campaign ids by name."""
    coupon: str
    program: str
    reward: str

    def customer(self, case: str, number: int = 1) -> str:
        return f"{case}-{self.run}-{number}"

    def own(self, outcome: Any) -> Any:
        """Returns the awards and skips of these campaigns: a running stack may have others."""
        ids = set(self.campaigns.values())
        return {name: [one for one in outcome[name] if one["campaignId"] in ids] for name in ("awards", "skipped")}

    def ago(self, days: int, seconds: int = 0) -> str:
        """Returns the instant so many days, less the seconds, before the definitions."""
        return (self.now - timedelta(days=days, seconds=-seconds)).isoformat()


def define(live: Any) -> UseCases:
    run, now = uuid4().hex[:8], datetime.now(UTC).replace(microsecond=0)
    wallet = live.wallet()
    found = UseCases(run, now, wallet, {}, f"SAVE{run.upper()}", f"club-{run}", _reward(live, wallet))
    for event in ("review.created", "cart.abandoned"):
        assert live.http("PUT", f"/event-definitions/{event}", {}).status_code == 200
    for case, body in _campaigns(found):
        answer = live.http("POST", "/campaigns", _of_customers(found, case, body))
        assert answer.status_code == 201, answer.text
        found.campaigns[body["name"]] = answer.json()["campaignId"]
    codes = {"codes": [found.coupon]}
    answer = live.http("POST", f"/campaigns/{found.campaigns['Ten back']}/codes", codes, key=f"codes-{run}")
    assert answer.status_code == 201, answer.text
    _define_program(live, found)
    return found


def _of_customers(found: UseCases, case: str, body: dict[str, Any]) -> dict[str, Any]:
    """Returns the campaign for the customers of the use case alone. Without a window, it began a month ago."""
    conditions = {"customerId": [{"prefix": f"{case}-{found.run}-"}], **body.get("conditions", {})}
    rewards = [{"walletId": found.wallet, **reward} for reward in body.get("rewards", [])]
    return {
        "trigger": PAID,
        "startsAt": found.ago(29),
        **body,
        "conditions": conditions,
        **({"rewards": rewards} if rewards else {}),
    }


def _campaigns(found: UseCases) -> list[tuple[str, dict[str, Any]]]:
    """The campaigns with the first part of their customers' ids."""
    # A schedule ends campaigns two days after their window.
    week = {"startsAt": found.ago(10), "endsAt": found.ago(1)}
    month = {"startsAt": found.ago(20), "endsAt": found.ago(-1)}
    purchases = {"name": "Purchases", "rewards": [HUNDREDS]}
    bonus = {
        "name": "First order",
        "conditions": {"customer": {"orderCount": [0]}},
        "rewards": [{"type": "FIXED", "points": 200}],
    }
    sides = [{"type": "FIXED", "points": 100}, {"to": "REFERRER", "type": "FIXED", "points": 100}]
    back = {"type": "PERCENTAGE", "percent": "10", "maxPoints": 50}
    return [
        ("buy", purchases),
        ("buy", {"name": "Ten back", "trigger": {"type": "COUPON"}, "rewards": [back], **_limits(times=1)}),
        ("first", bonus),
        ("double", {**purchases, "name": "Purchases at Christmas"}),
        ("double", {**bonus, "name": "First order at Christmas"}),
        ("double", {"name": "Double", "multiplier": {"factor": "2"}, **week}),
        ("triple", {**purchases, "name": "Purchases in December"}),
        ("triple", {"name": "Triple", "multiplier": {"factor": "3"}, **month}),
        ("triple", {"name": "Double beside", "multiplier": {"factor": "2"}, **week}),
        ("stack", {**purchases, "name": "Purchases with both"}),
        ("stack", {"name": "Triple with", "multiplier": {"factor": "3", "stack": True}, **month}),
        ("stack", {"name": "Double with", "multiplier": {"factor": "2", "stack": True}, **week}),
        (
            "review",
            {
                "name": "Reviews",
                "trigger": {"type": "EVENT", "event": "review.created"},
                "rewards": [{"type": "FIXED", "points": 20}],
                **_limits(oncePer="properties.productId"),
            },
        ),
        (
            "friend",
            {"name": "Friends", "conditions": {"customer": {"orderCount": [0], "referred": [True]}}, "rewards": sides},
        ),
        ("cart", {"name": "Cart", "trigger": _sequence(), "rewards": [{"type": "FIXED", "points": 50}]}),
    ]


def _limits(**per_customer: Any) -> dict[str, Any]:
    return {"limits": {"perCustomer": per_customer}}


def _sequence() -> dict[str, Any]:
    week, match = {"every": 7, "unit": "DAY"}, ["order.metadata.cartId", "properties.cartId"]
    after = {"event": "cart.abandoned", "within": week, "matchBy": match}
    return {"type": "SEQUENCE", "event": "order.paid", "after": after}


def _define_program(live: Any, found: UseCases) -> None:
    benefits = {"entitlements": ["free_shipping", "exclusive_discounts"]}
    levels = [
        {"tierId": "member", "name": "Member", "from": 0},
        {"tierId": "vip", "name": "VIP", "from": 1_000, "benefits": benefits},
    ]
    structure = {"name": "Club", "type": "POINTS_EARNED", "period": "YEAR", "levels": levels}
    answer = live.http("POST", "/tier-structures", structure)
    assert answer.status_code == 201, answer.text
    program = {"programId": found.program, "name": "Club", "status": "ACTIVE"}
    assert live.http("POST", "/programs", program).status_code == 201
    attached = {"tierStructureId": answer.json()["tierStructureId"]}
    answer = live.http("PUT", f"/programs/{found.program}/wallets/{found.wallet}", attached)
    assert answer.status_code == 200, answer.text


def _reward(live: Any, wallet: str) -> str:
    reward = {
        "name": "Limited lipstick",
        "kind": "PRODUCT",
        "product": {"productId": "lip-7"},
        "price": [{"walletId": wallet, "points": 500}],
        "stock": 3,
        "limits": {"perCustomer": {"times": 1}},
    }
    answer = live.http("POST", "/rewards", reward)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["rewardId"])
