"""POST …/erasure removes texts that may identify a customer from every item, and the ledgers still verify."""

from typing import Any

import pytest

from loyalty.usecases import erasure
from tests.integration.accounts import item
from tests.integration.racing import before_next, unanswered
from tests.support.stack import Answer, Stack

SECRET = "Ann Miller"


def erase(stack: Stack, customer: str = "ann") -> Answer:
    return stack.http("POST", f"/v1/customers/{customer}/erasure")


def named(stack: Stack) -> list[str]:
    """The sort keys of the items that contain the name."""
    return [item["sk"]["S"] for item in stack.items() if SECRET in repr(item)]


def named_card(stack: Stack, customer: str = "ann") -> str:
    """A wallet with a card of the customer, with the name in every possible text."""
    wallet = stack.wallet()
    card = {"customerId": customer, "metadata": {"name": SECRET}}
    assert stack.http("POST", f"/v1/wallets/{wallet}/cards", card).status == 201
    order = {"amount": 100, "metadata": {"to": SECRET}, "items": [{"productId": "p", "quantity": 1, "amount": 100}]}
    texts: dict[str, Any] = {"pointsDescription": f"For {SECRET}", "metadata": {"note": SECRET}}
    assert stack.credit(wallet, 100, customer, orderId="A", order=order, **texts).status == 201
    assert stack.debit(wallet, 10, customer, metadata={"by": SECRET}).status == 201
    assert stack.refund(wallet, "A", customer, reason=f"{SECRET} called").status == 201
    return wallet


def verified(stack: Stack, wallet: str, customer: str = "ann") -> bool:
    return bool(stack.http("GET", f"/v1/wallets/{wallet}/cards/{customer}/verify").body["valid"])


def test_an_erasure_removes_the_name_from_every_item_and_the_cards_still_verify(stack: Stack) -> None:
    wallets = [named_card(stack), named_card(stack)]
    before = [stack.rows(wallet) for wallet in wallets]
    assert len(named(stack)) == 8

    answer = erase(stack)

    assert (answer.status, answer.body) == (200, {"customerId": "ann", "done": True, "cards": 2, "transactions": 6})
    assert named(stack) == []
    assert all(verified(stack, wallet) for wallet in wallets)
    for wallet, rows in zip(wallets, before, strict=True):
        assert stack.card(wallet)["metadata"] is None
        for row, former in zip(stack.rows(wallet), rows, strict=True):
            order = former["order"] and {**former["order"], "metadata": None}
            erased = {"metadata": None, "pointsDescription": None, "reason": None, "order": order}
            assert row == {**former, **erased}
    assert not any("sa" in item for item in stack.items()), "with a salt, the texts could be guessed"


def test_a_second_erasure_changes_nothing(stack: Stack) -> None:
    named_card(stack)
    erase(stack)
    before = stack.items()
    assert erase(stack).body == {"customerId": "ann", "done": True, "cards": 0, "transactions": 0}
    assert stack.items() == before


def test_an_erasure_does_not_change_other_customers(stack: Stack) -> None:
    named_card(stack, "bob")
    named_card(stack, "ann.b")
    stack.credit(stack.wallet(), 5)
    before = stack.items()
    assert erase(stack).body["transactions"] == 0
    assert stack.items() == before


def test_a_long_ledger_is_erased_in_parts(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "ROWS_MAX", 2)
    monkeypatch.setattr(erasure, "ERASED_AT_ONCE", 1)
    wallet = named_card(stack)
    answers = [erase(stack).body for _ in range(3)]
    assert [(answer["done"], answer["transactions"]) for answer in answers] == [(False, 2), (True, 1), (True, 0)]
    assert named(stack) == []
    assert verified(stack, wallet)


def test_a_repetition_of_an_erased_command_has_the_first_answer(stack: Stack) -> None:
    wallet = stack.wallet()
    first = stack.credit(wallet, 5, key="the-key-1", metadata={"name": SECRET})
    erase(stack)
    again = stack.credit(wallet, 5, key="the-key-1", metadata={"name": SECRET})
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.body["balance"] == first.body["balance"]
    assert named(stack) == []


def test_a_concurrent_change_of_a_card_does_not_restore_its_metadata(stack: Stack) -> None:
    wallet = named_card(stack)

    def block() -> None:
        path = f"/v1/wallets/{wallet}/cards/ann"
        assert stack.http("PATCH", path, {"status": "BLOCKED"}, headers={"If-Match": '"1"'}).status == 200

    with before_next("TransactWriteItems", block):
        assert erase(stack).body["done"] is True
    assert named(stack) == []
    assert stack.card(wallet)["status"] == "BLOCKED"
    stale = stack.http("PATCH", f"/v1/wallets/{wallet}/cards/ann", {"status": "ACTIVE"}, headers={"If-Match": '"2"'})
    assert stale.status == 412


@pytest.mark.tampered
def test_a_row_that_changed_since_it_was_read_is_not_erased(stack: Stack) -> None:
    wallet = named_card(stack)
    erase(stack)
    stack.credit(wallet, 1, key="the-key-1", metadata={"name": SECRET})
    row = next(item for item in stack.items() if SECRET in repr(item))

    def change() -> None:
        stack.dynamodb.put_item(TableName="loyalty", Item={**row, "m": {"S": '{"name":"another"}'}})

    with before_next("TransactWriteItems", change):
        answer = erase(stack)
    assert (answer.status, answer.code) == (503, "busy")
    assert "another" in repr(stack.items())
    assert "dg" not in next(item for item in stack.items() if item["sk"] == row["sk"])


def test_a_key_without_the_scope_for_erasures_is_refused(stack: Stack) -> None:
    named_card(stack)
    stack.scopes = "points:adjust points:credit cards:write"
    assert (erase(stack).status, erase(stack).code) == (403, "scope_missing")
    assert len(named(stack)) == 4


def test_an_unknown_customer_is_not_found(stack: Stack) -> None:
    assert (erase(stack, "zoe").status, erase(stack, "zoe").code) == (404, "customer_not_found")
    assert stack.items() == []


def test_an_erasure_removes_the_profile_and_the_contacts(stack: Stack) -> None:
    # An event that campaigns have not decided yet names the segment too.
    wallet = stack.wallet()
    reward = {"walletId": wallet, "type": "FIXED", "points": 1}
    once = {"perCustomer": {"oncePer": "properties.segment"}}
    trigger = {"type": "EVENT", "event": "loyalty.segment.entered"}
    campaign = {"name": "Entered", "status": "ACTIVE", "trigger": trigger, "rewards": [reward], "limits": once}
    assert stack.http("POST", "/v1/campaigns", campaign).status == 201
    profile = {
        "segments": [SECRET],
        "birthday": "1990-07-31",
        "metadata": {"name": SECRET},
        "timeZone": "Europe/Berlin",
        "locale": "de-DE",
        "signals": [SECRET],
        "importedOrderCount": 2,
        "unsubscribed": ["ALL"],
        "contacts": {"email": "ann@example.com", "phone": "+4930123456"},
    }
    # After the salt of signals and the profile.
    with unanswered("TransactWriteItems", 3):
        assert stack.http("PUT", "/v1/customers/ann", profile).status == 503
    assert named(stack) == ["CUSTOMER"]

    assert erase(stack).body == {"customerId": "ann", "done": True, "cards": 0, "transactions": 0}

    for sort_key, kept in (("CUSTOMER", {"e", "c", "io", "un"}), ("CONTACT", set())):
        (found,) = [one for one in stack.items() if one["sk"]["S"] == sort_key]
        assert set(found) == {"pk", "sk", "s"} | kept
    customer = stack.http("GET", "/v1/customers/ann").body
    assert (customer["segments"], customer["orderCount"], customer["version"]) == ([], 2, 2)
    before = stack.items()
    assert erase(stack).status == 200
    assert stack.items() == before


def test_an_erasure_is_not_undone_by_a_concurrent_change_of_the_profile(stack: Stack) -> None:
    def put(**profile: Any) -> Answer:
        return stack.http("PUT", "/v1/customers/ann", profile)

    put(metadata={"name": SECRET})
    with before_next("TransactWriteItems", lambda: put(metadata={"name": SECRET}, locale="de")):
        erase(stack)
    assert named(stack) == []


def test_an_erasure_changes_no_points_and_writes_no_row(stack: Stack) -> None:
    wallet = named_card(stack)
    before = item(stack, wallet)
    erase(stack)
    after = item(stack, wallet)
    assert after == {**before, "e": {"N": "2"}}
