"""`make audit` audits every card of the table and returns an exit code for schedules."""

from typing import Any

import pytest

from scripts import audit
from tests.integration.accounts import item
from tests.integration.tiering import club
from tests.support.stack import Stack


@pytest.fixture
def wallets(stack: Stack) -> list[str]:
    """Two wallets with three cards and four rows."""
    wallets = [stack.wallet(), stack.wallet()]
    for customer in ("ann", "bob"):
        stack.credit(wallets[0], 100, customer)
    stack.debit(wallets[0], 30)
    stack.credit(wallets[1], 5)
    return wallets


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = audit.main(["--parallel", "1", *arguments])
    printed = capsys.readouterr()
    return code, printed.out + printed.err


def put(stack: Stack, item: Any) -> None:
    stack.dynamodb.put_item(TableName="loyalty", Item=item)


def line(text: str, wallet: str) -> list[str]:
    """The numbers of the wallet in the printed table."""
    row = next(line for line in text.splitlines() if wallet in line and "│" in line)
    return [cell.strip() for cell in row.strip("│").split("│")][1:]


def test_the_script_succeeds_if_every_card_agrees_with_its_ledger(
    stack: Stack, wallets: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = stack.items()
    code, text = run(capsys)
    assert code == 0
    assert line(text, wallets[0]) == ["2", "3", "170", "0", "0", "0"]
    assert line(text, wallets[1]) == ["1", "1", "5", "0", "0", "0"]
    assert stack.items() == before


@pytest.mark.tampered
def test_the_script_prints_a_drift_with_its_card_and_exits_with_1(
    stack: Stack, wallets: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    card = item(stack, wallets[0], "bob")
    put(stack, {**card, "d": {"N": "7"}})
    code, text = run(capsys)
    assert code == 1
    assert f"{wallets[0]} bob: card: The card's debt does not match its transactions. Expected 0, found 7." in text
    assert line(text, wallets[0])[0] == "2"
    assert line(text, wallets[1])[-1] == "0"
    assert run(capsys, "--wallet", wallets[1])[0] == 0


@pytest.mark.tampered
def test_the_script_reports_a_missing_card_and_audits_a_ledger_of_any_length(
    stack: Stack, wallets: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    key = {"pk": {"S": "CUSTOMER#ann"}, "sk": {"S": f"CARD#{wallets[1]}"}}
    stack.dynamodb.delete_item(TableName="loyalty", Key=key)
    put(stack, {**item(stack, wallets[0], "bob"), "v": {"N": "20000"}})
    code, text = run(capsys)
    assert code == 1
    assert f"{wallets[1]} ann: Customer ann has no card" in text
    assert (
        f"{wallets[0]} bob: seq: The card's version differs from its last transaction. Expected 1, found 20000." in text
    )


def test_the_script_reports_a_wallet_that_does_not_exist(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = run(capsys, "--wallet", "wal_nowhere")
    assert (code, text) == (1, "There is no wallet wal_nowhere.\n")


def test_the_script_names_the_missing_table_variable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LOYALTY_TABLE")
    code, text = run(capsys)
    assert code == 1
    assert "LOYALTY_TABLE" in text


@pytest.mark.tampered
def test_the_script_reports_what_wallets_and_the_definitions_that_use_them_do_not_agree_on(
    stack: Stack, wallets: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    club(stack, wallets[0])
    assert run(capsys)[0] == 0
    used = {"pk": {"S": f"WALLET#{wallets[0]}"}, "sk": {"S": "USEDBY#PROGRAM#club"}}
    put(stack, {**used, "s": {"S": "1"}, "x": {"N": "1"}})
    put(stack, {**used, "s": {"S": "1"}, "sk": {"S": "USEDBY#CAMPAIGN#gone"}})
    current = {"pk": {"S": "WALLETS"}, "sk": {"S": f"WALLET#{wallets[0]}"}}
    wallet = stack.dynamodb.get_item(TableName="loyalty", Key=current)["Item"]
    put(stack, {name: value for name, value in wallet.items() if name != "tp"})
    code, text = run(capsys)
    assert code == 1
    for message in (
        f"Wallet {wallets[0]} does not list program club, which uses the wallet.",
        f"Wallet {wallets[0]} lists campaign gone, which does not use the wallet.",
        f"The tier structure of program club on wallet {wallets[0]} differs from the program's.",
    ):
        assert f"reference: {message}" in text
