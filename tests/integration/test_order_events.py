"""Canceled and refunded orders: events undo what orders gave, also if they arrive before the paid order."""

from typing import Any

import pytest
import time_machine

from tests.integration.accounts import at
from tests.integration.campaigning import campaign, paid, points, reasons
from tests.integration.customers import code_of, get, saved
from tests.integration.invoking import invoke
from tests.integration.racing import before_next
from tests.support.stack import Answer, Stack

BONUS = {"walletId": "points", "type": "FIXED", "points": 200}
PER_100 = {"walletId": "points", "type": "PROPORTIONAL", "every": 100, "points": 1}
FIRST_ORDER: dict[str, Any] = {"name": "First order", "conditions": {"customer": {"orderCount": [0]}}}
LARGE_FIRST_ORDER: dict[str, Any] = {
    "name": "Large first order",
    "conditions": {"customer": {"orderCount": [0]}, "order": {"amount": [{"numeric": [">", 5_000]}]}},
}
PENDING = {"activateAfter": {"every": 14, "unit": "DAY"}}


def refunded(stack: Stack, order_id: str, refund: dict[str, Any], event: str = "refund-1", **more: Any) -> Answer:
    body = {"name": "order.refunded", "customerId": "ann", "eventId": event, "orderId": order_id, "refund": refund}
    return stack.http("POST", "/v1/events", {**body, **more})


def canceled(stack: Stack, order: str, event: str = "cancel-1") -> Answer:
    return stack.http("POST", "/v1/events", cancellation(order, event))


def cancellation(order: str, event: str = "cancel-1") -> dict[str, Any]:
    return {"name": "order.canceled", "customerId": "ann", "eventId": event, "orderId": order}


def by_bus(detail: dict[str, Any]) -> Any:
    return invoke("on_custom_event", {"source": "shop", "id": "bus-1", "detail": detail})


def of_amount(amount: int) -> dict[str, Any]:
    return {"type": "AMOUNT", "amount": amount}


def full() -> dict[str, Any]:
    return {"type": "FULL"}


def active(stack: Stack, wallet: str, customer: str = "ann") -> int:
    return int(stack.card(wallet, customer)["balance"]["active"])


def revoked(answer: Answer) -> list[int]:
    assert answer.status == 200, answer.text
    return [one["revoked"]["points"] for one in answer.body["refund"]["wallets"]]


def test_refund_events_revoke_the_awards_of_an_order_in_parts(stack: Stack) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet)
    assert points(paid(stack, 25_000, "1")) == [200]
    half = refunded(stack, "1", of_amount(12_500), "half")
    assert revoked(half) == [100]
    assert (half.body["refund"]["amount"], half.body["refund"]["moneyAmount"]) == (12_500, 12_500)
    (one,) = half.body["refund"]["wallets"]
    assert (one["walletId"], one["customerId"], one["balance"]["active"]) == (wallet, "ann", 100)
    assert revoked(refunded(stack, "1", full(), "rest")) == [100]
    assert active(stack, wallet) == 0
    row = stack.rows(wallet)[-1]
    assert (row["transactionId"], row["type"]) == (stack.rows(wallet)[2]["transactionId"], "REVOCATION")
    assert (row["source"], row["event"], row["orderId"]) == ("System", "order.refunded", "1")


@pytest.mark.parametrize("is_known", [True, False])
def test_a_refund_event_takes_effect_once(stack: Stack, *, is_known: bool) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet, rewards=[PER_100])
    if is_known:
        paid(stack, 25_000, "1")
    first = refunded(stack, "1", of_amount(5_000))
    again = refunded(stack, "1", of_amount(5_000))
    assert (first.body["replayed"], again.body["replayed"]) == (False, True)
    assert again.body["refund"] == first.body["refund"]
    other = refunded(stack, "1", of_amount(6_000))
    assert (other.status, other.code, list(other.fields())) == (422, "key_reused", ["body.eventId"])
    if not is_known:
        assert points(paid(stack, 25_000, "1")) == [200]
    assert active(stack, wallet) == 200
    read = stack.http("GET", "/v1/customers/ann/events/order.refunded", query={"eventId": "refund-1"})
    assert (read.status, read.body["refund"], read.body["orderId"]) == (200, first.body["refund"], "1")


def test_an_order_that_was_refunded_in_part_before_it_was_paid_earns_net(stack: Stack) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet, rewards=[PER_100])
    marker = refunded(stack, "1", of_amount(5_000))
    assert (marker.body["refund"]["amount"], marker.body["refund"]["wallets"]) == (5_000, [])
    path = "/v1/customers/ann/events/order.paid"
    assert stack.http("GET", path, query={"orderId": "1"}).code == "event_not_found"
    assert points(paid_lines(stack, ("tea", 25_000))) == [200]
    assert stack.http("GET", path, query={"orderId": "1"}).body["awards"][0]["points"] == 200
    assert paid_lines(stack, ("tea", 25_000)).body["replayed"] is True
    assert revoked(refunded(stack, "1", of_amount(10_000), "half")) == [100]
    assert revoked(refunded(stack, "1", full(), "rest")) == [100]
    assert active(stack, wallet) == 0


def of_lines(*lines: tuple[str, int]) -> dict[str, Any]:
    items = [{"productId": product, "quantity": 1, "amount": amount} for product, amount in lines]
    return {"amount": sum(amount for _, amount in lines), "items": items}


def paid_lines(stack: Stack, *lines: tuple[str, int]) -> Answer:
    body = {"name": "order.paid", "customerId": "ann", "eventId": "paid-1", "orderId": "1", "order": of_lines(*lines)}
    return stack.http("POST", "/v1/events", body)


def test_the_lines_of_an_order_earn_net_of_an_earlier_refund(stack: Stack) -> None:
    wallet = stack.wallet()
    tea = {**PER_100, "of": "order.items.amount", "items": {"productId": ["tea"]}}
    campaign(stack, wallet, rewards=[tea], conditions={"order": {"items": {"productId": ["tea"]}}})
    refunded(stack, "1", of_amount(5_000))
    assert points(paid_lines(stack, ("tea", 4_000), ("cup", 6_000))) == [20]


@pytest.mark.parametrize("undo", ["canceled", "FULL", "AMOUNT"])
def test_an_order_that_was_undone_before_it_was_paid_gives_nothing_and_counts_as_no_order(
    stack: Stack, undo: str
) -> None:
    wallet = stack.wallet()
    bonus = campaign(stack, wallet, **FIRST_ORDER, rewards=[BONUS])
    large = campaign(stack, wallet, name="Large", conditions={"order": {"amount": [{"numeric": [">", 10**9]}]}})
    if undo == "canceled":
        assert canceled(stack, "1").body["refund"] == {
            "amount": None,
            "moneyAmount": None,
            "wallets": [],
            "skipped": [],
        }
    else:
        refunded(stack, "1", full() if undo == "FULL" else of_amount(25_000))
    late = paid(stack, 25_000, "1")
    assert (points(late), reasons(late)) == ([], {bonus: "order_canceled", large: "order_canceled"})
    again = paid(stack, 25_000, "1", event="again")
    assert (again.body["replayed"], reasons(again)) == (True, reasons(late))
    assert points(paid(stack, 25_000, "2")) == [200]


def test_the_first_order_that_is_canceled_while_its_bonus_is_pending_was_no_first_order(stack: Stack) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet, **FIRST_ORDER, rewards=[{**BONUS, **PENDING}])
    assert points(paid(stack, 5_000, "1")) == [200]
    refunded(stack, "1", of_amount(2_500))
    assert revoked(canceled(stack, "1")) == [100]
    assert canceled(stack, "1", "sent-again").body["replayed"] is True
    saved(stack)
    assert get(stack)["orderCount"] == 0
    assert points(paid(stack, 5_000, "2")) == [200]
    assert points(paid(stack, 5_000, "3")) == []


def test_the_refund_route_for_all_wallets_takes_back_a_pending_first_order_too(stack: Stack) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet, **FIRST_ORDER, rewards=[{**BONUS, **PENDING}])
    paid(stack, 5_000, "1")
    stack.http("POST", "/v1/customers/ann/refunds", {"orderId": "1", "type": "FULL"}, key="refund-1")
    assert points(paid(stack, 5_000, "2")) == [200]


def test_the_first_order_that_is_canceled_after_its_bonus_was_active_stays_the_first(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet, **FIRST_ORDER, rewards=[{**BONUS, **PENDING}])
    paid(stack, 5_000, "1")
    clock.shift(14 * 86_400)
    assert revoked(canceled(stack, "1")) == [200]
    assert points(paid(stack, 5_000, "2")) == []


def test_points_that_a_wallet_keeps_leave_the_order_counted(stack: Stack) -> None:
    wallet = stack.wallet(refunds={"earned": {"type": "KEEP"}})
    campaign(stack, wallet, **FIRST_ORDER, rewards=[{**BONUS, **PENDING}])
    paid(stack, 5_000, "1")
    assert revoked(canceled(stack, "1")) == [0]
    assert points(paid(stack, 5_000, "2")) == []


@pytest.mark.parametrize("parts", [(), (2_000, 3_000), (2_000, None)], ids=["canceled", "two parts", "part and rest"])
def test_an_order_that_earned_nothing_is_no_order_once_all_of_it_is_refunded(
    stack: Stack, parts: tuple[int | None, ...]
) -> None:
    campaign(stack, stack.wallet(), **LARGE_FIRST_ORDER, rewards=[BONUS])
    assert points(paid(stack, 5_000, "1")) == []
    for place, part in enumerate(parts):
        assert refunded(stack, "1", of_amount(part) if part else full(), f"part-{place}").status == 200
    if not parts:
        assert canceled(stack, "1").body["refund"]["amount"] == 5_000
    assert refunded(stack, "1", full(), "late").body["refund"]["amount"] == 0
    assert points(paid(stack, 6_000, "2")) == [200]


def test_a_part_of_an_order_that_earned_nothing_leaves_it_counted(stack: Stack) -> None:
    campaign(stack, stack.wallet(), **LARGE_FIRST_ORDER, rewards=[BONUS])
    paid(stack, 5_000, "1")
    assert refunded(stack, "1", of_amount(4_999)).status == 200
    more = refunded(stack, "1", of_amount(2), "more")
    assert (more.status, more.code, list(more.fields())) == (422, "refund_exceeds_order", ["body.refund.amount"])
    assert points(paid(stack, 6_000, "2")) == []


def test_a_refund_that_exceeds_the_order_is_refused_and_one_of_nothing_left_is_not(stack: Stack) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet)
    paid(stack, 25_000, "1")
    more = refunded(stack, "1", of_amount(25_001))
    assert (more.status, more.code, list(more.fields())) == (422, "refund_exceeds_order", ["body.refund.amount"])
    assert revoked(canceled(stack, "1")) == [200]
    for refund in (of_amount(25_000), full()):
        answer = refunded(stack, "1", refund, f"late-{refund['type']}")
        assert answer.status == 200, answer.text
        assert answer.body["refund"] == {"amount": 0, "moneyAmount": 0, "wallets": [], "skipped": []}
    assert active(stack, wallet) == 0


def test_an_order_without_a_receipt_is_refunded_by_its_transactions_and_stays_canceled(stack: Stack) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet)
    stack.credit(wallet, 100)
    stack.debit(wallet, 40, orderId="1", order={"amount": 25_000})
    stack.credit(wallet, 10, orderId="1")
    (one,) = canceled(stack, "1").body["refund"]["wallets"]
    assert (one["returned"]["points"], one["revoked"]["points"]) == (40, 10)
    assert points(paid(stack, 25_000, "1")) == []
    assert active(stack, wallet) == 100


def test_returned_goods_of_an_unknown_order_need_its_details(stack: Stack) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet, rewards=[PER_100])
    goods = {"type": "ITEMS", "items": [{"productId": "tea", "quantity": 1}]}
    unknown = refunded(stack, "1", goods)
    assert (unknown.status, unknown.code) == (422, "order_amount_unknown")
    lines = ("tea", 4_000), ("cup", 6_000)
    assert refunded(stack, "1", goods, order=of_lines(*lines)).body["refund"]["amount"] == 4_000
    assert points(paid_lines(stack, *lines)) == [60]


def test_a_wallet_that_reacts_to_the_event_gets_its_effect_and_the_refund(stack: Stack) -> None:
    stack.http("PUT", "/v1/event-definitions/order.refunded", {"properties": []})
    pending = {"type": "EVENT_BASED", "events": ["order.refunded"], "cancelAfter": {"every": 30, "unit": "DAY"}}
    wallet = stack.wallet(pending=pending)
    stack.credit(wallet, 100, orderId="1", order={"amount": 10_000})
    answer = refunded(stack, "1", of_amount(5_000))
    (effect,) = answer.body["effects"]
    assert (effect["type"], effect["points"], revoked(answer)) == ("ACTIVATION", 100, [50])
    again = refunded(stack, "1", of_amount(5_000))
    assert (again.body["effects"][0]["replayed"], revoked(again)) == (True, [50])
    assert active(stack, wallet) == 50


def test_a_batch_pays_refunds_and_cancels_orders(stack: Stack) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet)
    events = [
        {"name": "order.paid", "customerId": "ann", "eventId": "p", "orderId": "1", "order": {"amount": 25_000}},
        {"name": "order.refunded", "customerId": "ann", "eventId": "r", "orderId": "1", "refund": of_amount(12_500)},
        cancellation("1"),
        cancellation("1", "again"),
    ]
    results = stack.http("POST", "/v1/events/batch", {"events": events}).body["data"]
    assert [result["refused"] for result in results] == [None] * 4
    taken = [
        result["refund"] and [one["revoked"]["points"] for one in result["refund"]["wallets"]] for result in results
    ]
    assert taken == [None, [100], [100], [100]]
    assert [result["replayed"] for result in results] == [False, False, False, True]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "order.canceled"}, "body.orderId"),
        ({"name": "order.refunded", "refund": {"type": "FULL"}}, "body.orderId"),
        ({"name": "order.refunded", "orderId": "1"}, "body.refund"),
        ({"name": "order.refunded", "orderId": "1", "refund": {"type": "AMOUNT"}}, "body.refund.amount"),
        ({"name": "order.canceled", "orderId": "1", "refund": {"type": "FULL"}}, "body.refund"),
        ({"name": "order.paid", "orderId": "1", "order": {"amount": 1}, "refund": {"type": "FULL"}}, "body.refund"),
    ],
)
def test_an_event_that_undoes_an_order_is_refused_with_the_wrong_field(
    stack: Stack, body: dict[str, Any], field: str
) -> None:
    before = stack.items()
    answer = stack.http("POST", "/v1/events", {"customerId": "ann", "eventId": "1", **body})
    assert (answer.status, list(answer.fields())) == (400, [field])
    assert stack.items() == before


@pytest.mark.parametrize("name", ["order.canceled", "order.refunded"])
def test_no_campaign_reacts_to_an_event_that_undoes_an_order(stack: Stack, name: str) -> None:
    wallet = stack.wallet()
    stack.http("PUT", f"/v1/event-definitions/{name}", {"properties": []})
    body = {
        "name": "Consolation",
        "trigger": {"type": "EVENT", "event": name},
        "rewards": [{**BONUS, "walletId": wallet}],
        "status": "ACTIVE",
    }
    answer = stack.http("POST", "/v1/campaigns", body, key="campaign-1")
    assert (answer.code, answer.fields()) == ("action_required", {"trigger.event": "undoes_orders"})


def test_the_same_cancellation_by_http_and_by_the_bus_at_once_is_one(stack: Stack) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet)
    paid(stack, 25_000, "1")
    with before_next("TransactWriteItems", lambda: by_bus(cancellation("1", "by-bus"))):
        answer = canceled(stack, "1")
    assert (answer.body["replayed"], revoked(answer)) == (True, [200])
    assert [row["points"] for row in stack.rows(wallet)] == [200, 200]


def test_the_same_cancellation_of_an_unknown_order_at_once_is_one(stack: Stack) -> None:
    with before_next("TransactWriteItems", lambda: by_bus(cancellation("1", "by-bus"))):
        answer = canceled(stack, "1")
    assert (answer.status, answer.body["replayed"]) == (200, True)


@pytest.mark.parametrize("of_route", [True, False])
def test_two_refunds_at_once_take_back_no_more_than_the_order_gave(stack: Stack, *, of_route: bool) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet, **FIRST_ORDER, rewards=[{**BONUS, **PENDING}])
    paid(stack, 25_000, "1")

    def other() -> None:
        if of_route:
            stack.http("POST", "/v1/customers/ann/refunds", {"orderId": "1", "type": "FULL"}, key="refund-1")
        else:
            refunded(stack, "1", full())

    with before_next("TransactWriteItems", other):
        answer = canceled(stack, "1")
    assert answer.body["refund"] == {"amount": 0, "moneyAmount": 0, "wallets": [], "skipped": []}
    assert stack.card(wallet)["balance"]["pending"] == 0
    assert points(paid(stack, 25_000, "2")) == [200]


def test_an_order_that_is_paid_during_its_refund_does_not_count(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet, **FIRST_ORDER, rewards=[{**BONUS, **PENDING}])
    stack.credit(wallet, 10, orderId="1", order={"amount": 25_000}, activatesAt=at(days=1))
    with before_next("TransactWriteItems", lambda: paid(stack, 25_000, "1")):
        answer = stack.http("POST", "/v1/customers/ann/refunds", {"orderId": "1", "type": "FULL"}, key="refund-1")
    assert (answer.status, get(stack)["orderCount"]) == (201, 0)
    assert stack.card(wallet)["balance"]["pending"] == 0
    assert points(paid(stack, 25_000, "2")) == [200]


def test_an_order_that_is_canceled_while_it_is_paid_gives_nothing(stack: Stack) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet, **FIRST_ORDER, rewards=[BONUS])
    with before_next("TransactWriteItems", lambda: canceled(stack, "1")):
        late = paid(stack, 25_000, "1")
    assert (points(late), set(reasons(late).values())) == ([], {"order_canceled"})
    assert points(paid(stack, 25_000, "2")) == [200]


@pytest.mark.parametrize("spent", [0, 40])
def test_an_order_that_is_paid_while_it_is_canceled_gives_nothing(stack: Stack, spent: int) -> None:
    wallet, other = stack.wallet(), stack.wallet()
    campaign(stack, wallet)
    if spent:
        # The cancellation finds transactions of the order before the awards, in another wallet.
        stack.credit(other, spent)
        stack.debit(other, spent, orderId="1", order={"amount": 25_000})
    with before_next("TransactWriteItems", lambda: paid(stack, 25_000, "1")):
        answer = canceled(stack, "1")
    assert sum(revoked(answer)) == 200
    assert active(stack, wallet) == 0
    assert not spent or active(stack, other) == spent


def test_a_part_that_is_refunded_while_the_order_is_paid_is_taken_back(stack: Stack) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet, rewards=[PER_100])
    with before_next("TransactWriteItems", lambda: paid(stack, 25_000, "1")):
        assert revoked(refunded(stack, "1", of_amount(5_000))) == [50]
    with before_next("TransactWriteItems", lambda: refunded(stack, "2", of_amount(5_000), "two")):
        assert points(paid(stack, 25_000, "2")) == [200]
    assert active(stack, wallet) == 400


@pytest.fixture
def referral_wallet(stack: Stack) -> str:
    """A wallet whose campaign gives 100 points to ann and to rob, who referred her."""
    wallet = stack.wallet()
    bonus = {**BONUS, "points": 100}
    campaign(stack, wallet, name="Referral", rewards=[bonus, {**bonus, "to": "REFERRER"}])
    saved(stack, "rob")
    saved(stack, "ann", referredBy=code_of(stack, "rob"))
    assert points(paid(stack, 20_000, "1")) == [100, 100]
    return wallet


def test_a_refund_of_a_referred_order_revokes_the_points_of_the_referrer_too(
    stack: Stack, referral_wallet: str
) -> None:
    half = refunded(stack, "1", of_amount(10_000))
    taken = {one["customerId"]: one["revoked"]["points"] for one in half.body["refund"]["wallets"]}
    assert taken == {"ann": 50, "rob": 50}
    assert refunded(stack, "1", of_amount(10_000)).body["refund"] == half.body["refund"]
    body = {"orderId": "1", "type": "FULL"}
    rest = stack.http("POST", "/v1/customers/ann/refunds", body, key="refund-rest")
    assert {one["customerId"]: one["revoked"]["points"] for one in rest.body["wallets"]} == taken
    assert stack.http("POST", "/v1/customers/ann/refunds", body, key="refund-rest").body == rest.body
    assert (active(stack, referral_wallet), active(stack, referral_wallet, "rob")) == (0, 0)


def test_a_refund_in_one_wallet_leaves_the_referrer_to_a_refund_in_all_wallets(
    stack: Stack, referral_wallet: str
) -> None:
    stack.refund(referral_wallet, "1", type="AMOUNT", amount=10_000)
    assert active(stack, referral_wallet, "rob") == 100
    answer = canceled(stack, "1")
    assert {one["customerId"]: one["revoked"]["points"] for one in answer.body["refund"]["wallets"]} == {
        "ann": 50,
        "rob": 100,
    }


def test_a_refund_leaves_out_the_frozen_card_of_a_referrer_until_the_next_refund(
    stack: Stack, referral_wallet: str
) -> None:
    path = f"/v1/wallets/{referral_wallet}/cards/rob"
    stack.http("PATCH", path, {"status": "FROZEN"}, headers={"If-Match": '"1"'})
    assert revoked(refunded(stack, "1", of_amount(10_000))) == [50]
    stack.http("PATCH", path, {"status": "ACTIVE"}, headers={"If-Match": '"2"'})
    assert sorted(revoked(canceled(stack, "1"))) == [50, 100]


def test_a_canceled_order_leaves_out_the_frozen_card_and_a_later_refund_catches_up(stack: Stack) -> None:
    frozen, other = stack.wallet(), stack.wallet()
    for wallet in (frozen, other):
        campaign(stack, wallet, name=wallet)
    paid(stack, 25_000, "1")
    set_status(stack, frozen, "FROZEN")

    answer = canceled(stack, "1")

    assert [(one["walletId"], one["revoked"]["points"]) for one in answer.body["refund"]["wallets"]] == [(other, 200)]
    assert [(one["walletId"], one["code"]) for one in answer.body["refund"]["skipped"]] == [(frozen, "card_frozen")]
    assert canceled(stack, "1").body["refund"] == answer.body["refund"]
    set_status(stack, frozen, "ACTIVE")
    assert revoked(refunded(stack, "1", full(), "caught-up")) == [200]
    assert (active(stack, frozen), active(stack, other)) == (0, 0)


@pytest.mark.parametrize(("status", "answered"), [("FROZEN", 423), ("CLOSED", 200)])
def test_an_event_of_an_order_succeeds_on_a_card_that_stays_closed(stack: Stack, status: str, answered: int) -> None:
    """An event for a frozen card is refused, so that its sender repeats it when the card is reactivated."""
    wallet = stack.wallet()
    campaign(stack, wallet)
    paid(stack, 25_000, "1")
    set_status(stack, wallet, status)
    assert canceled(stack, "1").status == answered
    assert active(stack, wallet) == 200
    if status == "FROZEN":
        set_status(stack, wallet, "ACTIVE")
        assert revoked(canceled(stack, "1")) == [200]


def set_status(stack: Stack, wallet: str, status: str) -> None:
    path = f"/v1/wallets/{wallet}/cards/ann"
    etag = stack.http("GET", path).headers["ETag"]
    assert stack.http("PATCH", path, {"status": status}, headers={"If-Match": etag}).status == 200
