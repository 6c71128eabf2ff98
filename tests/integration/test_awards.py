"""Awards: an event becomes points of campaigns, once, with reasons for every campaign that gave nothing."""

from typing import Any

import pytest
import time_machine

from tests.integration.campaigning import PAID, campaign, paid, points, reasons
from tests.integration.racing import before_next, no_pauses
from tests.support import wire
from tests.support.stack import Answer, Stack
from tests.support.wire import Sent, watching


def test_a_purchase_earns_points_for_every_whole_part_of_its_amount(stack: Stack) -> None:
    wallet = stack.wallet()
    purchases = campaign(stack, wallet)
    first = paid(stack, 25_000, "1")
    (award,) = first.body["awards"]
    assert (award["campaignId"], award["points"], award["balance"]["active"]) == (purchases, 200, 200)
    second = paid(stack, 9_999, "2")
    assert (points(second), reasons(second)) == ([], {purchases: "rounds_to_zero"})
    assert points(paid(stack, 10_000, "3")) == [100]
    (row, _) = stack.rows(wallet)
    assert (row["operation"], row["source"], row["campaignId"], row["orderId"]) == (
        "campaign",
        "Campaign",
        purchases,
        "1",
    )


def test_a_first_order_bonus_is_given_once(stack: Stack) -> None:
    wallet = stack.wallet()
    bonus = {"walletId": "points", "type": "FIXED", "points": 200}
    first = campaign(stack, wallet, name="First order", conditions={"customer": {"orderCount": [0]}}, rewards=[bonus])
    assert points(paid(stack, 5_000, "1")) == [200]
    second = paid(stack, 5_000, "2")
    assert (points(second), reasons(second)) == ([], {first: "conditions"})
    assert second.body["skipped"][0]["path"] == "customer.orderCount"


def test_a_multiplier_doubles_proportional_points_and_not_a_bonus(clock: time_machine.Traveller, stack: Stack) -> None:
    clock.move_to("2026-12-24T10:00:00-05:00")
    wallet = stack.wallet()
    campaign(stack, wallet)
    bonus = {"walletId": "points", "type": "FIXED", "points": 200}
    campaign(stack, wallet, name="First order", conditions={"customer": {"orderCount": [0]}}, rewards=[bonus])
    window = {"startsAt": "2026-12-21T05:00:00Z", "endsAt": "2026-12-28T05:00:00Z"}
    campaign(stack, wallet, name="Christmas double", multiplier={"factor": "2"}, **window)

    new = paid(stack, 25_000, "1")
    assert sorted(points(new)) == [200, 400]
    (doubled,) = [award for award in new.body["awards"] if award["points"] == 400]
    assert (doubled["base"], doubled["factor"]) == ("200", "2")
    assert points(paid(stack, 25_000, "2")) == [400]
    clock.move_to("2026-12-28T00:00:00-05:00")
    assert points(paid(stack, 25_000, "3")) == [200]


@pytest.mark.parametrize(("stack_factors", "expected"), [(False, 600), (True, 1_200)])
def test_the_largest_multiplier_wins_unless_they_stack(stack: Stack, stack_factors: bool, expected: int) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet)
    for name, factor in (("double", "2"), ("triple", "3")):
        campaign(stack, wallet, name=name, multiplier={"factor": factor, "stack": stack_factors})
    assert points(paid(stack, 25_000, "1")) == [expected]


def test_a_review_of_a_product_gives_points_once(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.http("PUT", "/v1/event-definitions/review.created", {"properties": []})
    reviews = campaign(
        stack,
        wallet,
        name="Reviews",
        trigger={"type": "EVENT", "event": "review.created"},
        rewards=[{"walletId": "points", "type": "FIXED", "points": 20}],
        limits={"perCustomer": {"oncePer": "properties.productId"}},
    )

    def review(product: str | None, event: str) -> Answer:
        properties = {} if product is None else {"productId": product}
        body = {"name": "review.created", "customerId": "ann", "eventId": event, "properties": properties}
        return stack.http("POST", "/v1/events", body)

    assert points(review("A", "r1")) == [20]
    again = review("A", "r2")
    assert (points(again), reasons(again)) == ([], {reviews: "once_per"})
    assert points(review("B", "r3")) == [20]
    assert reasons(review(None, "r4")) == {reviews: "input_missing"}


def test_an_order_earns_once_whatever_the_event_ids(stack: Stack) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet)
    first = paid(stack, 25_000, "1")
    stack.debit(wallet, 50)
    for number in range(3):
        again = paid(stack, 25_000, "1", event=f"retry-{number}")
        assert (again.body["replayed"], again.body["awards"]) == (True, first.body["awards"])
    assert stack.card(wallet)["balance"]["active"] == 150
    body = {"name": "order.paid", "customerId": "ann", "eventId": "x", "orderId": "1", "order": {"amount": 1}}
    other = stack.http("POST", "/v1/events", body)
    assert (other.status, other.code, list(other.fields())) == (409, "order_differs", ["body.order"])


def test_a_campaign_that_was_activated_later_gives_nothing_for_an_order_that_was_decided(stack: Stack) -> None:
    wallet = stack.wallet()
    assert points(paid(stack, 25_000, "1")) == []
    campaign(stack, wallet)
    assert points(paid(stack, 25_000, "1", event="again")) == []
    assert stack.http("GET", f"/v1/wallets/{wallet}/cards/ann").status == 404


def test_awards_of_several_wallets_are_one_decision_and_a_frozen_card_costs_only_its_own(stack: Stack) -> None:
    wallets = [stack.wallet() for _ in range(3)]
    campaigns = [campaign(stack, wallet, name=f"In wallet {place}") for place, wallet in enumerate(wallets)]
    for wallet in wallets:
        stack.credit(wallet, 1)
    path = f"/v1/wallets/{wallets[1]}/cards/ann"
    stack.http("PATCH", path, {"status": "FROZEN"}, headers={"If-Match": '"1"'})

    answer = paid(stack, 10_000, "1")

    assert points(answer) == [100, 100]
    assert reasons(answer) == {campaigns[1]: "card_frozen"}


def test_an_earning_limit_cuts_an_award_and_says_so(stack: Stack) -> None:
    wallet = stack.wallet(earningLimits={"global": {"type": "BALANCE_BASED", "max": 205, "whenExceeded": "CAP"}})
    campaign(stack, wallet)
    stack.credit(wallet, 200)
    (award,) = paid(stack, 10_000, "1").body["awards"]
    assert (award["points"], award["requested"], award["cappedBy"]) == (5, 100, "earningLimits.global")


def test_points_are_not_earned_on_the_part_that_points_paid(stack: Stack) -> None:
    wallet = stack.wallet(payWithPoints={"type": "EXCHANGE_RATIO", "formula": "1"})
    gross = {"walletId": "points", "type": "PROPORTIONAL", "every": 100, "points": 1}
    campaign(stack, wallet, rewards=[gross])
    campaign(stack, wallet, name="Gross", rewards=[{**gross, "earnOnPointsPaid": True}])
    stack.credit(wallet, 4_000)
    stack.pay(wallet, 10_000, "1")
    assert sorted(points(paid(stack, 10_000, "1"))) == [60, 100]


def test_the_refund_of_an_order_revokes_its_awards(stack: Stack) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet)
    paid(stack, 25_000, "1")
    body = {"orderId": "1", "type": "AMOUNT", "amount": 12_500}
    half = stack.http("POST", "/v1/customers/ann/refunds", body, key="refund-half-1")
    assert half.body["wallets"][0]["revoked"]["points"] == 100
    rest = stack.http("POST", "/v1/customers/ann/refunds", {"orderId": "1", "type": "FULL"}, key="refund-rest-1")
    assert rest.body["wallets"][0]["revoked"]["points"] == 100
    assert stack.card(wallet)["balance"]["active"] == 0


def test_a_customer_gets_no_more_than_the_campaign_allows(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    limits = {"perCustomer": {"per": [{"unit": "DAY", "times": 2}], "cooldown": {"every": 1, "unit": "HOUR"}}}
    limited = campaign(stack, wallet, limits=limits)
    assert points(paid(stack, 10_000, "1")) == [100]
    clock.shift(3_599)
    assert reasons(paid(stack, 10_000, "2")) == {limited: "cooldown"}
    clock.shift(1)
    assert points(paid(stack, 10_000, "3")) == [100]
    clock.shift(3_600)
    assert reasons(paid(stack, 10_000, "4")) == {limited: "limit_per_customer"}


def test_an_event_without_campaigns_is_accepted_and_gives_nothing(stack: Stack) -> None:
    stack.http("PUT", "/v1/event-definitions/app.opened", {"properties": []})
    before = stack.items()
    answer = stack.http("POST", "/v1/events", {"name": "app.opened", "customerId": "ann", "eventId": "1"})
    assert (answer.body["awards"], answer.body["skipped"], answer.body["replayed"]) == ([], [], False)
    assert stack.items() == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"orderId": "1"}, "body.order"),
        ({"order": {"amount": 1}}, "body.orderId"),
        ({"orderId": "1", "order": {"amount": 1, "currency": "XYZ"}}, "body.order.currency"),
        (
            {
                "orderId": "1",
                "order": {"amount": 1, "items": [{"productId": "A", "quantity": 1, "amount": 1, "categories": [""]}]},
            },
            "body.order.items[0].categories[0]",
        ),
    ],
)
def test_a_paid_order_that_is_not_valid_is_refused_with_the_field(
    stack: Stack, body: dict[str, Any], field: str
) -> None:
    answer = stack.http("POST", "/v1/events", {"name": "order.paid", "customerId": "ann", "eventId": "1", **body})
    assert answer.status in (400, 422)
    assert list(answer.fields()) == [field]


def test_a_concurrent_delivery_of_the_order_is_awarded_once(stack: Stack) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet)
    with before_next("TransactWriteItems", lambda: paid(stack, 25_000, "1", event="the-other")):
        answer = paid(stack, 25_000, "1")
    assert (answer.body["replayed"], points(answer)) == (True, [200])
    assert [row["points"] for row in stack.rows(wallet)] == [200]


def test_a_concurrent_debit_of_the_card_costs_no_award(stack: Stack) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet)
    stack.credit(wallet, 10)
    with before_next("TransactWriteItems", lambda: stack.debit(wallet, 10)):
        (award,) = paid(stack, 25_000, "1").body["awards"]
    assert award["balance"]["active"] == 200


def test_a_throttled_read_of_a_wallet_costs_no_award(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet)
    paid(stack, 25_000, "1")
    # The environment reads the wallet again, as part of the decision.
    clock.shift(60)
    body = {"name": "order.paid", "customerId": "ann", "eventId": "2", "orderId": "2", "order": {"amount": 25_000}}

    def throttle(sent: Sent) -> wire.Answer:
        return wire.refusal("ThrottlingException") if wallet in str(sent.body) else sent.proceed()

    with watching("GetItem", throttle), no_pauses():
        assert stack.http("POST", "/v1/events", body).code == "busy"
    assert points(stack.http("POST", "/v1/events", body)) == [200]


def test_two_first_orders_at_once_get_one_bonus(stack: Stack) -> None:
    wallet = stack.wallet()
    bonus = {"walletId": "points", "type": "FIXED", "points": 200}
    campaign(stack, wallet, conditions={"customer": {"orderCount": [0]}}, rewards=[bonus])
    with before_next("TransactWriteItems", lambda: paid(stack, 5_000, "1")):
        second = paid(stack, 5_000, "2")
    assert points(second) == []
    assert [row["points"] for row in stack.rows(wallet)] == [200]


def test_an_examination_answers_what_the_event_would_give_and_writes_nothing(stack: Stack) -> None:
    wallet = stack.wallet()
    purchases = campaign(stack, wallet)
    nothing = campaign(stack, wallet, name="Never", conditions={"order": {"amount": [{"numeric": [">", 10**9]}]}})
    before = stack.items()
    body = {"name": "order.paid", "customerId": "ann", "orderId": "1", "order": {"amount": 25_000}}
    seen = stack.http("POST", "/v1/events/examine", body)
    assert stack.items() == before
    (award,) = seen.body["awards"]
    assert (award["campaignId"], award["points"], award["transactionId"]) == (purchases, 200, None)
    assert seen.body["skipped"] == [{"campaignId": nothing, "reason": "conditions", "path": "order.amount"}]
    (given,) = paid(stack, 25_000, "1").body["awards"]
    assert award == {**given, "transactionId": None, "possible": None}


def test_a_draft_can_be_examined_and_then_no_other_campaign_is(stack: Stack) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet)
    draft = {
        "name": "Bonus",
        "status": "DRAFT",
        "trigger": {"type": "EVENT", "event": "order.paid"},
        "rewards": [{"walletId": wallet, "type": "FIXED", "points": 30}],
        "limits": {"budget": {"points": 20, "whenExceeded": "CAP"}},
    }
    drafted = stack.http("POST", "/v1/campaigns", draft).body["campaignId"]
    body = {"name": "order.paid", "customerId": "ann", "orderId": "1", "order": {"amount": 25_000}}
    examined = stack.http("POST", "/v1/events/examine", {**body, "campaignIds": [drafted]})
    assert [(award["campaignId"], award["points"]) for award in examined.body["awards"]] == [(drafted, 20)]


def test_a_campaign_on_an_event_of_the_product_can_be_examined(stack: Stack) -> None:
    wallet = stack.wallet()
    trigger = {"type": "EVENT", "event": "loyalty.customer.created"}
    campaign(stack, wallet, trigger=trigger, rewards=[{"walletId": "points", "type": "FIXED", "points": 10}])
    body = {"name": "loyalty.customer.created", "customerId": "new"}
    assert points(stack.http("POST", "/v1/events/examine", body)) == [10]
    assert stack.http("POST", "/v1/events", {**body, "eventId": "1"}).code == "reserved_name"


def test_only_a_complete_campaign_of_the_event_can_be_examined(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.http("PUT", "/v1/event-definitions/app.opened", {})
    other = campaign(stack, wallet, name="Opened", trigger={"type": "EVENT", "event": "app.opened"})
    incomplete = stack.http("POST", "/v1/campaigns", {"name": "C", "status": "DRAFT", "trigger": PAID})
    body = {"name": "order.paid", "customerId": "ann", "orderId": "1", "order": {"amount": 25_000}}

    def refusal(*ids: str) -> tuple[int, str, dict[str, str]]:
        answer = stack.http("POST", "/v1/events/examine", {**body, "campaignIds": ids})
        return answer.status, answer.code, answer.fields()

    assert refusal("cmp_none") == (404, "campaign_not_found", {"body.campaignIds[0]": "campaign_not_found"})
    assert refusal(incomplete.body["campaignId"]) == (422, "action_required", {"rewards": "required"})
    assert refusal(other) == (400, "invalid_request", {"body.campaignIds[0]": "other_event"})
    assert refusal(other, other) == (400, "invalid_request", {"body.campaignIds": "repeated"})


def test_a_quote_is_what_the_order_will_earn_and_writes_nothing(stack: Stack) -> None:
    wallet = stack.wallet()
    purchases = campaign(stack, wallet)
    outcomes = [{"from": 1, "to": 50, "weight": 1}, {"points": 90, "weight": 1}]
    random = [{"walletId": "points", "type": "RANDOM", "outcomes": outcomes, "maxPoints": 80}]
    wheel = campaign(stack, wallet, name="Wheel", rewards=random)
    before = stack.items()
    quote = stack.http("POST", "/v1/customers/new/quote", {"order": {"amount": 25_000}})
    assert quote.status == 200, quote.text
    found = {award["campaignId"]: award for award in quote.body["awards"]}
    assert (found[purchases]["points"], found[purchases]["possible"]) == (200, None)
    assert found[wheel]["possible"] == {"from": 1, "to": 80}
    assert stack.items() == before
    missing = stack.http("POST", "/v1/customers/new/quote", {})
    assert (missing.status, missing.fields()) == (400, {"body.order": "required"})


def test_the_receipt_of_an_event_can_be_read(stack: Stack) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet)
    decided = paid(stack, 25_000, "#1")
    path = "/v1/customers/ann/events/order.paid"
    receipt = stack.http("GET", path, query={"orderId": "#1"})
    assert (receipt.status, receipt.body["awards"], receipt.body["orderId"]) == (200, decided.body["awards"], "#1")
    assert stack.http("GET", path, query={"orderId": "2"}).code == "event_not_found"
    missing = stack.http("GET", path)
    assert (missing.status, missing.fields()) == (400, {"query.orderId": "required"})


def test_a_random_reward_is_the_same_for_the_same_event(stack: Stack) -> None:
    wallet = stack.wallet()
    outcomes = [{"from": 1, "to": 1_000_000, "weight": 1}, {"points": 5, "weight": 1}]
    campaign(stack, wallet, rewards=[{"walletId": "points", "type": "RANDOM", "outcomes": outcomes}])
    body = {"name": "order.paid", "customerId": "ann", "orderId": "1", "order": {"amount": 1}}
    examined = stack.http("POST", "/v1/events/examine", body).body["awards"]
    assert [award["points"] for award in examined] == points(paid(stack, 1, "1"))


def test_an_award_explains_itself_and_can_be_reversed_without_an_order(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.http("PUT", "/v1/event-definitions/app.opened", {"properties": []})
    gift = {"walletId": "points", "type": "FIXED", "points": 20, "pointsDescription": "For opening the app"}
    campaign(stack, wallet, trigger={"type": "EVENT", "event": "app.opened"}, rewards=[gift])
    answer = stack.http("POST", "/v1/events", {"name": "app.opened", "customerId": "ann", "eventId": "1"})
    transaction = answer.body["awards"][0]["transactionId"]
    explained = stack.http("GET", f"/v1/transactions/{transaction}/explain")
    assert explained.body["transaction"]["pointsDescription"] == "For opening the app"
    reversal = stack.http("POST", f"/v1/transactions/{transaction}/reversal", {"reason": "Mistake"}, key="reversal-1")
    assert (reversal.status, stack.card(wallet)["balance"]["active"]) == (201, 0)


def test_awards_that_do_not_fit_in_one_transaction_are_left_out_by_priority(stack: Stack) -> None:
    wallets = [stack.wallet() for _ in range(7)]
    campaigns = [
        campaign(
            stack,
            wallets[number % len(wallets)],
            name=f"Bonus {number}",
            priority=100 - number,
            rewards=[{"type": "FIXED", "points": 10}],
            limits={"perCustomer": {"times": 5, "oncePer": "orderId"}, "budget": {"points": 1_000}},
        )
        for number in range(20)
    ]
    body = {"name": "order.paid", "customerId": "ann", "orderId": "1", "order": {"amount": 25_000}}
    examined = stack.http("POST", "/v1/events/examine", body)
    answer = paid(stack, 25_000, "1")
    assert [award["campaignId"] for award in answer.body["awards"]] == campaigns[:19]
    assert reasons(answer) == {campaigns[19]: "too_many_awards"}
    assert (points(examined), reasons(examined)) == (points(answer), reasons(answer))
    assert [stack.card(wallet)["balance"]["active"] for wallet in wallets] == [30, 30, 30, 30, 30, 20, 20]
