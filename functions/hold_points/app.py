"""POST …/holds and …/holds/{holdId}/capture|release: reserve points for an order in progress."""

from http import HTTPStatus

from loyalty import errors
from loyalty.api.points.holds import CaptureRequest, Hold, HoldDryRun, HoldRequest, ReleaseRequest
from loyalty.api.points.movements import DryRun, Movement
from loyalty.domain.cards.transaction import Context, Transaction
from loyalty.http.calls import CallOf
from loyalty.http.commands import MOVEMENT_REFUSALS, answer_movement, command_of, movement_key
from loyalty.http.parameters import CustomerId, HoldId, OptionalIdempotencyKey, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, document_answers
from loyalty.usecases.ledger import Command
from loyalty.usecases.points import holds

app = APIGatewayHttpResolver()
NO_BODY = ReleaseRequest()
ENDED = document_answers(
    HTTPStatus.CREATED,
    Movement,
    *MOVEMENT_REFUSALS,
    errors.HoldNotFound,
    errors.HoldTooSmall,
    dry_run=DryRun,
)


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/holds",
    summary="Reserve points",
    description="Held points are no longer active, count as spent, and do not expire until they are released.",
    status_code=HTTPStatus.CREATED,
    responses=document_answers(
        HTTPStatus.CREATED,
        Hold,
        *MOVEMENT_REFUSALS,
        errors.CardBlocked,
        errors.CurrencyDiffers,
        errors.TooManyHolds,
        errors.SpendingLimitReached,
        errors.InsufficientPoints,
        dry_run=HoldDryRun,
    ),
    tags=["Points"],
)
def hold_points(
    call: CallOf,
    wallet_id: WalletId,
    customer_id: CustomerId,
    body: HoldRequest,
    key: OptionalIdempotencyKey = None,
) -> Response:
    key = movement_key(key, dry_run=body.dry_run)
    command = command_of(call, "hold", wallet_id, customer_id, key, body.context, dry=body.dry_run)
    outcome = holds.hold(call.store, command, body.points, body.period, call.now)
    return answer_movement(outcome, (HoldDryRun if outcome.dry else Hold).of(outcome))


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/holds/<holdId>/capture",
    summary="Capture held points",
    description=(
        "Spends held points for the hold's order. The route also works in an INACTIVE wallet and on a BLOCKED card."
    ),
    status_code=HTTPStatus.CREATED,
    responses=ENDED,
    tags=["Points"],
)
def capture_hold(
    call: CallOf,
    wallet_id: WalletId,
    customer_id: CustomerId,
    hold_id: HoldId,
    body: CaptureRequest,
    key: OptionalIdempotencyKey = None,
) -> Response:
    key = movement_key(key, dry_run=body.dry_run)
    row = holds.hold_row(call.store, wallet_id, customer_id, hold_id)
    command = _command(call, "capture", row, key, dry=body.dry_run)
    return answer_movement(holds.capture(call.store, command, row, body.points, call.now, final=body.final))


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/holds/<holdId>/release",
    summary="Release held points",
    description=(
        "Released points are active again, but points past their expiry expire at once. The transaction lists "
        "only points that are active again, possibly none. The route also works in an INACTIVE wallet and on "
        "a BLOCKED card."
    ),
    status_code=HTTPStatus.CREATED,
    responses=ENDED,
    tags=["Points"],
)
def release_hold(
    call: CallOf,
    wallet_id: WalletId,
    customer_id: CustomerId,
    hold_id: HoldId,
    body: ReleaseRequest = NO_BODY,
    key: OptionalIdempotencyKey = None,
) -> Response:
    key = movement_key(key, dry_run=body.dry_run)
    row = holds.hold_row(call.store, wallet_id, customer_id, hold_id)
    command = _command(call, "release", row, key, dry=body.dry_run)
    return answer_movement(holds.release(call.store, command, row, call.now))


def _command(call: CallOf, name: str, row: Transaction, key: str, *, dry: bool) -> Command:
    """Makes a command on a hold, with the hold's source and order. The fingerprint includes the hold."""
    context = Context(source=row.context.source, order_id=row.context.order_id)
    return command_of(call, name, row.wallet_id, row.customer_id, key, context, dry=dry, scope=(row.transaction_id,))


lambda_handler = entry_point(app)
