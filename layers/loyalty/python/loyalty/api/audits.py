"""Answers of audits, and of an erasure."""

from datetime import datetime
from typing import Any

from pydantic import Field

from loyalty.api.base import Shape
from loyalty.api.cards import LifetimeShape
from loyalty.api.points.balances import Balance, LotShape, active_lot, pending_lot
from loyalty.api.points.transactions import TransactionShape
from loyalty.domain.audit.comparison import Drift
from loyalty.domain.cards.card import Card

PROBLEMS_MAX = 100
"""Drifts that one answer tells: a card whose ledger lies in ruins must not make an answer of megabytes."""


class DriftShape(Shape):
    """Something that is not as it must be. `seq` and `transactionId` are null where it is the card itself."""

    seq: int | None
    transaction_id: str | None
    check: str
    expected: str | None
    found: str | None
    message: str

    @classmethod
    def of(cls, drift: Drift, card_id: str | None) -> "DriftShape":
        return cls(
            seq=drift.seq,
            transaction_id=f"{card_id}.{drift.seq}" if card_id and drift.seq else None,
            check=drift.check,
            expected=drift.expected,
            found=drift.found,
            message=drift.message,
        )


class Verification(Shape):
    """Whether a card says what its rows say. `hash` is that of its last row: note it down to know later rows by it."""

    valid: bool
    wallet_id: str
    customer_id: str
    card_id: str | None = Field(description="Null where the card itself cannot be read.")
    rows: int = Field(description="Transactions that were read and done again.")
    hash: str | None
    balance: Balance | None = Field(description="As stored: what fell due since the last transaction is not in it.")
    wallet_versions: list[int] = Field(description="Versions of the wallet that the transactions went by.")
    problems: list[DriftShape] = Field(description=f"The first {PROBLEMS_MAX}.")
    problem_count: int


class BalanceThen(Shape):
    """A card's balance as of an instant, with all that was due by then done."""

    at: datetime
    enrolled: bool = Field(description="False before there was a card: then all is zero.")
    projected: bool = Field(description="The instant lies ahead: this is what time alone will have done by then.")
    version: int = Field(description="`seq` of the last transaction that was recorded by then; 0 before the first.")
    balance: Balance
    lots: list[LotShape]


class CounterShape(Shape):
    """What the card had earned and spent in the calendar period of the transaction, before it."""

    period: str
    earned: int
    spent: int


class CardBefore(Shape):
    """The card that the transaction found: what was due by then was done."""

    balance: Balance
    lifetime: LifetimeShape
    counters: list[CounterShape]
    lots: list[LotShape]


class WalletThen(Shape):
    wallet_id: str
    version: int
    settings: dict[str, Any] = Field(description="Those of that version which such a transaction goes by.")


class LimitShape(Shape):
    limit: str
    room: int = Field(description="Points that it left.")
    when_exceeded: str
    cut: bool
    text: str


class PartShape(Shape):
    """Points of one lot, in the order in which they moved."""

    lot: LotShape
    rule: str = Field(description="The setting that they were chosen by, by its path, or `request`.")
    text: str


class PromiseShape(Shape):
    """A date that the transaction fixed for its points."""

    happens: str
    points: int
    at: datetime | None = Field(description="Null for never, and where nobody could know.")
    rule: str = Field(description="The setting that the date follows from, by its path, or `request`.")
    text: str


class RefundThen(Shape):
    kind: str
    spent: int
    earned: int
    revoked: int
    shortfall: int
    expired: int
    amount: int | None
    money: int | None
    kept_expired: int
    text: str


REFUND_FACTS = RefundThen.model_fields.keys() - {"text"}


class ExplanationShape(Shape):
    """What made a transaction what it is."""

    text: str
    transaction: TransactionShape
    wallet: WalletThen
    before: CardBefore
    limits: list[LimitShape]
    lots: list[PartShape]
    dates: list[PromiseShape]
    refund: RefundThen | None


def _lots(card: Card) -> list[LotShape]:
    return [*map(pending_lot, card.pending), *(active_lot(lot, card.expiry_of(lot)) for lot in card.lots)]


class Erased(Shape):
    """What this request erased; on other cards and transactions there was nothing, or nothing any more."""

    customer_id: str
    done: bool = Field(description="False: there is more. Send the same request again.")
    cards: int = Field(description="Cards whose metadata was erased.")
    transactions: int = Field(description="Transactions whose texts were erased.")
