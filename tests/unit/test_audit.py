"""A card built again from its rows, and what differs from them told where it shows."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from loyalty.domain.audit import Check, Drift, drifts
from loyalty.domain.card import Card, Counter, Hold, Lot, released
from loyalty.domain.coarsening import few
from loyalty.domain.consumption import taken, without
from loyalty.domain.credit import Grant, credited
from loyalty.domain.dates import local_day
from loyalty.domain.debit import debited
from loyalty.domain.replay import as_of, enrolled, replayed
from loyalty.domain.settings import Activity, Expiration, ExpirationType
from loyalty.domain.settlement import settled
from loyalty.domain.transaction import Facts, Movement, Operation, Transaction, Type, record
from loyalty.domain.wallet import Wallet
from tests.samples import BERLIN, NOW, TODAY, card, lot, waiting, wallet

DAY = 86_400


class Ledger:
    """A card and its rows, written as a command writes them."""

    def __init__(self, one: Wallet | None = None) -> None:
        self.wallet = one or wallet()
        self.card = enrolled(card())
        self.rows: list[Transaction] = []
        self.at = NOW

    def write(self, decide: Callable[[Card], tuple[Card, list[Movement]]], **facts: Any) -> None:
        standing, settling = settled(self.card, self.at)
        after, own = decide(standing)
        self._record([*settling, *own], few(after, self.wallet.zone), Facts(request_id=f"{len(self.rows)}", **facts))

    def settle(self) -> None:
        after, settling = settled(self.card, self.at)
        self._record(settling, after, Facts())

    def _record(self, movements: list[Movement], after: Card, facts: Facts) -> None:
        self.card, rows = record(
            self.card, movements, facts, after=after, at=self.at, wallet_version=self.wallet.version, salt=b"salt"
        )
        self.card = replace(self.card, due=self.card.next_due())
        self.rows += rows

    def credit(self, points: int, **grant: Any) -> None:
        def decide(standing: Card) -> tuple[Card, list[Movement]]:
            after, movement = credited(standing, Grant(points, **grant), self.wallet, self.at)
            return after, [movement]

        self.write(decide)

    def debit(self, points: int) -> None:
        def decide(standing: Card) -> tuple[Card, list[Movement]]:
            after, movement = debited(standing, points, self.wallet, self.at)
            return after, [movement]

        self.write(decide)

    def by_hand(self, after: Card, type_: Type, operation: Operation, points: int, **movement: Any) -> None:
        """A movement whose effect on the card the test works out itself."""

        def decide(_: Card) -> tuple[Card, list[Movement]]:
            made = Movement(
                type=type_, operation=operation, points=points, effective_at=self.at, balance=after.balance, **movement
            )
            return after, [made]

        self.write(decide)

    def drifts(self) -> list[Drift]:
        return drifts(self.card, self.rows, {self.wallet.version: self.wallet})


@pytest.fixture
def ledger() -> Ledger:
    made = Ledger()
    made.credit(100, expires_at=NOW + 9 * DAY)
    made.credit(50)
    return made


def day_of(ledger: Ledger) -> Any:
    return local_day(ledger.at, BERLIN)


def test_a_card_without_rows_is_what_it_was_at_its_enrolment() -> None:
    assert Ledger().drifts() == []


def test_what_commands_and_time_wrote_verifies(ledger: Ledger) -> None:
    ledger.credit(30, activates_at=NOW + DAY, expires_at=NOW + 2 * DAY)
    ledger.debit(20)
    ledger.at += DAY
    ledger.settle()
    ledger.at += 20 * DAY
    ledger.debit(10)
    assert [row.type for row in ledger.rows[-3:]] == [Type.ACTIVATION, Type.EXPIRY, Type.DEBIT]
    assert ledger.drifts() == []


def test_a_hold_counts_when_it_is_placed_and_a_capture_spends_its_first_points(ledger: Ledger) -> None:
    held, parts = taken(ledger.card, 120, ledger.wallet.settings.consumption_order)
    hold = Hold(3, NOW + DAY, TODAY, parts)
    held = replace(held, holds=(hold,)).counted(day_of(ledger), spent=120)
    ledger.by_hand(held, Type.HOLD, Operation.HOLD, 120, lots=parts, hold_expires_at=NOW + DAY, hold=3)
    spent = (lot(90, NOW + 9 * DAY),)
    rest = replace(hold, lots=(lot(10, NOW + 9 * DAY), lot(20)))
    captured = replace(ledger.card, holds=(rest,)).counting(redeemed=90)
    ledger.by_hand(captured, Type.CAPTURE, Operation.CAPTURE, 90, lots=spent, hold=3)
    free = released(ledger.card, rest, rest.lots)
    ledger.by_hand(free, Type.RELEASE, Operation.RELEASE, 30, lots=rest.lots, hold=3)
    assert ledger.card.balance.active == 60
    assert ledger.drifts() == []


def test_a_hold_that_ends_gives_back_what_expired_meanwhile_and_it_expires() -> None:
    ledger = Ledger()
    ledger.credit(100, expires_at=NOW + DAY)
    held, parts = taken(ledger.card, 40, ledger.wallet.settings.consumption_order)
    held = replace(held, holds=(Hold(2, NOW + 2 * DAY, TODAY, parts),)).counted(day_of(ledger), spent=40)
    ledger.by_hand(held, Type.HOLD, Operation.HOLD, 40, lots=parts, hold_expires_at=NOW + 2 * DAY, hold=2)
    ledger.at += 3 * DAY
    ledger.settle()
    assert [row.type for row in ledger.rows] == [Type.CREDIT, Type.HOLD, Type.RELEASE, Type.EXPIRY]
    assert ledger.drifts() == []


def test_transfers_keep_lots_and_what_is_received_counts_as_earned(ledger: Ledger) -> None:
    parts = (lot(40, NOW + 9 * DAY),)
    given = without(ledger.card, parts).counting(transferred_out=40)
    ledger.by_hand(given, Type.TRANSFER_OUT, Operation.TRANSFER, 40, lots=parts, counterpart="bob")
    taken_in = ledger.card.plus_lots([lot(7, NOW + DAY)]).counting(transferred_in=7).counted(day_of(ledger), earned=7)
    ledger.by_hand(taken_in, Type.TRANSFER_IN, Operation.TRANSFER, 7, lots=(lot(7, NOW + DAY),), counterpart="bob")
    assert ledger.drifts() == []


@pytest.mark.parametrize("qualifying", [False, True])
def test_adjustments_are_issued_or_removed_and_count_only_where_they_qualify(
    ledger: Ledger, *, qualifying: bool
) -> None:
    issued = ledger.card.plus_lots([lot(10)]).counting(issued=10)
    issued = issued.counted(day_of(ledger), earned=10) if qualifying else issued
    ledger.by_hand(issued, Type.CREDIT, Operation.ADJUSTMENT, 10, lots=(lot(10),), qualifying=qualifying)
    removed = without(ledger.card, [lot(5)]).counting(removed=5)
    removed = removed.counted(day_of(ledger), spent=5) if qualifying else removed
    ledger.by_hand(removed, Type.DEBIT, Operation.ADJUSTMENT, 5, lots=(lot(5),), qualifying=qualifying)
    assert ledger.drifts() == []


def test_a_reversal_gives_back_room_on_the_day_of_the_row_that_it_undoes(ledger: Ledger) -> None:
    ledger.debit(20)
    ledger.at += DAY
    returned = (lot(20, NOW + 9 * DAY),)
    undone = ledger.card.plus_lots(returned).counting(returned=20).uncounted(local_day(NOW, BERLIN), spent=20)
    ledger.by_hand(undone, Type.RETURN, Operation.REVERSAL, 20, lots=returned, reverses=3)
    revoked = (lot(50),)
    undone = without(ledger.card, revoked).counting(revoked=50).uncounted(local_day(NOW, BERLIN), earned=50)
    ledger.by_hand(undone, Type.REVOCATION, Operation.REVERSAL, 50, lots=revoked, reverses=2)
    assert [counter.spent for counter in ledger.card.counters] == [0] * 5
    assert ledger.drifts() == []


def test_lots_that_got_another_expiry_are_followed(ledger: Ledger) -> None:
    before, after = (lot(100, NOW + 9 * DAY),), (lot(100, NOW + 30 * DAY),)
    changed = without(ledger.card, before).plus_lots(after)
    ledger.by_hand(changed, Type.ACTIVITY, Operation.EXPIRY_CHANGE, 0, lots=after, lots_before=before)
    ledger.at += 20 * DAY
    ledger.debit(120)
    assert ledger.drifts() == []


def test_points_below_zero_are_owed_and_repaid() -> None:
    ledger = Ledger(wallet(allow_negative_balance=True))
    ledger.credit(10)
    ledger.debit(25)
    ledger.credit(40)
    assert (ledger.card.debt, ledger.card.lots) == (0, (lot(25),))
    assert ledger.drifts() == []


def test_sliding_lots_are_followed_to_their_end() -> None:
    slides = Expiration(ExpirationType.SLIDING_EXPIRATION, 3, "DAY", reset_by=(Activity.SPENDING,))  # type: ignore[arg-type]  # a text is its enum's equal
    ledger = Ledger(wallet(expiration=slides))
    ledger.credit(100)
    ledger.at += 2 * DAY
    ledger.credit(10)
    ledger.debit(30)
    ledger.at += 30 * DAY
    ledger.settle()
    assert ledger.card.lots == ()
    assert ledger.drifts() == []


def test_more_lots_than_a_card_may_have_are_rounded_as_they_were() -> None:
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
        ({"facts": Facts(actor="somebody else")}, Check.CHAIN),
        ({"card_id": "another"}, Check.SEQ),
        ({"created_at": 10**13}, Check.LOTS),
    ],
)
def test_a_row_that_was_changed_is_told_by_its_seq(ledger: Ledger, changed: dict[str, Any], check: Check) -> None:
    ledger.rows[1] = replace(ledger.rows[1], **changed)
    assert (Check.CHAIN, 2) in found(ledger)
    assert check in {one for one, _ in found(ledger)}


@pytest.mark.parametrize(
    ("changed", "check"),
    [
        ({"lots": (lot(151),)}, Check.CARD),
        ({"pending": (waiting(1, NOW + DAY),)}, Check.CARD),
        ({"debt": 1}, Check.CARD),
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
def test_a_card_that_was_changed_is_told(ledger: Ledger, changed: dict[str, Any], check: Check) -> None:
    ledger.card = replace(ledger.card, **changed)
    assert (check, None) in found(ledger)


def test_a_row_that_is_missing_is_told_where_it_is_missed(ledger: Ledger) -> None:
    ledger.debit(20)
    del ledger.rows[1]
    assert (Check.SEQ, 3) in found(ledger)


def test_an_expiry_that_was_due_and_not_done_is_told(ledger: Ledger) -> None:
    ledger.at += 20 * DAY
    ledger.settle()
    ledger.debit(10)
    del ledger.rows[2]
    assert (Check.SETTLEMENT, 4) in found(ledger)


def test_an_expiry_before_its_time_is_told(ledger: Ledger) -> None:
    early = without(ledger.card, [lot(100, NOW + 9 * DAY)]).counting(expired=100)
    ledger.by_hand(early, Type.EXPIRY, Operation.SETTLE, 100, lots=(lot(100, NOW + 9 * DAY),))
    assert found(ledger) == {(Check.SETTLEMENT, 3)}


def test_points_of_a_lot_that_is_not_there_are_told(ledger: Ledger) -> None:
    parts = (lot(60),)
    spent = replace(ledger.card, lots=(lot(90, NOW + 9 * DAY),)).counted(day_of(ledger), spent=60)
    ledger.by_hand(spent.counting(redeemed=60), Type.DEBIT, Operation.DEBIT, 60, lots=parts)
    assert (Check.LOTS, 3) in found(ledger)


def test_each_row_says_what_card_it_found(ledger: Ledger) -> None:
    ledger.debit(20)
    steps = list(replayed(ledger.card, ledger.rows, {1: ledger.wallet}))
    assert [step.before.balance.active for step in steps] == [0, 100, 150]
    assert [step.after.balance.active for step in steps] == [100, 150, 130]


def test_a_balance_of_the_past_has_what_was_due_by_then_though_it_was_recorded_later() -> None:
    ledger = Ledger()
    ledger.credit(30, activates_at=NOW + DAY, expires_at=NOW + 3 * DAY)
    ledger.at += 9 * DAY
    ledger.settle()

    def balance(at: int) -> tuple[int, int]:
        stood = as_of(ledger.card, ledger.rows, {1: ledger.wallet}, at).balance
        return stood.active, stood.pending

    assert balance(NOW - 1) == (0, 0)
    assert balance(NOW) == (0, 30)
    assert balance(NOW + DAY - 1) == (0, 30)
    assert balance(NOW + DAY) == (30, 0)
    assert balance(NOW + 3 * DAY - 1) == (30, 0)
    assert balance(NOW + 3 * DAY) == (0, 0)


def test_every_lot_of_a_hold_may_be_captured_at_once() -> None:
    ledger = Ledger()
    ledger.credit(10)
    held = replace(ledger.card, lots=(), holds=(Hold(2, NOW + DAY, TODAY, (Lot(10, 0, TODAY),)),))
    held = held.counted(day_of(ledger), spent=10)
    ledger.by_hand(held, Type.HOLD, Operation.HOLD, 10, lots=(lot(10),), hold=2, hold_expires_at=NOW + DAY)
    captured = replace(ledger.card, holds=()).counting(redeemed=10)
    ledger.by_hand(captured, Type.CAPTURE, Operation.CAPTURE, 10, lots=(lot(10),), hold=2)
    assert ledger.drifts() == []
