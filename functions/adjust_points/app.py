"""POST …/adjustments, …/expiry-changes, /v1/transactions/{transactionId}/reversal: what is set right by hand."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Self

from aws_lambda_powertools.event_handler import Depends, Response
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty import api, bodies, correction_shapes, corrections, errors, history, shapes
from loyalty.domain.card import NEVER
from loyalty.domain.credit import Grant
from loyalty.domain.dates import day_number, instant
from loyalty.domain.expiry_change import NamedLot, NewExpiry
from loyalty.domain.transaction import Source
from loyalty.store import Store, connected

app = api.APIGatewayHttpResolver()

StoreOf = Annotated[Store, Depends(connected)]
DryRun = Annotated[bool, Field(description="Tell what would happen and write nothing. Needs no Idempotency-Key.")]
LOTS_NAMED_MAX = 100


class Adjustment(api.Body):
    """Positive points are given and active at once; negative ones are taken, in the wallet's order of consumption."""

    points: bodies.SignedPoints
    reason: bodies.Text
    expires_at: bodies.Instant | None = None
    expire_after: bodies.PeriodBody | None = None
    qualifying: bool = Field(default=False, description="Count them as earned or spent, within the wallet's limits.")
    metadata: bodies.Metadata | None = None
    dry_run: DryRun = False

    @model_validator(mode="after")
    def _one_expiry_of_given_points(self) -> Self:
        if self.expires_at and self.expire_after:
            raise PydanticCustomError("one_of", "Either expiresAt or expireAfter.", {"field": "expireAfter"})
        if self.points < 0 and (self.expires_at or self.expire_after):
            name = "expiresAt" if self.expires_at else "expireAfter"
            raise PydanticCustomError("not_taken", "Points that are taken have no expiry.", {"field": name})
        return self

    @property
    def grant(self) -> Grant:
        return Grant(
            self.points,
            expires_at=instant(self.expires_at) if self.expires_at else None,
            expires_after=self.expire_after.period if self.expire_after else None,
        )


class Reversal(api.Body):
    reason: bodies.Text | None = None
    dry_run: DryRun = False


class Lot(api.Body):
    """A lot as the card shows it."""

    expires_at: bodies.Instant | None = Field(default=None, description="Null for points that never expire.")
    issued_on: bodies.Day
    points: bodies.Points | None = Field(default=None, description="All of the lot, if left out.")

    @property
    def named(self) -> NamedLot:
        return NamedLot(_instant_or_never(self.expires_at), day_number(self.issued_on), self.points)


class ExpiryChange(api.Body):
    """Either `expiresAt` (null: the points never expire) or `expireAfter`, which counts from now."""

    expires_at: bodies.Instant | None = None
    expire_after: bodies.PeriodBody | None = None
    lots: list[Lot] | None = Field(
        default=None, min_length=1, max_length=LOTS_NAMED_MAX, description="All active lots, if left out."
    )
    reason: bodies.Text
    dry_run: DryRun = False

    @model_validator(mode="after")
    def _one_expiry(self) -> Self:
        if (self.expire_after is not None) == ("expires_at" in self.model_fields_set):
            raise PydanticCustomError("one_of", "Either expiresAt or expireAfter.", {"field": "expiresAt"})
        return self

    @property
    def expiry(self) -> NewExpiry:
        if self.expire_after:
            return NewExpiry(after=self.expire_after.period)
        return NewExpiry(_instant_or_never(self.expires_at))


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/adjustments",
    summary="Give or take points by hand",
    description=(
        "Knows no limits unless it is `qualifying`, and is no activity that moves sliding expiries. "
        "Works while the wallet is INACTIVE."
    ),
    status_code=HTTPStatus.CREATED,
    responses=api.responses(
        HTTPStatus.CREATED,
        shapes.Receipt,
        *api.MOVEMENT_REFUSALS,
        errors.InvalidDates,
        errors.EarningLimitReached,
        errors.SpendingLimitReached,
        errors.BalanceTooLarge,
        errors.InsufficientPoints,
        dry_run=shapes.DryRun,
    ),
    tags=["Corrections"],
)
def adjust_points(
    wallet_id: api.WalletId,
    customer_id: api.CustomerId,
    body: Adjustment,
    sent: api.SentBody,
    caller: api.CallerOf,
    store: StoreOf,
    key: api.OptionalIdempotencyKey = None,
) -> Response[Any]:
    facts = {"source": Source.MANUAL, "reason": body.reason, "metadata": api.metadata_text(body.metadata)}
    key = api.movement_key(key, dry_run=body.dry_run)
    command = bodies.command("adjustment", wallet_id, customer_id, key, body=sent, caller=caller, facts=facts)
    outcome = corrections.adjust(
        store, command, body.grant, datetime.now(UTC), qualifying=body.qualifying, dry=body.dry_run
    )
    return shapes.dry_run(outcome) if body.dry_run else shapes.receipt(outcome)


@app.post(
    "/v1/transactions/<transactionId>/reversal",
    summary="Undo a mistaken credit, debit or adjustment",
    description=(
        "Of one that has no order, on the very lots that it names, once. Of a credit, what is gone is the "
        "`shortfall`: no other points are taken for it. What an order brought is refunded instead."
    ),
    status_code=HTTPStatus.CREATED,
    responses=api.responses(
        HTTPStatus.CREATED,
        correction_shapes.ReversalReceipt,
        errors.WalletDeleted,
        errors.CardFrozen,
        errors.CardClosed,
        errors.TransactionNotFound,
        errors.NotReversible,
        errors.AlreadyReversed,
        errors.BalanceTooLarge,
        errors.ClockSkew,
        errors.Busy,
        dry_run=correction_shapes.ReversalDryRun,
    ),
    tags=["Corrections"],
)
def reverse_transaction(
    transaction_id: api.TransactionId,
    body: Reversal,
    sent: api.SentBody,
    caller: api.CallerOf,
    store: StoreOf,
    key: api.OptionalIdempotencyKey = None,
) -> Response[Any]:
    key = api.movement_key(key, dry_run=body.dry_run)
    row = history.by_id(store, transaction_id)
    facts = {"source": Source.MANUAL, "reason": body.reason}
    # A transaction is reversed once: the row stands under it, so the key belongs to what is compared.
    command = bodies.command(
        "reversal", row.wallet_id, row.customer_id, key, body=[key, row.seq, sent], caller=caller, facts=facts
    )
    outcome = corrections.reverse(store, command, row, datetime.now(UTC), dry=body.dry_run)
    return correction_shapes.reversal_dry_run(outcome) if body.dry_run else correction_shapes.reversal_receipt(outcome)


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/expiry-changes",
    summary="Give active points another expiry",
    description=(
        "Of all active lots, or of those named. The new expiry is the points' own: it no longer slides. "
        "Works while the wallet is INACTIVE."
    ),
    status_code=HTTPStatus.CREATED,
    responses=api.responses(
        HTTPStatus.CREATED,
        shapes.Receipt,
        *api.MOVEMENT_REFUSALS,
        errors.LotNotFound,
        errors.InvalidDates,
        dry_run=shapes.DryRun,
    ),
    tags=["Corrections"],
)
def change_expiry(
    wallet_id: api.WalletId,
    customer_id: api.CustomerId,
    body: ExpiryChange,
    sent: api.SentBody,
    caller: api.CallerOf,
    store: StoreOf,
    key: api.OptionalIdempotencyKey = None,
) -> Response[Any]:
    facts = {"source": Source.MANUAL, "reason": body.reason}
    key = api.movement_key(key, dry_run=body.dry_run)
    command = bodies.command("expiry_change", wallet_id, customer_id, key, body=sent, caller=caller, facts=facts)
    lots = None if body.lots is None else [lot.named for lot in body.lots]
    outcome = corrections.change_expiry(store, command, body.expiry, lots, datetime.now(UTC), dry=body.dry_run)
    return shapes.dry_run(outcome) if body.dry_run else shapes.receipt(outcome)


def _instant_or_never(moment: datetime | None) -> int:
    return instant(moment) if moment else NEVER


lambda_handler = api.entry_point(app)
