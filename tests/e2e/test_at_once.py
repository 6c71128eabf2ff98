"""Many concurrent requests on one card, over the deployed stack."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.conftest import Defined
from tests.support.live import Live

pytestmark = pytest.mark.e2e

AT_ONCE = 16
"""Each of them starts a process, for half a second of a processor. Simulations have more at once."""


def at_once(times: int, request: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(request, range(times)))


@pytest.fixture(scope="module", autouse=True)
def awake(live: Live) -> None:
    """Starts the processes of the emulated functions before the burst, one for each concurrent request."""
    wallet = live.wallet()
    for what in ("credits", "refunds"):
        live.move(what, wallet, "zoe", {})
    at_once(AT_ONCE, lambda _: live.move("debits", wallet, "zoe", {"points": 1}))


def test_sixteen_concurrent_debits_succeed_exactly_as_far_as_the_points_allow(live: Live) -> None:
    wallet, customer = live.wallet(), f"ann-{uuid4()}"
    live.credit(wallet, customer, 100)

    answers = at_once(AT_ONCE, lambda _: live.move("debits", wallet, customer, {"points": 10}))

    assert Counter(answer.status_code for answer in answers) == {201: 10, 422: 6}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 422} == {"insufficient_points"}
    assert live.card(wallet, customer)["balance"]["active"] == 0
    assert [row["seq"] for row in live.rows(wallet, customer)] == list(range(1, 12))


def test_sixteen_concurrent_requests_with_one_key_have_one_effect_and_one_answer(live: Live) -> None:
    wallet, customer, key = live.wallet(), f"ann-{uuid4()}", f"key-{uuid4()}"

    answers = at_once(AT_ONCE, lambda _: live.move("credits", wallet, customer, {"points": 10}, key))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    # The answer of the one effect may be lost on a busy machine. The request is then sent again.
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) <= 1
    assert live.card(wallet, customer)["balance"]["active"] == 10


def test_one_of_two_concurrent_full_refunds_returns_the_points(live: Live) -> None:
    wallet, customer = live.wallet(), f"ann-{uuid4()}"
    live.credit(wallet, customer, 100)
    assert live.move("debits", wallet, customer, {"points": 40, "orderId": "A"}).status_code == 201

    answers = at_once(2, lambda _: live.move("refunds", wallet, customer, {"orderId": "A", "type": "FULL"}))

    assert sorted(answer.status_code for answer in answers) == [201, 422]
    assert {answer.json().get("code") for answer in answers} == {None, "nothing_to_refund"}
    assert live.card(wallet, customer)["balance"]["active"] == 100


def test_a_repeated_debit_has_the_first_answer_after_the_points_are_spent(live: Live) -> None:
    wallet, customer, key = live.wallet(), f"ann-{uuid4()}", f"key-{uuid4()}"
    live.credit(wallet, customer, 50)
    first = live.move("debits", wallet, customer, {"points": 50}, key)

    again = live.move("debits", wallet, customer, {"points": 50}, key)

    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"


def test_one_paid_order_by_http_and_bus_at_once_is_awarded_once(live: Live, defined: Defined) -> None:
    wallet, customer = defined.wallet, defined.buyer

    def send(number: int) -> Any:
        body = {
            "name": "order.paid",
            "customerId": customer,
            "eventId": f"delivery-{number}",
            "orderId": "#1001",
            "order": {"amount": 25_000},
        }
        if number % 4:
            return live.http("POST", "/events", body)
        live.put_event(body)
        return None

    answers = [answer for answer in at_once(AT_ONCE, send) if answer is not None]

    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["awards"][0]["balance"]["active"] for answer in answers} == {200}
    assert sum(not answer.json()["replayed"] for answer in answers) <= 1
    assert [row["points"] for row in live.rows(wallet, customer)] == [200]
    receipt = live.http("GET", f"/customers/{customer}/events/order.paid?orderId=%231001").json()
    assert [award["points"] for award in receipt["awards"]] == [200]
