"""A restored table: the rows after its moment are gone, and their numbers are given out again."""

from typing import Any

import pytest

from loyalty.messaging import bus
from scripts import audit, key
from tests.integration.publishing import Events, publish, stream
from tests.support.stack import Stack, make_table


def key_of(item: Any) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


def restore(stack: Stack, items: list[Any]) -> None:
    """Gives the table these items alone."""
    for item in stack.items():
        stack.dynamodb.delete_item(TableName="loyalty", Key={"pk": item["pk"], "sk": item["sk"]})
    for item in items:
        stack.dynamodb.put_item(TableName="loyalty", Item=item)


def test_no_event_of_a_restored_project_has_an_id_that_was_given_out_before(
    bus_events: Events, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 1)
    moment = stack.items()
    lost = stack.credit(wallet, 2).body["transaction"]
    stack.http("PATCH", f"/v1/wallets/{wallet}", {"description": "lost"}, headers={"If-Match": '"1"'})
    publish(stream(stack))
    before = set(bus_events.details)

    restore(stack, moment)
    monkeypatch.setenv("LOYALTY_RESTORATION", "2027-03-01")
    bus.connected_bus.cache_clear()
    other = stack.debit(wallet, 1).body["transaction"]
    stack.http("PATCH", f"/v1/wallets/{wallet}", {"description": "new"}, headers={"If-Match": '"1"'})
    publish(stream(stack))

    assert other["transactionId"] == lost["transactionId"], "the ledger counts on from the restored moment"
    after = set(bus_events.details) - before
    assert {f"2027-03-01:{lost['transactionId']}", f"2027-03-01:{wallet}.v2"} <= after
    assert {name.partition(":")[2] for name in after} == before


@pytest.mark.tampered
@pytest.mark.parametrize(
    ("head", "versions"), [("TXN", "Expected 2, found 1"), ("CARD", "Expected 1, found 2")], ids=["row", "card"]
)
def test_an_audit_reports_a_transaction_of_which_only_a_part_was_restored(
    stack: Stack, capsys: pytest.CaptureFixture[str], head: str, versions: str
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 1)
    moment = {key_of(item): item for item in stack.items()}
    stack.credit(wallet, 2)
    part = [item for item in stack.items() if item["sk"]["S"].startswith(f"{head}#{wallet}")]
    restore(stack, [*(moment | {key_of(item): item for item in part}).values()])
    assert audit.main(["--parallel", "1"]) == 1
    printed = capsys.readouterr().out
    assert f"{wallet} ann: seq: The card's version differs from its last transaction. {versions}." in printed


def test_the_keys_that_were_revoked_after_the_restored_moment_are_revoked_again(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    make_table(stack.dynamodb, "old")
    for name in ("till", "shop", "desk"):
        key.main(["create", "--name", name, "--role", "viewer"])
    till, shop, desk = (line.split()[0] for line in capsys.readouterr().out.splitlines() if line.startswith("key_"))
    key.main(["revoke", "--id", till])
    moment = stack.items()
    key.main(["revoke", "--id", shop])
    key.main(["create", "--name", "new", "--role", "viewer"])
    key.main(["create", "--name", "gone", "--role", "viewer"])
    *_, new, gone = (line.split()[0] for line in capsys.readouterr().out.splitlines() if line.startswith("key_"))
    key.main(["revoke", "--id", gone])
    for item in stack.items():
        stack.dynamodb.put_item(TableName="old", Item=item)
    restore(stack, moment)
    capsys.readouterr()

    assert key.main(["revoke", "--revoked-in", "old"]) == 0

    assert sorted(capsys.readouterr().out.splitlines()) == sorted(
        [f"{shop} is revoked.", f"{new} (new) does not exist any more: make another key."]
    )
    key.main(["list"])
    listed = {line.split()[0]: line.split()[2] for line in capsys.readouterr().out.splitlines()}
    assert listed == {till: "revoked", shop: "revoked", desk: "valid"}
