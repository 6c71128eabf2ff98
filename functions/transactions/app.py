"""/v1/…/transactions…: a card's ledger, read back."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from loyalty import errors
from loyalty.api.fields import Moment
from loyalty.api.orders import CustomerOrder
from loyalty.api.points.transactions import TransactionList, TransactionShape
from loyalty.domain.cards.card import POINTS_MAX
from loyalty.domain.dates import instant
from loyalty.http.calls import StoreOf
from loyalty.http.pagination import cursor_of, from_cursor
from loyalty.http.parameters import CursorText, CustomerId, Limit, OrderIdInPath, TransactionId, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import answered, responses, transaction_list
from loyalty.usecases import history
from loyalty.usecases.points import refunds

app = APIGatewayHttpResolver()

Type = Literal[
    "CREDIT",
    "DEBIT",
    "ACTIVATION",
    "EXPIRY",
    "CANCELLATION",
    "RETURN",
    "REVOCATION",
    "HOLD",
    "CAPTURE",
    "RELEASE",
    "TRANSFER_IN",
    "TRANSFER_OUT",
    "ACTIVITY",
]
Source = Literal["API", "Manual", "Campaign", "Cashback Coupon", "System"]
Operation = Literal[
    "credit",
    "debit",
    "payment",
    "adjustment",
    "refund",
    "reversal",
    "transfer",
    "hold",
    "capture",
    "release",
    "settle",
    "activate",
    "cancel",
    "event",
    "expiry_change",
    "notice",
]


@app.get(
    "/v1/wallets/<walletId>/cards/<customerId>/transactions",
    summary="List a card's transactions, newest first",
    description=(
        "`from` is inclusive, `to` exclusive, both by the time of recording. `complete` is false where the newest "
        "transaction could not be listed yet. A page of a rare match may be short; go on while there is a nextCursor."
    ),
    responses=responses(HTTPStatus.OK, TransactionList, errors.CardNotFound, errors.InvalidCursor),
    tags=["Transactions"],
)
def list_transactions(
    wallet_id: WalletId,
    customer_id: CustomerId,
    store: StoreOf,
    type_: Annotated[Type | None, Query(alias="type")] = None,
    source: Source | None = None,
    operation: Operation | None = None,
    bucket: Literal["ACTIVE", "PENDING"] | None = None,
    order_id: Annotated[str | None, Query(alias="orderId", min_length=1, max_length=128)] = None,
    campaign_id: Annotated[str | None, Query(alias="campaignId", max_length=64)] = None,
    from_: Annotated[Moment | None, Query(alias="from")] = None,
    to: Moment | None = None,
    points_min: Annotated[int | None, Query(alias="minPoints", ge=0, le=POINTS_MAX)] = None,
    points_max: Annotated[int | None, Query(alias="maxPoints", ge=0, le=POINTS_MAX)] = None,
    limit: Limit = 25,
    cursor: CursorText = None,
) -> Response[Any]:
    filters = history.Filters(
        type=type_,
        source=source,
        operation=operation,
        bucket=bucket,
        order_id=order_id,
        campaign_id=campaign_id,
        created_from=instant(from_) if from_ else None,
        created_to=instant(to) if to else None,
        points_min=points_min,
        points_max=points_max,
    )
    below = from_cursor(cursor, int)
    page = history.page(store, wallet_id, customer_id, filters, below[0] if below else None, limit)
    return transaction_list(page, cursor_of([page.below]) if page.below else None)


@app.get(
    "/v1/wallets/<walletId>/cards/<customerId>/transactions/by-key",
    summary="Find the transaction that an idempotency key made",
    description="Tells what became of a request whose answer was lost. A consistent read.",
    responses=responses(HTTPStatus.OK, TransactionShape, errors.TransactionNotFound),
    tags=["Transactions"],
)
def read_transaction_by_key(
    wallet_id: WalletId,
    customer_id: CustomerId,
    store: StoreOf,
    key: Annotated[str, Query(pattern=r"^[!-~]{8,64}$")],
    order_id: Annotated[str | None, Query(alias="orderId", min_length=1, max_length=128)] = None,
) -> Response[Any]:
    return answered(TransactionShape.of(history.by_key(store, wallet_id, customer_id, order_id, key)))


@app.get(
    "/v1/transactions/<transactionId>",
    summary="Read a transaction",
    responses=responses(HTTPStatus.OK, TransactionShape, errors.TransactionNotFound),
    tags=["Transactions"],
)
def read_transaction(transaction_id: TransactionId, store: StoreOf) -> Response[Any]:
    return answered(TransactionShape.of(history.by_id(store, transaction_id)))


@app.get(
    "/v1/customers/<customerId>/orders/<orderId>",
    summary="Read what an order did to a customer's points",
    description="`refundable` is what a FULL refund would do now: null where nothing is left.",
    responses=responses(HTTPStatus.OK, CustomerOrder, errors.OrderNotFound),
    tags=["Transactions"],
)
def read_order(customer_id: CustomerId, order_id: OrderIdInPath, store: StoreOf) -> Response[Any]:
    found = refunds.order_of_customer(store, customer_id, order_id, datetime.now(UTC))
    return answered(CustomerOrder.of(customer_id, order_id, found))


lambda_handler = entry_point(app)
