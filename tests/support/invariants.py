"""The invariants of every card and its rows, after any history."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import ROUND_CEILING, Decimal
from functools import cache

from loyalty.domain.cards.card import (
    BY_EVENT,
    SLIDING,
    Card,
    Lot,
    PendingLot,
    merged_lots,
    merged_pending,
    points_of,
)
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import (
    Operation,
    RefundType,
    Source,
    Transaction,
    TransactionType,
    chain_hash,
)
from loyalty.domain.dates import NEVER
from loyalty.store import keys
from loyalty.store.ledgers import ledger_from_items
from loyalty.store.store import Store
from loyalty.usecases import audits
from tests.support.world import Books

GENESIS = bytes(32)
REMOVING = (TransactionType.DEBIT, TransactionType.EXPIRY, TransactionType.REVOCATION, TransactionType.TRANSFER_OUT)
ADDING = (TransactionType.CREDIT, TransactionType.RETURN, TransactionType.TRANSFER_IN)


def check_all(all_books: Iterable[Books]) -> None:
    codes: list[str] = []
    all_books = list(all_books)
    _transfers(all_books)
    for one in all_books:
        check(one)
        codes += [item["pk"]["S"] for item in one.codes]
    assert len(set(codes)) == len(codes), "codes are unique"


def audit_all(all_books: Iterable[Books], store: Store) -> None:
    """Checks that the product's audit finds no drift, in a table with one wallet."""
    version_of = cache(store.wallets.version)
    for one in all_books:
        found = ledger_from_items(one.card_item, one.row_items, one.profiles[0], one.codes[0])
        assert not audits.report_of(found, version_of).drifts


def check(books: Books) -> None:
    card, rows = books.card, books.rows
    _places(books)
    _chain(card, rows)
    _balances(card, rows)
    _lots(card, rows)
    _lifetime(card, rows)
    _times(card, rows)
    check_notices(rows)
    _orders(rows)
    _money(rows)
    _corrections(books)
    _due(books)


def _transfers(all_books: list[Books]) -> None:
    """Checks that each transfer left the sender's card and reached the recipient's card once, in the same lots."""
    sent = {
        row.transaction_id: row for one in all_books for row in one.rows if row.type is TransactionType.TRANSFER_OUT
    }
    received: dict[str, Transaction] = {}
    for one in all_books:
        for row, item in zip(one.rows, one.row_items, strict=True):
            if row.type is TransactionType.TRANSFER_IN:
                received[item["sk"]["S"].rpartition("#T:")[2]] = row
    assert sent.keys() == received.keys()
    for transaction_id, out in sent.items():
        into = received[transaction_id]
        assert (out.counterpart, into.counterpart) == (into.customer_id, out.customer_id)
        assert (out.points, out.created_at) == (into.points, into.created_at)
        for given, got in zip(out.lots, into.lots, strict=True):
            # The moment of a sliding lot becomes a fixed date.
            assert (given.points, given.issue_day) == (got.points, got.issue_day)
            assert got.expires_at == given.expires_at or given.expires_at < NEVER < got.expires_at


def _places(books: Books) -> None:
    card, rows = books.card, books.rows
    assert len(books.profiles) == 1, "a card has its profile"
    assert [item["pk"]["S"] for item in books.codes] == [keys.code(books.profiles[0]["code"]["S"])], "and its code"
    assert {(row.wallet_id, row.customer_id, row.card_id) for row in rows} <= {
        (card.wallet_id, card.customer_id, card.card_id)
    }
    for row, item in zip(rows, books.row_items, strict=True):
        is_settlement = item["sk"]["S"] == keys.row(row.wallet_id, None, keys.settlement_origin(row.seq))
        assert is_settlement == row.operation.is_by_time, "settlement rows have their own keys"


def _chain(card: Card, rows: list[Transaction]) -> None:
    assert [row.seq for row in rows] == list(range(1, card.version + 1)), "the rows have no gap and no repetition"
    previous = GENESIS
    for row in rows:
        assert row.hash == chain_hash(previous, row), f"the hash chain is correct at {row.seq}"
        previous = row.hash
    assert card.hash == previous


def _balances(card: Card, rows: list[Transaction]) -> None:
    pending = active = held = 0
    for row in rows:
        changes = row.deltas
        pending, active, held = pending + changes[0], active + changes[1], held + changes[2]
        assert (row.balance.pending, row.balance.active, row.balance.held) == (pending, active, held), row.seq
        if row.operation is Operation.EXPIRY_CHANGE:
            assert (row.type, row.points, changes) == (TransactionType.ACTIVITY, 0, (0, 0, 0)), (
                "an expiry change moves no points"
            )
            assert points_of(row.lots) == points_of(row.lots_before) > 0
        else:
            # An activation before its time also names the lots that became active.
            is_activation = row.type is TransactionType.ACTIVATION
            named = points_of(row.pending_lots if is_activation else (*row.lots, *row.pending_lots))
            assert row.points == (0 if row.operation is Operation.NOTICE else named), row.seq
            assert not row.lots_before
        assert min(pending, active, held) >= 0, "no balance is negative"
    assert (card.balance.pending, card.balance.active, card.balance.held) == (pending, active, held)


def _lots(card: Card, rows: list[Transaction]) -> None:
    """Checks that the rows sum to the card's lots, and that no row takes more than its lot has."""
    lots: tuple[Lot, ...] = ()
    pending: tuple[PendingLot, ...] = ()
    held: dict[int, tuple[Lot, ...]] = {}
    for row in rows:
        if row.type in REMOVING:
            lots = _less(lots, row.lots)
            pending = _less_pending(pending, row.pending_lots)
        elif row.type in ADDING:
            lots = _sum(lots, row.lots)
            pending = merged_pending((*pending, *row.pending_lots))
        elif row.type is TransactionType.ACTIVATION:
            pending = _less_pending(pending, row.pending_lots)
            lots = _sum(lots, row.lots or [lot.active_lot() for lot in row.pending_lots])
        elif row.type is TransactionType.CANCELLATION:
            pending = _less_pending(pending, row.pending_lots)
        elif row.type is TransactionType.HOLD:
            lots = _less(lots, row.lots)
            held[row.seq] = _sum((), row.lots)
        elif row.type in (TransactionType.CAPTURE, TransactionType.RELEASE):
            assert row.hold is not None
            held[row.hold] = _less(held[row.hold], row.lots)
            if row.type is TransactionType.RELEASE:
                lots = _sum(lots, row.lots)
        elif row.operation is Operation.EXPIRY_CHANGE:
            lots = _sum(_less(lots, row.lots_before), row.lots)
    assert (_sum((), card.lots), card.pending) == (lots, pending)
    assert {hold.seq: _sum((), hold.lots) for hold in card.holds} == {seq: left for seq, left in held.items() if left}
    assert all(lot.points > 0 for lot in lots)
    assert all(lot.points > 0 for lot in pending)
    assert card.debt == 0


def _sum(lots: Iterable[Lot], more: Iterable[Lot]) -> tuple[Lot, ...]:
    """The lots by their dates. All sliding lots of a day are one, because their own moments end in the card's."""
    return merged_lots(replace(lot, expires_at=max(lot.expires_at, SLIDING)) for lot in (*lots, *more))


def _less(lots: tuple[Lot, ...], parts: Iterable[Lot]) -> tuple[Lot, ...]:
    left = _sum(lots, (replace(part, points=-part.points) for part in parts))
    assert all(lot.points > 0 for lot in left), "no lot gives more than it has"
    return left


def _less_pending(lots: tuple[PendingLot, ...], parts: Iterable[PendingLot]) -> tuple[PendingLot, ...]:
    taken = (
        PendingLot(-part.points, part.activates_at, part.cancel_at, part.expires_at, part.issue_day) for part in parts
    )
    left = merged_pending((*lots, *taken))
    assert all(lot.points > 0 for lot in left), "no pending lot gives more than it has"
    return left


def _lifetime(card: Card, rows: list[Transaction]) -> None:
    def total(type_: TransactionType, *, adjusted: bool | None = None) -> int:
        """The points of all rows of the type, of its adjustments, or of its other rows."""
        return sum(
            row.points
            for row in rows
            if row.type is type_ and adjusted in (None, row.operation is Operation.ADJUSTMENT)
        )

    lifetime, balance = card.lifetime, card.balance
    assert lifetime.total == balance.active + balance.pending + balance.held
    assert lifetime.issued == total(TransactionType.CREDIT)
    assert lifetime.redeemed == total(TransactionType.DEBIT, adjusted=False) + total(TransactionType.CAPTURE)
    assert lifetime.removed == total(TransactionType.DEBIT, adjusted=True)
    assert lifetime.transferred_in == total(TransactionType.TRANSFER_IN)
    assert lifetime.transferred_out == total(TransactionType.TRANSFER_OUT)
    assert lifetime.expired == total(TransactionType.EXPIRY)
    assert lifetime.canceled == total(TransactionType.CANCELLATION)
    assert lifetime.revoked == total(TransactionType.REVOCATION)
    assert lifetime.returned == total(TransactionType.RETURN)
    undone = {row.reverses: row for row in rows if row.type is TransactionType.RETURN and row.reverses}
    spent = sum(
        row.points for row in rows if row.type in (TransactionType.DEBIT, TransactionType.CAPTURE) and _counts(row)
    )
    spent -= sum(row.points for row in rows if row.type is TransactionType.RETURN and not row.reverses)
    spent -= sum(undone[row.seq].points for row in rows if row.seq in undone and _counts(row))
    assert lifetime.redeemed - lifetime.returned + card.other_spending == spent


def _counts(row: Transaction) -> bool:
    return row.operation is not Operation.ADJUSTMENT or row.qualifying


def _times(card: Card, rows: list[Transaction]) -> None:
    """Checks that time never moves backward, and that each row respects the dates of its lots."""
    created = [row.created_at for row in rows]
    assert created == sorted(created)
    assert card.at >= max(created, default=0)
    versions = [row.wallet_version for row in rows]
    assert versions == sorted(versions), "no movement uses an older wallet version than the movement before"
    for row in rows:
        assert row.effective_at <= row.created_at
        if row.operation is Operation.NOTICE:
            continue
        lots = (*row.lots, *row.lots_before)
        expiries = [lot.expires_at for lot in lots if lot.expires_at > NEVER]
        if row.type is TransactionType.EXPIRY:
            assert all(lot.expires_at != NEVER for lot in row.lots)
            assert max(expiries, default=row.effective_at) <= row.effective_at, "points expire at their date"
            assert len(expiries) < len(row.lots) or row.refund or max(expiries) == row.effective_at
        elif row.type not in (TransactionType.CAPTURE, TransactionType.RELEASE):
            kept_expired = row.begins_refund.kept_expired if row.begins_refund else 0
            assert kept_expired or all(at > row.created_at for at in expiries), "no expired point moves"
        activations = [lot.activates_at for lot in row.pending_lots if lot.activates_at != BY_EVENT]
        if row.type is TransactionType.ACTIVATION:
            assert row.operation is not Operation.SETTLE or max(activations) == row.effective_at, "at their date"
        elif row.type is TransactionType.CREDIT:
            assert all(at > row.created_at for at in activations)


def announced(row: Transaction) -> tuple[str, int]:
    """The kind and the date that a notice announces."""
    kind = "activation" if row.pending_lots else "expiry"
    moments = {abs(lot.expires_at) for lot in row.lots} | {lot.activates_at for lot in row.pending_lots}
    assert len(moments) == 1, "a notice announces one date"
    return kind, moments.pop()


def check_notices(rows: list[Transaction]) -> None:
    """Checks that each date and period has at most one notice, in order of time and before the date."""
    notices = [row for row in rows if row.operation is Operation.NOTICE]
    assert all(row.effective_at <= row.created_at < announced(row)[1] for row in notices)
    seen = [(*announced(row), row.notice) for row in notices]
    assert len(set(seen)) == len(seen), "no notice is repeated"
    for moment in {announced(row) for row in notices}:
        ahead = [row.effective_at for row in notices if announced(row) == moment]
        assert ahead == sorted(set(ahead)), "the notice of the longer period is earlier"


def _orders(rows: list[Transaction]) -> None:
    """Checks that no refund returns more than the order spent or revokes more than the order earned."""
    for order_id in {row.context.order_id for row in rows} - {None}:
        spent = earned = 0
        for row in rows:
            if row.context.order_id != order_id:
                continue
            spent += row.points * (
                (row.type in (TransactionType.DEBIT, TransactionType.CAPTURE)) - (row.type is TransactionType.RETURN)
            )
            earned += row.points * (row.type is TransactionType.CREDIT)
            if row.refund:
                details = row.refund
                earned -= details.earned
                assert details.earned == details.revoked + details.shortfall + details.expired
                assert (spent, earned) == (0, 0), "a full refund leaves no points of the order"
            assert spent >= 0, "a refund never returns more than was spent"


def _money(rows: list[Transaction]) -> None:
    """Checks that no order is paid twice, and that a full refund gives back what was paid with points and with money.

    All points that were spent for an order with a payment paid for it.
    """
    for order_id in {row.context.order_id for row in rows if row.payment}:
        paid = 0
        for row in rows:
            if row.context.order_id != order_id:
                continue
            if row.payment:
                paid += row.payment.amount
                assert row.context.order is not None
                assert paid + row.payment.remaining == row.context.order.amount
                ratio = Decimal(row.payment.ratio)
                assert row.points == (row.payment.amount * ratio).to_integral_value(ROUND_CEILING)
            if row.refund and row.refund.kind is RefundType.FULL:
                money, withheld = row.refund.money or 0, row.refund.withheld
                assert row.refund.amount == paid + money + withheld
                paid = 0


def _corrections(books: Books) -> None:
    """Checks that corrections have a reason, and that each movement is reversed once and not beyond its points."""
    rows, items = books.rows, books.row_items
    undone: list[int] = []
    for row, item in zip(rows, items, strict=True):
        by_hand = row.operation in (Operation.ADJUSTMENT, Operation.REVERSAL, Operation.EXPIRY_CHANGE)
        assert not by_hand or (row.context.source is Source.MANUAL and row.context.order_id is None)
        assert row.context.reason or row.operation not in (Operation.ADJUSTMENT, Operation.EXPIRY_CHANGE)
        assert row.operation is Operation.ADJUSTMENT or not row.qualifying
        assert (row.reverses is not None) == (row.operation is Operation.REVERSAL)
        if row.reverses is None:
            continue
        undone.append(row.reverses)
        first = rows[row.reverses - 1]
        assert first.seq < row.seq
        assert (first.type, row.type) in (
            (TransactionType.CREDIT, TransactionType.REVOCATION),
            (TransactionType.DEBIT, TransactionType.RETURN),
        )
        assert first.context.order_id is None
        assert (row.requested or row.points) == first.points, "the shortfall is recorded"
        assert row.points <= first.points
        assert item["sk"]["S"] == keys.row(row.wallet_id, None, keys.reversal_origin(first.seq))
    assert len(set(undone)) == len(undone), "no movement is reversed twice"


def _due(books: Books) -> None:
    """Checks that the due entry is not later than the next settlement. It may be earlier until the next sweep."""
    card, item = books.card, books.card_item
    coming = card.next_settlement()
    if coming:
        assert card.due is not None, "a card with a due moment has a due entry"
        assert card.due.at <= coming.at or card.settle_failures, "the due entry is not too late"
    assert ("dp" in item) == ("ds" in item) == (card.due is not None)
    if card.due:
        assert item["dp"]["S"] == keys.due(card.due.kind, card.shard)
        assert card.due.kind in "AE"
    later, moved = settle(card, max(card.at, 0))
    assert (later, moved) == (card, []), "a stored card is settled at its own instant"
