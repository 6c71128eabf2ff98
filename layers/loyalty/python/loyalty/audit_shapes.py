"""What the answers of audits look like."""

from datetime import datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import Field

from loyalty.api import Shape, answered
from loyalty.audits import Report, Stood
from loyalty.card_shapes import LifetimeShape
from loyalty.domain.audit import Drift
from loyalty.domain.card import Card, Lot
from loyalty.domain.dates import moment
from loyalty.domain.explanation import Explanation, steps_of
from loyalty.shapes import Balance, LotShape, TransactionShape, active_lot, pending_lot
from loyalty.store import settings_json

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


def explanation(found: Explanation) -> Response[Any]:
    row, before, refund = found.row, found.before, found.row.refund
    settings = settings_json(found.wallet.settings)
    return answered(
        ExplanationShape(
            text=found.text,
            transaction=TransactionShape.of(row),
            wallet=WalletThen(
                wallet_id=row.wallet_id,
                version=row.wallet_version,
                settings={step: settings[step] for step in steps_of(row)},
            ),
            before=CardBefore(
                balance=Balance.of(before.balance),
                lifetime=LifetimeShape(**{name: getattr(before.lifetime, name) for name in LifetimeShape.model_fields}),
                counters=[
                    CounterShape(period=unit, earned=counter.earned, spent=counter.spent)
                    for unit, counter in found.counters
                ],
                lots=_lots(before),
            ),
            limits=[
                LimitShape(
                    limit=limit.room.limit,
                    room=limit.room.points,
                    when_exceeded=limit.room.when_exceeded,
                    cut=limit.cut,
                    text=limit.text,
                )
                for limit in found.limits
            ],
            lots=[
                PartShape(
                    lot=active_lot(part.lot, before.expiry_of(part.lot))
                    if isinstance(part.lot, Lot)
                    else pending_lot(part.lot),
                    rule=part.rule,
                    text=part.text,
                )
                for part in found.parts
            ],
            dates=[
                PromiseShape(
                    happens=promise.happens,
                    points=promise.points,
                    at=moment(promise.at) if promise.at else None,
                    rule=promise.rule,
                    text=promise.text,
                )
                for promise in found.promises
            ],
            refund=RefundThen(**{name: getattr(refund, name) for name in REFUND_FACTS}, text=found.refund)
            if refund and found.refund
            else None,
        )
    )


def _lots(card: Card) -> list[LotShape]:
    return [*map(pending_lot, card.pending), *(active_lot(lot, card.expiry_of(lot)) for lot in card.lots)]


def verification(wallet_id: str, customer_id: str, report: Report) -> Response[Any]:
    card = report.card
    card_id = card.card_id if card else None
    return answered(
        Verification(
            valid=report.valid,
            wallet_id=wallet_id,
            customer_id=customer_id,
            card_id=card_id,
            rows=report.rows,
            hash=card.hash.hex() if card else None,
            balance=Balance.of(card.balance) if card else None,
            wallet_versions=list(report.wallet_versions),
            problems=[DriftShape.of(drift, card_id) for drift in report.drifts[:PROBLEMS_MAX]],
            problem_count=len(report.drifts),
        )
    )


def balance_then(stood: Stood) -> Response[Any]:
    card = stood.card
    return answered(
        BalanceThen(
            at=moment(stood.at),
            enrolled=stood.enrolled,
            projected=stood.projected,
            version=card.version,
            balance=Balance.of(card.balance),
            lots=_lots(card),
        )
    )
