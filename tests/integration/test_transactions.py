"""The ledger of a card: pages, filters, and a transaction by its id or by its key."""

from typing import Any

import pytest
import time_machine

from tests.integration.accounts import at
from tests.integration.metering import metered
from tests.support import wire
from tests.support.stack import Answer, Stack


def listed(stack: Stack, wallet: str, **query: Any) -> Answer:
    return stack.http("GET", f"/v1/wallets/{wallet}/cards/ann/transactions", query=query)


def seqs(stack: Stack, wallet: str, **query: Any) -> list[int]:
    answer = listed(stack, wallet, **query)
    assert answer.status == 200, answer.text
    return [row["seq"] for row in answer.body["data"]]


def by_key(stack: Stack, wallet: str, **query: Any) -> Answer:
    return stack.http("GET", f"/v1/wallets/{wallet}/cards/ann/transactions/by-key", query=query)


@pytest.fixture
def history(clock: time_machine.Traveller, stack: Stack) -> str:
    """The wallet of a card with transactions of several types."""
    wallet = stack.wallet()
    stack.credit(wallet, 100, campaignId="spring")  # 1
    stack.credit(wallet, 40, source="Manual", activatesAt=at(hours=1), expiresAt=at(hours=2))  # 2
    clock.shift(60)
    stack.debit(wallet, 30, orderId="#1001")  # 3
    stack.credit(wallet, 20, orderId="A")  # 4
    clock.shift(3_600)
    stack.refund(wallet, "#1001")  # 5 ACTIVATION, 6 RETURN
    clock.shift(3_600)
    stack.refund(wallet, "A")  # 7 EXPIRY, 8 REVOCATION
    return wallet


def test_transactions_are_listed_newest_first(stack: Stack, history: str) -> None:
    answer = listed(stack, history)
    assert [row["type"] for row in answer.body["data"]] == [
        "REVOCATION",
        "EXPIRY",
        "RETURN",
        "ACTIVATION",
        "CREDIT",
        "DEBIT",
        "CREDIT",
        "CREDIT",
    ]
    assert (answer.body["nextCursor"], answer.body["complete"]) == (None, True)
    expiry = answer.body["data"][1]
    assert (expiry["source"], expiry["operation"], expiry["actor"]) == ("System", "settle", None)
    assert (expiry["effectiveAt"], expiry["createdAt"]) == (at(hours=2), at(hours=2, seconds=60))


def test_transactions_have_their_deltas_and_the_balance_after_them(stack: Stack, history: str) -> None:
    rows = stack.rows(history)
    running = {"active": 0, "pending": 0, "held": 0}
    for row in rows:
        running = {bucket: points + row["deltas"][bucket] for bucket, points in running.items()}
        assert {bucket: row["balanceAfter"][bucket] for bucket in running} == running
    assert running["active"] == stack.card(history)["balance"]["active"] == 100


@pytest.mark.parametrize("limit", [1, 3, 8, 100])
def test_every_transaction_is_on_exactly_one_page(stack: Stack, history: str, limit: int) -> None:
    seen: list[int] = []
    cursor = None
    while True:
        page = listed(stack, history, limit=limit, cursor=cursor).body
        assert len(page["data"]) <= limit
        assert page["complete"] is True
        seen += [row["seq"] for row in page["data"]]
        cursor = page["nextCursor"]
        if cursor is None:
            break
    assert seen == [8, 7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"type": "CREDIT"}, [4, 2, 1]),
        ({"type": "CANCELLATION"}, []),
        ({"source": "Manual"}, [2]),
        ({"source": "System"}, [7, 5]),
        ({"operation": "refund"}, [8, 6]),
        ({"operation": "settle"}, [7, 5]),
        ({"bucket": "PENDING"}, [2]),
        ({"bucket": "PENDING", "type": "DEBIT"}, []),
        ({"orderId": "#1001"}, [6, 3]),
        ({"orderId": "A"}, [8, 4]),
        ({"orderId": "1001"}, []),
        ({"campaignId": "spring"}, [1]),
        ({"minPoints": 31}, [7, 5, 2, 1]),
        ({"maxPoints": 20}, [8, 4]),
        ({"minPoints": 30, "maxPoints": 30}, [6, 3]),
        ({"from": at(seconds=60)}, [8, 7, 6, 5, 4, 3]),
        ({"to": at(seconds=60)}, [2, 1]),
        ({"from": at(seconds=60), "to": at(hours=1, seconds=60)}, [4, 3]),
        # The same instant in another time zone.
        ({"to": "2027-03-01T13:01:00+01:00"}, [2, 1]),
        ({"type": "CREDIT", "source": "API", "orderId": "A", "minPoints": 20}, [4]),
    ],
)
def test_filters_select_the_matching_transactions(
    stack: Stack, history: str, query: dict[str, Any], found: list[int]
) -> None:
    assert seqs(stack, history, **query) == found


def test_a_rare_match_is_found_over_several_pages(stack: Stack, history: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loyalty.usecases.history.INDEX_ENTRIES_MAX", 2)
    seen: list[int] = []
    pages = 0
    cursor = None
    while True:
        page = listed(stack, history, campaignId="spring", cursor=cursor).body
        pages += 1
        seen += [row["seq"] for row in page["data"]]
        cursor = page["nextCursor"]
        if cursor is None:
            break
    assert seen == [1]
    assert pages > 2


def test_transactions_between_two_pages_change_neither_page(stack: Stack, history: str) -> None:
    first = listed(stack, history, limit=3).body
    stack.credit(history, 1)
    rest = listed(stack, history, limit=100, cursor=first["nextCursor"]).body
    assert [row["seq"] for row in first["data"] + rest["data"]] == [8, 7, 6, 5, 4, 3, 2, 1]


def test_a_list_from_a_late_index_is_marked_as_incomplete(
    stack: Stack, history: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loyalty.usecases.history.sleep", lambda _: None)

    def lag(parsed: Any, _: object) -> None:
        parsed["Items"] = [item for item in parsed["Items"] if item["hs"] != {"N": "8"}]

    wire.watch("Query", wire.changing(lag))
    late = listed(stack, history).body
    assert ([row["seq"] for row in late["data"]], late["complete"]) == ([7, 6, 5, 4, 3, 2, 1], False)


def test_a_list_is_complete_once_a_late_index_catches_up(
    stack: Stack, history: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("loyalty.usecases.history.sleep", pauses.append)

    def lag(parsed: Any, _: object) -> None:
        if len(pauses) < 2:
            parsed["Items"] = [item for item in parsed["Items"] if item["hs"] != {"N": "8"}]

    wire.watch("Query", wire.changing(lag))
    caught_up = listed(stack, history).body
    assert (caught_up["data"][0]["seq"], caught_up["complete"]) == (8, True)
    assert sum(pauses) < 0.3


def test_a_transaction_is_read_by_its_id(stack: Stack, history: str) -> None:
    for row in stack.rows(history):
        answer = stack.http("GET", f"/v1/transactions/{row['transactionId']}")
        assert (answer.status, answer.body) == (200, row)


def test_an_unknown_transaction_id_is_not_found(stack: Stack, history: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loyalty.usecases.history.sleep", lambda _: None)
    card = stack.card(history)["cardId"]
    for unknown in (f"{card}.9", f"{'A' * 16}.1", f"{card}.999999999999"):
        answer = stack.http("GET", f"/v1/transactions/{unknown}")
        assert (answer.status, answer.code) == (404, "transaction_not_found")


KEYS = ["plain-key", "a,b,c,d,e", "100%#?&=+/key", "~~~~~~~~", '"quoted"', "K:12345#2", "{braces}"]
ORDERS = [None, "A", "#1001", "A,B", "A#B", "100%", "=", "-", "Ünï ✓ 注文", "a&orderId=b", "+ +"]


def test_the_transaction_of_a_key_is_found_with_its_order(stack: Stack) -> None:
    wallet = stack.wallet()
    made = {}
    for key in KEYS:
        for order in ORDERS:
            body = {"orderId": order} if order else {}
            answer = stack.credit(wallet, 10, key=key, **body)
            assert "Idempotent-Replayed" not in answer.headers, "each order has its own scope"
            made[key, order] = answer.body["transaction"]

    for (key, order), row in made.items():
        found = by_key(stack, wallet, key=key, orderId=order)
        assert (found.status, found.body) == (200, row)
    assert by_key(stack, wallet, key=KEYS[0], orderId="other").code == "transaction_not_found"


def test_a_key_of_a_refused_request_has_no_transaction(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 10)
    stack.debit(wallet, 11, key="too-much-1")
    assert (by_key(stack, wallet, key="too-much-1").status, by_key(stack, wallet, key="x" * 8).status) == (404, 404)


def test_the_key_of_a_refund_finds_its_last_transaction(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    stack.debit(wallet, 30, orderId="A")
    stack.credit(wallet, 20, orderId="A")
    stack.refund(wallet, "A", key="refund-one")
    assert by_key(stack, wallet, key="refund-one", orderId="A").body["type"] == "REVOCATION"


def test_a_customer_without_a_card_is_not_found(stack: Stack) -> None:
    wallet = stack.wallet()
    assert listed(stack, wallet).code == "card_not_found"


def listed_of_customer(stack: Stack, **query: Any) -> Answer:
    return stack.http("GET", "/v1/customers/ann/transactions", query=query)


@pytest.fixture
def two_wallets(clock: time_machine.Traveller, stack: Stack) -> tuple[str, str]:
    """A customer with transactions in two wallets, at alternating instants, and another customer."""
    stars, miles = stack.wallet(name="Stars"), stack.wallet(name="Miles")
    for number in range(1, 6):
        stack.credit(stars, number, orderId="A" if number == 1 else "B")
        clock.shift(60)
        stack.credit(miles, 10 * number, orderId="A" if number == 5 else "B")
        clock.shift(60)
    stack.credit(miles, 999, customer="bob")
    return stars, miles


NEWEST_FIRST = [50, 5, 40, 4, 30, 3, 20, 2, 10, 1]


def test_transactions_of_a_customer_are_listed_over_all_wallets(stack: Stack, two_wallets: tuple[str, str]) -> None:
    answer = listed_of_customer(stack)
    assert [row["points"] for row in answer.body["data"]] == NEWEST_FIRST
    assert (answer.body["nextCursor"], answer.body["complete"]) == (None, True)
    assert answer.body["data"][0] == stack.rows(two_wallets[1])[-1]


@pytest.mark.parametrize("limit", [1, 3, 10])
def test_every_transaction_of_a_customer_is_on_exactly_one_page(
    stack: Stack, two_wallets: tuple[str, str], limit: int
) -> None:
    pages, query = [], {"limit": str(limit)}
    while True:
        answer = listed_of_customer(stack, **query)
        pages.append([row["points"] for row in answer.body["data"]])
        if answer.body["nextCursor"] is None:
            break
        query["cursor"] = answer.body["nextCursor"]
        # Neither a new transaction nor a new card changes the pages after the first.
        stack.credit(two_wallets[0], 1_000)
        stack.credit(stack.wallet(), 1_000)
    assert [points for page in pages for points in page] == NEWEST_FIRST
    assert all(len(page) == limit for page in pages[:-1])


def test_the_filters_of_a_customers_transactions_are_those_of_a_card(
    stack: Stack, two_wallets: tuple[str, str]
) -> None:
    def points(**query: str) -> list[int]:
        return [row["points"] for row in listed_of_customer(stack, **query).body["data"]]

    assert points(orderId="A") == [50, 1]
    assert points(minPoints="5", maxPoints="20") == [5, 20, 10]
    assert points(**{"from": at(minutes=8), "type": "CREDIT"}) == [50, 5]
    assert points(type="DEBIT") == []


def test_a_rare_transaction_of_a_customer_is_found_over_several_pages(
    stack: Stack, two_wallets: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loyalty.usecases.history.INDEX_ENTRIES_MAX", 4)
    first = listed_of_customer(stack, limit="2", maxPoints="1")
    assert first.body["data"] == []
    second = listed_of_customer(stack, limit="2", maxPoints="1", cursor=first.body["nextCursor"])
    third = listed_of_customer(stack, limit="2", maxPoints="1", cursor=second.body["nextCursor"])
    assert [row["points"] for row in third.body["data"]] == [1]


def test_a_customer_without_a_card_has_no_transactions(stack: Stack) -> None:
    assert listed_of_customer(stack).body == {"data": [], "nextCursor": None, "complete": True}


def test_a_page_of_a_customer_costs_what_the_data_model_says(stack: Stack, two_wallets: tuple[str, str]) -> None:
    with metered(stack) as meter:
        cursor = listed_of_customer(stack, limit="3").body["nextCursor"]
        assert meter.requests == [*["Query"] * 5, "BatchGetItem"]
        meter.requests.clear()
        listed_of_customer(stack, limit="3", cursor=cursor)
        assert meter.requests == [*["Query"] * 3, "BatchGetItem"]
