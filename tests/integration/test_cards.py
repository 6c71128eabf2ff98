"""Cards: enrolment, search, lists, current state and status."""

from collections import Counter
from typing import Any

import pytest
import time_machine

from tests.integration.accounts import START, at
from tests.integration.metering import metered
from tests.integration.racing import before_next
from tests.support.stack import Answer, Stack


def enrol(stack: Stack, wallet: str, customer: str = "ann", **body: Any) -> Answer:
    return stack.http("POST", f"/v1/wallets/{wallet}/cards", {"customerId": customer, **body})


def change(stack: Stack, wallet: str, revision: int, **body: Any) -> Answer:
    return stack.http("PATCH", f"/v1/wallets/{wallet}/cards/ann", body, headers={"If-Match": f'"{revision}"'})


def of_wallet(stack: Stack, wallet: str, limit: int, prefix: str | None = None) -> list[list[str]]:
    """The customers of each page."""
    pages = []
    cursor = None
    while True:
        query = {"limit": limit, "cursor": cursor, "prefix": prefix}
        answer = stack.http("GET", f"/v1/wallets/{wallet}/cards", query=query)
        assert answer.status == 200, answer.text
        pages.append([card["customerId"] for card in answer.body["data"]])
        cursor = answer.body["nextCursor"]
        if cursor is None:
            return pages


def test_an_enrolled_customer_has_an_empty_card_with_a_code(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet(code={"charset": "NUMERIC", "pattern": "####-####", "prefix": "C"})

    answer = enrol(stack, wallet, metadata={"tier": "gold"})

    assert (answer.status, answer.headers["ETag"]) == (201, '"1"')
    assert answer.headers["Location"] == f"/v1/wallets/{wallet}/cards/ann"
    card = answer.body
    assert card.pop("code").startswith("C")
    assert card.pop("cardId")
    assert set(card.pop("lifetime").values()) == {0}
    assert card == {
        "walletId": wallet,
        "customerId": "ann",
        "status": "ACTIVE",
        "balance": {"active": 0, "pending": 0, "held": 0, "available": 0, "debt": 0},
        "nextExpiration": None,
        "nextActivation": None,
        "lots": [],
        "holds": [],
        "tiers": [],
        "version": 0,
        "metadata": {"tier": "gold"},
        "createdAt": "2027-03-01T12:00:00Z",
    }
    assert stack.rows(wallet) == []


def test_a_second_enrolment_answers_the_existing_card(stack: Stack) -> None:
    wallet = stack.wallet()
    first = enrol(stack, wallet)
    stack.credit(wallet, 10)
    items = stack.items()

    again = enrol(stack, wallet, code=first.body["code"])

    assert (again.status, again.body["cardId"], again.body["code"]) == (200, first.body["cardId"], first.body["code"])
    assert again.body["balance"]["active"] == 10
    assert stack.items() == items


@pytest.mark.parametrize("other", [{"code": "OTHER"}, {"metadata": {"tier": "silver"}}])
def test_a_second_enrolment_with_other_data_is_refused_and_names_the_field(stack: Stack, other: dict[str, Any]) -> None:
    wallet = stack.wallet()
    enrol(stack, wallet, code="OWN", metadata={"tier": "gold"})
    assert enrol(stack, wallet, code="OWN", metadata={"tier": "gold"}).status == 200
    items = stack.items()

    refused = enrol(stack, wallet, **{"code": "OWN", "metadata": {"tier": "gold"}, **other})

    assert (refused.status, refused.code) == (409, "card_differs")
    assert refused.fields() == {f"body.{name}": "card_differs" for name in other}
    assert stack.items() == items


def test_a_code_of_the_caller_is_kept_and_unique(stack: Stack) -> None:
    wallet, other = stack.wallet(), stack.wallet()
    assert enrol(stack, wallet, code="OWN-1").body["code"] == "OWN-1"
    items = stack.items()
    for answer in (enrol(stack, wallet, "bob", code="OWN-1"), enrol(stack, other, "ann", code="OWN-1")):
        assert (answer.status, answer.code) == (409, "code_taken")
    assert stack.items() == items
    assert enrol(stack, wallet, "bob", code="own-1").status == 201


def test_a_card_is_found_by_its_code_in_the_exact_case(stack: Stack) -> None:
    wallet = stack.wallet()
    enrol(stack, wallet, code="Own-1")
    stack.credit(wallet, 10)
    found = stack.http("GET", "/v1/cards/Own-1")
    assert found.body == stack.card(wallet)
    missing = stack.http("GET", "/v1/cards/OWN-1")
    assert (missing.status, missing.code) == (404, "code_not_found")


def test_a_generated_code_that_is_taken_is_replaced_by_another(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    wallet = stack.wallet(code={"charset": "NUMERIC", "length": 7})
    enrol(stack, wallet, "bob", code="1111111")
    digits = iter("1111111" + "1111112" + "1111112" + "1111113")
    monkeypatch.setattr("loyalty.usecases.admission.secrets.choice", lambda _: next(digits))
    monkeypatch.setattr("loyalty.retry.sleep", lambda _: None)
    assert enrol(stack, wallet, "ann").body["code"] == "1111112"
    # An enrolment by a first credit does the same.
    assert stack.credit(wallet, 5, customer="cid").status == 201
    assert stack.card(wallet, "cid")["code"] == "1111113"
    assert [row["points"] for row in stack.rows(wallet, "cid")] == [5]


def test_two_concurrent_enrolments_answer_the_same_card(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loyalty.retry.sleep", lambda _: None)
    wallet = stack.wallet()
    rivals: list[Answer] = []
    with before_next("TransactWriteItems", lambda: rivals.append(enrol(stack, wallet))):
        mine = enrol(stack, wallet)
    assert [rival.status for rival in rivals] == [201]
    assert (mine.status, mine.body) == (200, rivals[0].body)


def test_a_wallet_without_auto_enrol_requires_an_enrolment_before_a_credit(stack: Stack) -> None:
    wallet = stack.wallet(autoEnrol=False)
    refused = stack.credit(wallet, 10)
    assert (refused.status, refused.code) == (404, "card_not_found")
    enrol(stack, wallet)
    assert stack.credit(wallet, 10).status == 201


def test_only_active_wallets_enrol_customers(stack: Stack) -> None:
    draft = stack.http("POST", "/v1/wallets", {"name": "Draft", "status": "DRAFT"}).body["walletId"]
    assert enrol(stack, draft).code == "wallet_not_active"
    assert enrol(stack, "wal_unknown").code == "wallet_not_found"


def test_a_read_includes_what_is_due_and_writes_nothing(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 5)
    stack.credit(wallet, 10, expiresAt=at(hours=1))
    stack.credit(wallet, 20, activatesAt=at(hours=2), expiresAt=at(hours=4))
    stack.credit(wallet, 30, activatesAt=at(hours=3))
    items = stack.items()

    card = stack.card(wallet)
    assert card["balance"] == {"active": 15, "pending": 50, "held": 0, "available": 15, "debt": 0}
    assert card["nextExpiration"] == {"points": 10, "at": at(hours=1)}
    assert card["nextActivation"] == {"points": 20, "at": at(hours=2)}
    assert [(lot["state"], lot["points"], lot["activatesAt"], lot["expiresAt"]) for lot in card["lots"]] == [
        ("PENDING", 20, at(hours=2), at(hours=4)),
        ("PENDING", 30, at(hours=3), None),
        ("ACTIVE", 10, None, at(hours=1)),
        ("ACTIVE", 5, None, None),
    ]
    assert {lot["issuedOn"] for lot in card["lots"]} == {"2027-03-01"}
    active = []
    for hours in (1, 2, 3, 4):
        clock.move_to(START.replace(hour=12 + hours))
        active.append(stack.card(wallet)["balance"]["active"])
    # Points expire and activate exactly at their second.
    assert active == [5, 25, 55, 35]
    assert stack.card(wallet)["lifetime"]["expired"] == 30
    assert (stack.card(wallet)["nextExpiration"], stack.card(wallet)["version"]) == (None, 4)
    assert stack.items() == items


def test_points_are_usable_until_the_second_before_their_expiry(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 10, expiresAt=at(hours=1))
    clock.shift(3_599)
    assert stack.card(wallet)["balance"]["active"] == 10
    clock.shift(1)
    assert stack.card(wallet)["balance"]["active"] == 0


@pytest.mark.parametrize(
    ("status", "credit", "debit", "refund"),
    [
        ("BLOCKED", None, "card_blocked", None),
        ("FROZEN", "card_frozen", "card_frozen", "card_frozen"),
        ("CLOSED", "card_closed", "card_closed", "card_closed"),
    ],
)
def test_the_card_status_decides_which_movements_are_allowed(
    stack: Stack, status: str, credit: str | None, debit: str | None, refund: str | None
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    stack.debit(wallet, 10, orderId="A")
    assert change(stack, wallet, 1, status=status).body["status"] == status

    for refusal, answer in (
        (credit, stack.credit(wallet, 1)),
        (debit, stack.debit(wallet, 1)),
        (refund, stack.refund(wallet, "A")),
    ):
        if refusal is None:
            assert answer.status == 201, answer.text
        else:
            assert (answer.status, answer.code) == (423, refusal)
    if status != "CLOSED":
        assert change(stack, wallet, 2, status="ACTIVE").body["status"] == "ACTIVE"
        assert stack.debit(wallet, 1).status == 201


@pytest.mark.parametrize("status", ["ACTIVE", "BLOCKED", "FROZEN"])
def test_a_closed_card_stays_closed(stack: Stack, status: str) -> None:
    wallet = stack.wallet()
    enrol(stack, wallet)
    assert change(stack, wallet, 1, status="CLOSED").body["status"] == "CLOSED"

    refused = change(stack, wallet, 2, status=status)
    assert (refused.status, refused.code) == (409, "card_closure_final")
    assert [error["field"] for error in refused.body["errors"]] == ["body.status"]
    assert change(stack, wallet, 2, status="CLOSED", metadata={"left": "2027"}).status == 200
    assert (stack.card(wallet)["status"], stack.card(wallet)["metadata"]) == ("CLOSED", {"left": "2027"})


def test_a_change_of_a_card_keeps_the_fields_that_it_does_not_name(stack: Stack) -> None:
    wallet = stack.wallet()
    enrol(stack, wallet, metadata={"tier": "gold"})
    blocked = change(stack, wallet, 1, status="BLOCKED")
    assert (blocked.headers["ETag"], blocked.body["metadata"]) == ('"2"', {"tier": "gold"})
    silver = change(stack, wallet, 2, metadata={"tier": "silver"})
    assert (silver.body["status"], silver.body["metadata"]) == ("BLOCKED", {"tier": "silver"})
    assert change(stack, wallet, 3, metadata=None).body["metadata"] is None
    assert stack.card(wallet)["status"] == "BLOCKED"


def test_movements_do_not_change_the_etag_of_a_card(stack: Stack) -> None:
    wallet = stack.wallet()
    enrol(stack, wallet)
    stack.credit(wallet, 10)
    assert stack.http("GET", f"/v1/wallets/{wallet}/cards/ann").headers["ETag"] == '"1"'
    assert change(stack, wallet, 1, status="BLOCKED").status == 200
    stale = change(stack, wallet, 1, status="ACTIVE")
    assert (stale.status, stale.code) == (412, "precondition_failed")


def test_a_debit_is_refused_if_the_card_is_blocked_concurrently(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loyalty.retry.sleep", lambda _: None)
    wallet = stack.wallet()
    stack.credit(wallet, 10)
    with before_next("TransactWriteItems", lambda: change(stack, wallet, 1, status="BLOCKED")):
        assert stack.debit(wallet, 10).code == "card_blocked"
    assert stack.card(wallet)["balance"]["active"] == 10


def test_points_that_move_during_a_change_of_a_card_are_not_lost(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 10)
    with before_next("TransactWriteItems", lambda: stack.credit(wallet, 5)):
        assert change(stack, wallet, 1, status="BLOCKED").status == 200
    card = stack.card(wallet)
    assert (card["status"], card["balance"]["active"]) == ("BLOCKED", 15)


def test_all_cards_of_a_wallet_are_listed_once_over_several_pages(stack: Stack) -> None:
    wallet, other = stack.wallet(), stack.wallet()
    customers = [f"customer-{number}" for number in range(23)]
    for customer in customers:
        stack.credit(wallet, 1, customer=customer)
    stack.credit(other, 1, customer="stranger")

    pages = of_wallet(stack, wallet, 5)

    assert [len(page) for page in pages] == [5, 5, 5, 5, 3]
    assert sorted(customer for page in pages for customer in page) == sorted(customers)
    assert of_wallet(stack, wallet, 23) == [[customer for page in pages for customer in page]]


def test_the_cards_of_customers_with_a_prefix_are_listed_in_the_order_of_their_ids(stack: Stack) -> None:
    wallet, other = stack.wallet(), stack.wallet()
    ids = ["c-1", "c-10", "c-10~", "c-11", "c-1.", "c-2", "C-1", "b-9", "c"]
    for customer in ids:
        stack.credit(wallet, 7, customer=customer)
    stack.credit(other, 1, customer="c-12")

    assert of_wallet(stack, wallet, 2, "c-1") == [["c-1", "c-1."], ["c-10", "c-10~"], ["c-11"]]
    assert of_wallet(stack, wallet, 5, "c-1") == [["c-1", "c-1.", "c-10", "c-10~", "c-11"]]
    assert of_wallet(stack, wallet, 5, "c-10~") == [["c-10~"]]
    assert of_wallet(stack, wallet, 5, "c-10~~") == [[]]
    answer = stack.http("GET", f"/v1/wallets/{wallet}/cards", query={"prefix": "b"})
    assert answer.body["data"] == [stack.card(wallet, "b-9")]


def test_a_cursor_of_another_prefix_or_list_is_refused(stack: Stack) -> None:
    wallet = stack.wallet()
    for customer in ("a-1", "a-2", "b-1"):
        stack.credit(wallet, 1, customer=customer)
    path = f"/v1/wallets/{wallet}/cards"
    of_prefix, of_all = (
        stack.http("GET", path, query={"limit": 1, "prefix": prefix}).body["nextCursor"] for prefix in ("a", None)
    )
    for cursor, prefix in ((of_prefix, "b"), (of_prefix, None), (of_all, "a")):
        refused = stack.http("GET", path, query={"cursor": cursor, "prefix": prefix})
        assert (refused.status, refused.fields()) == (400, {"query.cursor": "invalid_cursor"})


def test_a_search_by_prefix_reads_each_shard_once_and_then_the_page_of_cards(stack: Stack) -> None:
    wallet = stack.wallet()
    for customer in ("a-1", "a-2", "b-1"):
        stack.credit(wallet, 1, customer=customer)
    with metered(stack) as meter:
        stack.http("GET", f"/v1/wallets/{wallet}/cards", query={"prefix": "a"})
    assert Counter(meter.requests) == {"Query": 64, "BatchGetItem": 1}


def test_the_cards_of_a_customer_are_listed_over_all_wallets(stack: Stack) -> None:
    wallets = [stack.wallet() for _ in range(3)]
    for points, wallet in enumerate(wallets, start=1):
        stack.credit(wallet, points)
    stack.credit(wallets[0], 9, customer="ann2")

    answer = stack.http("GET", "/v1/customers/ann/cards").body

    assert {card["walletId"]: card["balance"]["active"] for card in answer["data"]} == dict(
        zip(wallets, (1, 2, 3), strict=True)
    )
    assert answer["nextCursor"] is None
    assert stack.http("GET", "/v1/customers/zoe/cards").body["data"] == []


def test_customers_with_similar_ids_have_separate_cards(stack: Stack) -> None:
    wallet = stack.wallet()
    customers = ["ann", "Ann", "ann@shop.example", "ann+1", "a:b", "~", "..a", "n" * 128]
    for points, customer in enumerate(customers, start=1):
        assert stack.credit(wallet, points, customer=customer).status == 201
    assert [stack.card(wallet, customer)["balance"]["active"] for customer in customers] == [*range(1, 9)]


def test_a_customer_without_a_card_cannot_read_or_change_one(stack: Stack) -> None:
    wallet = stack.wallet()
    assert stack.http("GET", f"/v1/wallets/{wallet}/cards/ann").code == "card_not_found"
    assert change(stack, wallet, 1, status="BLOCKED").code == "card_not_found"
