"""Answers of audits, and of an erasure."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from loyalty.api import answered
from loyalty.api.base import Answer
from loyalty.api.cards import CardTier, Lifetime
from loyalty.api.points.balances import Balance, Lot, active_lot, pending_lot
from loyalty.api.points.transactions import Transaction
from loyalty.domain.audit import comparison as domain
from loyalty.domain.audit import explanation
from loyalty.domain.audit.comparison import Check
from loyalty.domain.audit.explanation import settings_used
from loyalty.domain.cards import card as cards
from loyalty.domain.cards.card import Card
from loyalty.domain.cards.transaction import RefundType
from loyalty.domain.dates import CalendarUnit, datetime_of
from loyalty.domain.wallets.document import settings_json
from loyalty.domain.wallets.settings import WhenExceeded
from loyalty.usecases.audits import CardAsOf, Report

PROBLEMS_MAX = 100
"""The most drifts in one answer, so that a badly damaged ledger does not make an answer of megabytes."""


class Drift(Answer):
    """A difference between a card and its ledger."""

    seq: int | None = Field(description="The transaction with the difference; null for the card itself.")
    transaction_id: str | None = Field(description="The transaction with the difference; null for the card itself.")
    check: Check = Field(description="The check that found the difference.")
    expected: str | None = Field(description="The value by the ledger.")
    found: str | None = Field(description="The value in the table.")
    message: str = Field(description="The difference, in words.")

    @classmethod
    def of(cls, drift: domain.Drift, card_id: str | None) -> "Drift":
        return cls(
            seq=drift.seq,
            transaction_id=f"{card_id}.{drift.seq}" if card_id and drift.seq else None,
            check=drift.check,
            expected=drift.expected,
            found=drift.found,
            message=drift.message,
        )


class Verification(Answer):
    """A card compared with its ledger."""

    valid: bool = Field(description="Whether card and ledger agree.")
    wallet_id: answered.WalletId
    customer_id: answered.CustomerId
    card_id: str | None = Field(description="Null if the card itself cannot be read.")
    rows: int = Field(description="The number of transactions that were read and compared.")
    hash: str | None = Field(
        description="The hash of the last transaction. Record this hash to check the ledger later."
    )
    balance: Balance | None = Field(
        description="The stored balance, without changes that became due after the last transaction."
    )
    wallet_versions: list[int] = Field(description="The versions of the wallet that the transactions used.")
    problems: list[Drift] = Field(description=f"The first {PROBLEMS_MAX} problems.")
    problem_count: int = Field(description="The number of all problems.")

    @classmethod
    def of(cls, wallet_id: str, customer_id: str, report: Report) -> "Verification":
        card = report.card
        card_id = card.card_id if card else None
        return cls(
            valid=report.valid,
            wallet_id=wallet_id,
            customer_id=customer_id,
            card_id=card_id,
            rows=report.rows,
            hash=card.hash.hex() if card else None,
            balance=Balance.of(card.balance) if card else None,
            wallet_versions=list(report.wallet_versions),
            problems=[Drift.of(drift, card_id) for drift in report.drifts[:PROBLEMS_MAX]],
            problem_count=len(report.drifts),
        )


class BalanceAsOf(Answer):
    """A card's balance at an instant, including everything that was due by then."""

    at: datetime = Field(description="The instant of the balance.")
    enrolled: bool = Field(description="False for an instant before the card's enrolment; all numbers are then 0.")
    projected: bool = Field(description="True for a future instant: the balance then includes only changes by time.")
    version: int = Field(
        description="The `seq` of the last transaction recorded by then; 0 before the first transaction."
    )
    balance: Balance = Field(description="The points of the card at the instant.")
    lots: list[Lot] = Field(description="The pending and active points, by lot.")
    tiers: list[CardTier] = Field(
        description="The tiers, one for each program. A tier that was not calculated yet is missing."
    )

    @classmethod
    def of(cls, stood: CardAsOf) -> "BalanceAsOf":
        card = stood.card
        return cls(
            at=datetime_of(stood.at),
            enrolled=stood.enrolled,
            projected=stood.projected,
            version=card.version,
            balance=Balance.of(card.balance),
            lots=_lots(card),
            tiers=list(map(CardTier.of, card.tiers)),
        )


class PeriodCounter(Answer):
    """Points earned and spent in one calendar period, before the transaction."""

    period: CalendarUnit = Field(description="The calendar period that includes the transaction.")
    earned: int = Field(description="The points that the card earned in the period before the transaction.")
    spent: int = Field(description="The points that the card spent in the period before the transaction.")


class CardBefore(Answer):
    """The card before the transaction, including everything that was due by then."""

    balance: Balance = Field(description="The points of the card before the transaction.")
    lifetime: Lifetime = Field(description="The sums of points from the enrolment until the transaction.")
    counters: list[PeriodCounter] = Field(description="The points earned and spent in each calendar period.")
    lots: list[Lot] = Field(description="The pending and active points, by lot.")


class WalletVersionUsed(Answer):
    """The version of the wallet whose settings applied."""

    wallet_id: answered.WalletId
    version: int = Field(description="The number of the version of the wallet.")
    settings: dict[str, Any] = Field(description="The settings of this version that apply to such a transaction.")


class ExplainedLimit(Answer):
    """A limit that the movement had to respect."""

    limit: answered.WalletLimit = Field(description="The path of the limit in the wallet's settings.")
    room: int = Field(description="The points that the limit still allowed.")
    when_exceeded: WhenExceeded = Field(description="CAP reduces the points, REJECT refuses them.")
    cut: bool = Field(description="Whether this limit reduced the points.")
    text: str = Field(description="The limit, in words.")


class ExplainedLot(Answer):
    """Points of one lot, in the order in which they moved."""

    lot: Lot = Field(description="The lot, with the points of it that moved.")
    rule: str = Field(description="The path of the setting that chose the points, or `request`.")
    text: str = Field(description="The reason for the lot, in words.")


class ExplainedDate(Answer):
    """A date that the transaction fixed for its points."""

    happens: Literal["ACTIVATES", "CANCELED", "EXPIRES", "NEVER_EXPIRES", "RELEASED"] = Field(
        description="What happens to the points at the date."
    )
    points: int = Field(description="The number of points.")
    at: datetime | None = Field(
        description="The instant; null if the points never expire, or if the date was not known yet."
    )
    rule: str = Field(description="The path of the setting that decided the date, or `request`.")
    text: str = Field(description="The date, in words.")


class RefundDetails(Answer):
    """The numbers of a refund."""

    kind: RefundType = Field(description="The extent of the refund, as requested.")
    spent: int = Field(description="Spent points that were given back.")
    earned: int = Field(
        description="Earned points that the refund had to take back: the sum of `revoked`, `shortfall` and `expired`."
    )
    revoked: int = Field(description="Earned points that were taken back.")
    shortfall: int = Field(
        description="Points that could not be taken back, for example because they were already spent."
    )
    expired: int = Field(
        description="Earned points that expired or were canceled unspent, and are therefore not taken back."
    )
    amount: int | None = Field(
        description="The gross value of the refunded goods in minor units; null if the order's amount is unknown."
    )
    money: int | None = Field(
        description="The money to pay back, in minor units: the amount less the part paid with points."
    )
    kept_expired: int = Field(description="Points of `spent` that expired in the meantime and stay expired.")
    text: str = Field(description="The refund, in words.")


REFUND_FACTS = RefundDetails.model_fields.keys() - {"text"}


class Explanation(Answer):
    """The reasons for the points, lots and dates of a transaction."""

    text: str = Field(description="The transaction, in words.")
    transaction: Transaction = Field(description="The transaction that the answer explains.")
    wallet: WalletVersionUsed = Field(description="The settings of the wallet that the transaction used.")
    before: CardBefore = Field(description="The card before the transaction.")
    limits: list[ExplainedLimit] = Field(description="The limits that the movement had to respect.")
    lots: list[ExplainedLot] = Field(description="The points that moved, with the reason for each lot.")
    dates: list[ExplainedDate] = Field(description="The dates that the transaction fixed.")
    refund: RefundDetails | None = Field(
        description="The numbers of a refund; null if the transaction has no refund details."
    )

    @classmethod
    def of(cls, found: explanation.Explanation) -> "Explanation":
        row, before, refund = found.row, found.before, found.row.refund
        settings = settings_json(found.wallet.settings)
        return cls(
            text=found.text,
            transaction=Transaction.of(row),
            wallet=WalletVersionUsed(
                wallet_id=row.wallet_id,
                version=row.wallet_version,
                settings={step: settings[step] for step in settings_used(row)},
            ),
            before=CardBefore(
                balance=Balance.of(before.balance),
                lifetime=Lifetime(**{name: getattr(before.lifetime, name) for name in Lifetime.model_fields}),
                counters=[
                    PeriodCounter(period=unit, earned=counter.earned, spent=counter.spent)
                    for unit, counter in found.counters
                ],
                lots=_lots(before),
            ),
            limits=[
                ExplainedLimit(
                    limit=limit.room.limit,
                    room=limit.room.points,
                    when_exceeded=limit.room.when_exceeded,
                    cut=limit.cut,
                    text=limit.text,
                )
                for limit in found.limits
            ],
            lots=[
                ExplainedLot(
                    lot=active_lot(part.lot, before.expiry_of(part.lot))
                    if isinstance(part.lot, cards.Lot)
                    else pending_lot(part.lot),
                    rule=part.rule,
                    text=part.text,
                )
                for part in found.parts
            ],
            dates=[
                ExplainedDate(
                    happens=promise.happens,
                    points=promise.points,
                    at=datetime_of(promise.at) if promise.at else None,
                    rule=promise.rule,
                    text=promise.text,
                )
                for promise in found.promises
            ],
            refund=RefundDetails(**{name: getattr(refund, name) for name in REFUND_FACTS}, text=found.refund)
            if refund and found.refund
            else None,
        )


def _lots(card: Card) -> list[Lot]:
    return [*map(pending_lot, card.pending), *(active_lot(lot, card.expiry_of(lot)) for lot in card.lots)]


class Erasure(Answer):
    """The result of one request for an erasure. Repetitions count only texts that were left."""

    customer_id: answered.CustomerId
    done: bool = Field(description="False if there are more texts: send the same request again.")
    cards: int = Field(description="Cards whose metadata was erased.")
    transactions: int = Field(description="Transactions whose texts were erased.")
