"""Dry runs of all commands that move points: the answer of the command, and no write."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from tests.integration.accounts import at
from tests.integration.metering import metered
from tests.support.stack import Stack

Request = tuple[str, dict[str, Any]]
CARD = "/v1/wallets/{}/cards/ann"
TWO_WEEKS = {"type": "PERIOD_BASED", "every": 14, "unit": "DAY"}
TO_YEARS_END = {"type": "ROLLING_EXPIRATION", "every": 1, "unit": "YEAR", "rounding": "END_OF_YEAR"}


def first_credit(stack: Stack) -> Request:
    wallet = stack.wallet(pending=TWO_WEEKS, expiration=TO_YEARS_END)
    return f"{CARD.format(wallet)}/credits", {"points": 80, "orderId": "A"}


def credit_that_a_limit_cuts(stack: Stack) -> Request:
    wallet = stack.wallet(expiration=TO_YEARS_END, earningLimits={"global": {"type": "BALANCE_BASED", "max": 100}})
    stack.credit(wallet, 60)
    return f"{CARD.format(wallet)}/credits", {"points": 80}


def credit_of_a_card_with_debt(stack: Stack) -> Request:
    wallet = stack.wallet(allowNegativeBalance=True)
    stack.credit(wallet, 10)
    stack.debit(wallet, 40)
    return f"{CARD.format(wallet)}/credits", {"points": 80}


def credit_after_an_expiry(stack: Stack) -> Request:
    wallet = stack.wallet()
    stack.credit(wallet, 10)
    stack.credit(wallet, 30, expiresAt=at(minutes=1))
    return f"{CARD.format(wallet)}/credits", {"points": 5}


def debit_of_all_that_is_left(stack: Stack) -> Request:
    return f"{CARD.format(of_two_lots(stack))}/debits", {"points": 100, "allowPartial": True}


def hold(stack: Stack) -> Request:
    return f"{CARD.format(of_two_lots(stack))}/holds", {"points": 40, "expiresAfter": {"every": 1, "unit": "DAY"}}


def capture_of_a_part(stack: Stack) -> Request:
    return f"{held(stack)}/capture", {"points": 15}


def release(stack: Stack) -> Request:
    return f"{held(stack)}/release", {}


def release_after_the_expiry_of_held_points(stack: Stack) -> Request:
    return f"{held(stack, every=4)}/release", {}


def transfer(stack: Stack) -> Request:
    wallet = of_two_lots(stack, transfers={"allowed": True})
    stack.credit(wallet, 1, "bob")
    return f"{CARD.format(wallet)}/transfers", {"toCustomerId": "bob", "points": 40}


def payment_that_the_balance_limits(stack: Stack) -> Request:
    wallet = of_two_lots(stack, payWithPoints={"type": "EXCHANGE_RATIO", "formula": "0.1"})
    return f"{CARD.format(wallet)}/payments", {"order": {"id": "A", "amount": 2_000}}


def activation_of_an_order(stack: Stack) -> Request:
    wallet = stack.wallet(pending=TWO_WEEKS, expiration=TO_YEARS_END)
    stack.credit(wallet, 80, orderId="A")
    return f"{CARD.format(wallet)}/pending/activate", {"orderId": "A"}


def cancellation_of_a_credit(stack: Stack) -> Request:
    wallet = stack.wallet(pending=TWO_WEEKS)
    credit = stack.credit(wallet, 80).body["transaction"]["transactionId"]
    return f"{CARD.format(wallet)}/pending/cancel", {"transactionId": credit}


def adjustment(stack: Stack) -> Request:
    return f"{CARD.format(of_two_lots(stack))}/adjustments", {"points": -40, "reason": "Credited twice"}


def expiry_change(stack: Stack) -> Request:
    body = {"expireAfter": {"every": 1, "unit": "YEAR"}, "reason": "Closed"}
    return f"{CARD.format(of_two_lots(stack))}/expiry-changes", body


def reversal_of_a_spent_credit(stack: Stack) -> Request:
    wallet = stack.wallet()
    credit = stack.credit(wallet, 80).body["transaction"]["transactionId"]
    stack.debit(wallet, 50)
    return f"/v1/transactions/{credit}/reversal", {}


def of_two_lots(stack: Stack, **settings: Any) -> str:
    wallet = stack.wallet(**settings)
    stack.credit(wallet, 30, expiresAt=at(days=9))
    stack.credit(wallet, 50)
    return wallet


def held(stack: Stack, every: int = 20) -> str:
    """The path of a hold of both lots, the first of which expires in `every` minutes."""
    wallet = stack.wallet()
    stack.credit(wallet, 20, expiresAt=at(minutes=every))
    stack.credit(wallet, 50)
    return f"{CARD.format(wallet)}/holds/{stack.hold(wallet, 30).body['holdId']}"


COMMANDS = (
    first_credit,
    credit_that_a_limit_cuts,
    credit_of_a_card_with_debt,
    credit_after_an_expiry,
    debit_of_all_that_is_left,
    hold,
    capture_of_a_part,
    release,
    release_after_the_expiry_of_held_points,
    transfer,
    payment_that_the_balance_limits,
    activation_of_an_order,
    cancellation_of_a_credit,
    adjustment,
    expiry_change,
    reversal_of_a_spent_credit,
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_a_dry_run_answers_what_the_command_then_answers_and_writes_nothing(
    clock: time_machine.Traveller, stack: Stack, command: Callable[[Stack], Request]
) -> None:
    path, body = command(stack)
    clock.shift(timedelta(minutes=5))
    found, items = balance(stack, path), stack.items()

    dry = stack.http("POST", path, {**body, "dryRun": True})
    assert stack.items() == items
    real = stack.http("POST", path, body, key="some-key-0001")

    assert (dry.status, real.status) == (200, 201), (dry.text, real.text)
    assert dry.body == {name: value_of(real.body, name, found) for name in dry.body}


@pytest.mark.parametrize(
    "command", [credit_that_a_limit_cuts, debit_of_all_that_is_left, hold, transfer, expiry_change]
)
def test_a_dry_run_needs_one_read(stack: Stack, command: Callable[[Stack], Request]) -> None:
    path, body = command(stack)

    with metered(stack) as meter:
        assert stack.http("POST", path, {**body, "dryRun": True}).status == 200

    assert meter.requests == ["BatchGetItem"]


@pytest.mark.parametrize(
    ("command", "change", "code"),
    [
        (first_credit, {"activatesAt": "2020-01-01T00:00:00Z"}, "invalid_dates"),
        (debit_of_all_that_is_left, {"allowPartial": False}, "insufficient_points"),
        (hold, {"points": 81}, "insufficient_points"),
        (capture_of_a_part, {"points": 31}, "hold_too_small"),
        (transfer, {"toCustomerId": "zoe"}, "card_not_found"),
        (transfer, {"toCustomerId": "ann"}, "transfer_to_self"),
        (activation_of_an_order, {"orderId": "B"}, "order_not_found"),
        (cancellation_of_a_credit, {"transactionId": "kQ3mZ8vT1xYb5nRw.7"}, "transaction_not_found"),
    ],
)
def test_a_dry_run_is_refused_like_the_command(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, command: Callable[[Stack], Request], change: Any, code: str
) -> None:
    monkeypatch.setattr("loyalty.usecases.history.sleep", lambda _: None)  # the emulator's index is never late
    path, body = command(stack)
    dry = stack.http("POST", path, {**body, **change, "dryRun": True})
    real = stack.http("POST", path, {**body, **change}, key="some-key-0001")

    assert dry.code == code
    assert dry.body | {"requestId": None} == real.body | {"requestId": None}


def test_a_dry_run_uses_no_key_and_a_used_key_does_not_prevent_it(stack: Stack) -> None:
    path, _ = debit_of_all_that_is_left(stack)
    assert stack.http("POST", path, {"points": 30, "dryRun": True}, key="some-key-0001").status == 200
    assert stack.http("POST", path, {"points": 30}, key="some-key-0001").status == 201
    again = stack.http("POST", path, {"points": 30, "dryRun": True}, key="some-key-0001")
    assert (again.status, again.body["balance"]["active"]) == (200, 20)


def balance(stack: Stack, path: str) -> dict[str, int]:
    """The balance that the card of the request shows; zeros for a customer without a card."""
    if path.startswith("/v1/transactions/"):
        path = CARD.format(stack.http("GET", path.removesuffix("/reversal")).body["walletId"])
    card = stack.http("GET", path[: path.index("/ann") + 4])
    found = card.body["balance"] if card.status == 200 else {}
    return {name: found.get(name, 0) for name in ("active", "pending", "held", "available", "debt")}


def value_of(answer: Any, name: str, before: dict[str, int]) -> Any:
    """What the dry run must have as its field, by the answer of the command."""
    if name in ("transaction", "balanceBefore"):
        return before if name == "balanceBefore" else None
    return answer[name] if name in answer else answer["transaction"][name]
