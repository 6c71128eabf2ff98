"""A card is rebuilt from its rows, and each difference is reported with its row."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from loyalty.domain.audit.comparison import Check, Drift, drifts
from loyalty.domain.audit.rebuild import card_as_of, card_at_enrolment, rebuild_steps
from loyalty.domain.cards.card import Card, Counter
from loyalty.domain.cards.coarsening import LOTS_MAX, coarsen
from loyalty.domain.cards.consumption import remove_lots
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import (
    SYSTEM_CONTEXT,
    Context,
    Movement,
    Operation,
    Source,
    Transaction,
    TransactionType,
    record,
)
from loyalty.domain.dates import Unit, local_day
from loyalty.domain.movements.adjustment import add_points, remove_points
from loyalty.domain.movements.credit import Grant, credit_points
from loyalty.domain.movements.debit import debit_points
from loyalty.domain.movements.expiry_change import NewExpiry, set_expiry
from loyalty.domain.movements.hold import capture_hold, place_hold, release_hold
from loyalty.domain.movements.reversal import reverse_row
from loyalty.domain.movements.transfer import receive_points, send_points
from loyalty.domain.wallets.settings import Activity, Expiration, ExpirationType, Transfers
from loyalty.domain.wallets.wallet import Wallet
from tests.support.samples import BERLIN, NOW, card, lot, pending_lot, wallet

DAY = 86_400


class Ledger:
    """A card and its rows, written as a command writes them."""

    def __init__(self, one: Wallet | None = None) -> None:
        self.wallet = one or wallet()
        self.card = card_at_enrolment(card())
        self.rows: list[Transaction] = []
        self.at = NOW

    def write(self, decide: Callable[[Card], tuple[Card, list[Movement]]], **context: Any) -> None:
        current, settling = settle(self.card, self.at)
        after, own = decide(current)
        asked = Context(source=Source.API, request_id=f"{len(self.rows)}", **context)
        self._record([*settling, *own], coarsen(after, self.wallet.zone), asked)

    def settle(self) -> None:
        after, settling = settle(self.card, self.at)
        self._record(settling, after, SYSTEM_CONTEXT)

    def _record(self, movements: list[Movement], after: Card, context: Context) -> None:
        self.card, rows = record(
            self.card, movements, context, after=after, at=self.at, wallet_version=self.wallet.version, salt=b"salt"
        )
        self.card = replace(self.card, due=self.card.next_settlement())
        self.rows += rows

    def credit(self, points: int, **grant: Any) -> None:
        def decide(current: Card) -> tuple[Card, list[Movement]]:
            after, movement = credit_points(current, Grant(points, **grant), self.wallet, self.at)
            return after, [movement]

        self.write(decide)

    def debit(self, points: int) -> None:
        def decide(current: Card) -> tuple[Card, list[Movement]]:
            after, movement = debit_points(current, points, self.wallet, self.at)
            return after, [movement]

        self.write(decide)

    def adjust(self, decide: Callable[[Card], tuple[Card, Movement]]) -> None:
        """Writes a command with one movement."""

        def decide_all(current: Card) -> tuple[Card, list[Movement]]:
            after, movement = decide(current)
            return after, [movement]

        self.write(decide_all)

    def hold(self, points: int) -> None:
        """Places a hold for twenty days."""
        seq, ends = len(self.rows) + 1, self.at + 20 * DAY
        self.adjust(lambda current: place_hold(current, points, self.wallet, self.at, seq=seq, expires_at=ends))

    def capture(self, seq: int, points: int, *, final: bool) -> None:
        def decide(current: Card) -> tuple[Card, list[Movement]]:
            (hold,) = (one for one in current.holds if one.seq == seq)
            return capture_hold(current, hold, points, self.wallet, self.at, final=final)

        self.write(decide)

    def by_hand(self, after: Card, type_: TransactionType, operation: Operation, points: int, **movement: Any) -> None:
        """Writes a movement whose effect on the card is computed by the test."""

        def decide(_: Card) -> tuple[Card, list[Movement]]:
            made = Movement(
                type=type_, operation=operation, points=points, effective_at=self.at, balance=after.balance, **movement
            )
            return after, [made]

        self.write(decide)

    def drifts(self) -> list[Drift]:
        return drifts(self.card, self.rows, {self.wallet.version})


@pytest.fixture
def ledger() -> Ledger:
    made = Ledger()
    made.credit(100, expires_at=NOW + 9 * DAY)
    made.credit(50)
    return made


def day_of(ledger: Ledger) -> Any:
    return local_day(ledger.at, BERLIN)


def test_an_audit_finds_no_drift_on_a_card_without_rows() -> None:
    assert Ledger().drifts() == []


def test_an_audit_verifies_rows_of_commands_and_of_time(ledger: Ledger) -> None:
    ledger.credit(30, activates_at=NOW + DAY, expires_at=NOW + 2 * DAY)
    ledger.debit(20)
    ledger.at += DAY
    ledger.settle()
    ledger.at += 20 * DAY
    ledger.debit(10)
    assert [row.type for row in ledger.rows[-3:]] == [
        TransactionType.ACTIVATION,
        TransactionType.EXPIRY,
        TransactionType.DEBIT,
    ]
    assert ledger.drifts() == []


def test_an_audit_verifies_captures_in_parts_and_the_release_of_the_rest(ledger: Ledger) -> None:
    ledger.hold(120)
    ledger.capture(3, 90, final=False)
    ledger.capture(3, 20, final=True)
    assert [row.type for row in ledger.rows[-3:]] == [
        TransactionType.CAPTURE,
        TransactionType.RELEASE,
        TransactionType.CAPTURE,
    ]
    assert ledger.card.balance.active == 40
    assert ledger.drifts() == []


@pytest.mark.parametrize("captures", [False, True])
def test_an_audit_verifies_the_expiry_of_points_that_are_released_after_their_expiry(
    ledger: Ledger, *, captures: bool
) -> None:
    ledger.hold(120)
    ledger.at += 10 * DAY
    if captures:
        ledger.capture(3, 10, final=True)
    else:
        ledger.write(lambda current: release_hold(current, current.holds[0], ledger.at))
    assert {TransactionType.RELEASE, TransactionType.EXPIRY} <= {row.type for row in ledger.rows[3:]}
    assert ledger.card.balance.active == 50
    assert ledger.drifts() == []


def test_a_release_has_no_points_if_all_held_points_are_past_their_expiry() -> None:
    ledger = Ledger()
    ledger.credit(100, expires_at=NOW + 9 * DAY)
    ledger.hold(100)
    ledger.at += 10 * DAY
    ledger.write(lambda current: release_hold(current, current.holds[0], ledger.at))
    assert ledger.rows[-1].points == 0
    assert ledger.drifts() == []


def test_an_audit_verifies_captures_of_held_lots_that_were_rounded_to_equal_dates() -> None:
    ledger = Ledger()
    for number in range(150):
        ledger.credit(5, expires_at=NOW + (40 + number) * DAY)
        if number == 50:
            ledger.hold(100)
    assert ledger.card.coarse > 0
    ledger.capture(52, 33, final=False)
    ledger.capture(52, 12, final=True)
    assert ledger.drifts() == []


def test_an_audit_reports_a_settlement_that_releases_points_before_their_expiry(ledger: Ledger) -> None:
    ledger.hold(120)
    ledger.write(lambda current: release_hold(current, current.holds[0], ledger.at))
    ledger.rows[3] = replace(ledger.rows[3], operation=Operation.SETTLE)
    assert (Check.SETTLEMENT, 4) in found(ledger)


def test_points_past_their_expiry_are_released_and_expire_when_the_hold_ends() -> None:
    ledger = Ledger()
    ledger.credit(100, expires_at=NOW + DAY)
    ledger.hold(40)
    ledger.at += 30 * DAY
    ledger.settle()
    assert [row.type for row in ledger.rows] == [
        TransactionType.CREDIT,
        TransactionType.HOLD,
        TransactionType.RELEASE,
        TransactionType.EXPIRY,
    ]
    assert ledger.drifts() == []


def test_an_audit_verifies_a_capture_that_moves_a_sliding_expiry_before_the_release() -> None:
    slides = Expiration(ExpirationType.SLIDING_EXPIRATION, 3, Unit.DAY, reset_by=(Activity.SPENDING,))
    ledger = Ledger(wallet(expiration=slides))
    ledger.credit(100)
    ledger.hold(60)
    ledger.at += DAY
    ledger.capture(2, 10, final=True)
    assert ledger.drifts() == []
    ledger.at += 3 * DAY
    ledger.debit(5)
    assert ledger.drifts() == []


@pytest.mark.parametrize("counts", [False, True])
def test_an_audit_verifies_transfers_that_count_as_spending_or_not(*, counts: bool) -> None:
    ledger = Ledger(wallet(transfers=Transfers(count_as_spending=counts)))
    ledger.credit(100)

    def send(current: Card) -> tuple[Card, list[Movement]]:
        after, movement, _ = send_points(current, 40, ledger.wallet, ledger.at, recipient_id="bob")
        return after, [movement]

    def receive(current: Card) -> tuple[Card, list[Movement]]:
        after, movement = receive_points(current, (lot(7, NOW + DAY),), ledger.wallet, ledger.at, sender_id="bob")
        return after, [movement]

    ledger.write(send)
    ledger.write(receive)
    assert ledger.drifts() == []


@pytest.mark.parametrize("qualifying", [False, True])
def test_an_audit_verifies_adjustments_and_their_reversals_qualifying_or_not(
    ledger: Ledger, *, qualifying: bool
) -> None:
    ledger.adjust(lambda current: add_points(current, Grant(10), ledger.wallet, ledger.at, qualifying=qualifying))
    ledger.adjust(lambda current: remove_points(current, 5, ledger.wallet, ledger.at, qualifying=qualifying))
    ledger.debit(20)
    ledger.at += DAY
    for seq in (5, 4, 3):
        row = ledger.rows[seq - 1]
        ledger.adjust(lambda current, row=row: reverse_row(current, row, [], ledger.wallet, ledger.at))  # type: ignore[misc]  # bound at once
    assert ledger.drifts() == []


@pytest.mark.parametrize("captures", [False, True])
def test_an_audit_verifies_two_commands_in_one_second_of_which_one_ends_a_hold_past_the_date_of_its_lots(
    ledger: Ledger, *, captures: bool
) -> None:
    ledger.hold(60)
    ledger.hold(70)
    ledger.at += 10 * DAY
    ledger.debit(1)
    if captures:
        ledger.capture(3, 10, final=True)
    else:
        ledger.write(lambda current: release_hold(current, current.holds[0], ledger.at))
    ledger.write(lambda current: release_hold(current, current.holds[0], ledger.at))
    ledger.credit(5)
    assert {row.created_at for row in ledger.rows[4:]} == {ledger.at}
    assert [row.later for row in ledger.rows[4:8]] == [0, 2, 1, 0]
    assert ledger.drifts() == []


def test_an_audit_verifies_the_expiry_of_two_sliding_credits_that_end_together() -> None:
    """The first credit follows the card's moment; the second has a moment of its own at the same instant."""
    slides = Expiration(ExpirationType.SLIDING_EXPIRATION, 3, Unit.DAY, reset_by=(Activity.SPENDING,))
    ledger = Ledger(wallet(expiration=slides))
    ledger.credit(100)
    ledger.debit(10)
    ledger.at += 60
    ledger.credit(50)
    ledger.at += 5 * DAY
    ledger.settle()
    assert [row.points for row in ledger.rows[3:]] == [140]
    assert ledger.drifts() == []


def test_an_audit_verifies_debts_repaid_by_held_sliding_points_at_a_capture() -> None:
    slides = Expiration(ExpirationType.SLIDING_EXPIRATION, 3, Unit.DAY, reset_by=(Activity.SPENDING,))
    ledger = Ledger(wallet(expiration=slides))
    for _ in range(3):
        ledger.credit(10)
        ledger.at += DAY // 2
    ledger.hold(30)
    owing = wallet(allow_negative_balance=True)
    ledger.adjust(lambda current: remove_points(current, 12, owing, ledger.at, qualifying=False))
    ledger.capture(4, 1, final=True)
    assert ledger.card.balance.active == 17
    assert ledger.drifts() == []


def test_an_audit_verifies_holds_that_were_rounded_with_the_card() -> None:
    ledger = Ledger()
    for number in range(80):
        ledger.credit(5, expires_at=NOW + (40 + number) * DAY)
    for _ in range(3):
        ledger.hold(100)
    assert ledger.card.coarse == 0
    ledger.hold(99)
    for number in range(80):
        ledger.credit(5, expires_at=NOW + (140 + number) * DAY)
    assert ledger.card.coarse > 0
    assert len(ledger.card.lots) + sum(len(hold.lots) for hold in ledger.card.holds) <= LOTS_MAX
    ledger.capture(81, 33, final=True)
    ledger.write(lambda current: release_hold(current, current.holds[0], ledger.at))
    assert ledger.drifts() == []


def test_an_audit_verifies_points_received_on_a_coarse_card() -> None:
    ledger = Ledger()
    for number in range(101):
        ledger.credit(5, expires_at=NOW + (40 + number) * DAY)
    assert ledger.card.coarse > 0
    assert ledger.rows[-1].rounded is not None
    received = (lot(7, NOW + 52 * DAY + 3), lot(8))
    ledger.adjust(lambda current: receive_points(current, received, ledger.wallet, ledger.at, sender_id="bob"))
    ledger.debit(400)
    assert ledger.drifts() == []


def test_an_audit_verifies_an_expiry_change(ledger: Ledger) -> None:
    expiry = NewExpiry(NOW + 30 * DAY)
    ledger.adjust(lambda current: set_expiry(current, expiry, None, ledger.wallet, ledger.at))
    ledger.at += 20 * DAY
    ledger.debit(120)
    assert ledger.drifts() == []


def test_an_audit_verifies_a_debt_and_its_repayment() -> None:
    ledger = Ledger(wallet(allow_negative_balance=True))
    ledger.credit(10)
    ledger.debit(25)
    ledger.credit(40)
    assert (ledger.card.debt, ledger.card.lots) == (0, (lot(25),))
    assert ledger.drifts() == []


def test_an_audit_verifies_sliding_lots_until_they_expire() -> None:
    slides = Expiration(ExpirationType.SLIDING_EXPIRATION, 3, Unit.DAY, reset_by=(Activity.SPENDING,))
    ledger = Ledger(wallet(expiration=slides))
    ledger.credit(100)
    ledger.at += 2 * DAY
    ledger.credit(10)
    ledger.debit(30)
    ledger.at += 30 * DAY
    ledger.settle()
    assert ledger.card.lots == ()
    assert ledger.drifts() == []


def test_an_audit_verifies_a_coarsened_card() -> None:
    ledger = Ledger()
    for number in range(130):
        ledger.credit(5, expires_at=NOW + (400 - number) * DAY)
    ledger.debit(77)
    assert ledger.card.coarse > 0
    assert ledger.drifts() == []


def found(ledger: Ledger) -> set[tuple[Check, int | None]]:
    return {(drift.check, drift.seq) for drift in ledger.drifts()}


@pytest.mark.parametrize(
    ("changed", "check"),
    [
        ({"points": 51}, Check.POINTS),
        ({"wallet_version": 9}, Check.WALLET_VERSION),
        ({"effective_at": NOW + 1}, Check.TIME),
        ({"created_at": NOW - 1}, Check.TIME),
        ({"lots": (lot(51),)}, Check.BALANCE),
        ({"salt": b"another"}, Check.CHAIN),
        ({"digest": b"another"}, Check.CHAIN),
        ({"context": Context(source=Source.API, actor="another actor")}, Check.CHAIN),
        ({"card_id": "another"}, Check.SEQ),
        ({"day": 10**13}, Check.LOTS),
        ({"day": None}, Check.CARD),
        ({"later": 1}, Check.SEQ),
        ({"slides_to": NOW + 1}, Check.CARD),
    ],
)
def test_an_audit_reports_a_changed_row_with_its_seq(ledger: Ledger, changed: dict[str, Any], check: Check) -> None:
    ledger.rows[1] = replace(ledger.rows[1], **changed)
    assert (Check.CHAIN, 2) in found(ledger)
    assert check in {one for one, _ in found(ledger)}


@pytest.mark.parametrize(
    ("changed", "check"),
    [
        ({"lots": (lot(151),)}, Check.CARD),
        ({"pending": (pending_lot(1, NOW + DAY),)}, Check.CARD),
        ({"debt": 1}, Check.CARD),
        ({"other_spending": 1}, Check.CARD),
        ({"coarse": 1}, Check.CARD),
        ({"sliding_expires_at": 1}, Check.CARD),
        ({"hash": bytes(32)}, Check.CARD),
        ({"at": NOW + 1}, Check.CARD),
        ({"wallet_version": 2}, Check.CARD),
        ({"version": 3}, Check.SEQ),
        ({"counters": (Counter(),) * 5}, Check.CARD),
        ({"due": None}, Check.DUE),
    ],
)
def test_an_audit_reports_a_changed_card(ledger: Ledger, changed: dict[str, Any], check: Check) -> None:
    ledger.card = replace(ledger.card, **changed)
    assert (check, None) in found(ledger)


def test_an_audit_reports_a_missing_row_at_the_next_row(ledger: Ledger) -> None:
    ledger.debit(20)
    del ledger.rows[1]
    assert (Check.SEQ, 3) in found(ledger)


def test_an_audit_reports_a_due_expiry_that_is_not_recorded(ledger: Ledger) -> None:
    ledger.at += 20 * DAY
    ledger.settle()
    ledger.debit(10)
    del ledger.rows[2]
    assert (Check.SETTLEMENT, 4) in found(ledger)


def test_an_audit_reports_an_expiry_before_its_date(ledger: Ledger) -> None:
    early = remove_lots(ledger.card, [lot(100, NOW + 9 * DAY)]).count_in_lifetime(expired=100)
    ledger.by_hand(early, TransactionType.EXPIRY, Operation.SETTLE, 100, lots=(lot(100, NOW + 9 * DAY),))
    assert found(ledger) == {(Check.SETTLEMENT, 3)}


def test_an_audit_reports_points_of_a_lot_that_the_card_does_not_have(ledger: Ledger) -> None:
    parts = (lot(60),)
    spent = replace(ledger.card, lots=(lot(90, NOW + 9 * DAY),)).count_in_periods(day_of(ledger), spent=60)
    ledger.by_hand(spent.count_in_lifetime(redeemed=60), TransactionType.DEBIT, Operation.DEBIT, 60, lots=parts)
    assert (Check.LOTS, 3) in found(ledger)


def test_each_rebuild_step_has_the_card_before_and_after_its_row(ledger: Ledger) -> None:
    ledger.debit(20)
    steps = list(rebuild_steps(ledger.card, ledger.rows))
    assert [step.before.balance.active for step in steps] == [0, 100, 150]
    assert [step.after.balance.active for step in steps] == [100, 150, 130]


def test_a_past_balance_includes_what_was_due_then_and_recorded_later() -> None:
    ledger = Ledger()
    ledger.credit(30, activates_at=NOW + DAY, expires_at=NOW + 3 * DAY)
    ledger.at += 9 * DAY
    ledger.settle()

    def balance(at: int) -> tuple[int, int]:
        past = card_as_of(ledger.card, ledger.rows, at).balance
        return past.active, past.pending

    assert balance(NOW - 1) == (0, 0)
    assert balance(NOW) == (0, 30)
    assert balance(NOW + DAY - 1) == (0, 30)
    assert balance(NOW + DAY) == (30, 0)
    assert balance(NOW + 3 * DAY - 1) == (30, 0)
    assert balance(NOW + 3 * DAY) == (0, 0)
