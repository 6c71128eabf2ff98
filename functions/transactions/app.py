"""/v1/…/transactions…: read the ledgers of a customer."""

from http import HTTPStatus
from typing import Annotated

from loyalty import errors
from loyalty.api.customer_orders import CustomerOrder
from loyalty.api.fields import Moment
from loyalty.api.points.transactions import Transaction, TransactionList
from loyalty.domain.cards.card import POINTS_MAX
from loyalty.domain.cards.transaction import Bucket, Operation, Source, TransactionType
from loyalty.domain.dates import instant
from loyalty.http.calls import Call, CallOf
from loyalty.http.pagination import cursor_of, cursor_of_positions, from_cursor, positions_from_cursor
from loyalty.http.parameters import (
    CursorText,
    CustomerId,
    FilteredOrderId,
    KeyToFind,
    Limit,
    OrderIdInPath,
    OrderIdInQuery,
    OrderIdOfKey,
    TransactionId,
    WalletId,
)
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, answer, document_answers
from loyalty.http.routing import Query
from loyalty.usecases import history
from loyalty.usecases.points import refunds

app = APIGatewayHttpResolver()

OnlyType = Annotated[TransactionType | None, Query(alias="type", description="Only transactions of this type.")]
OnlySource = Annotated[Source | None, Query(description="Only transactions of this source.")]
OnlyOperation = Annotated[Operation | None, Query(description="Only transactions of this operation.")]
OnlyBucket = Annotated[Bucket | None, Query(description="Only transactions of this bucket.")]
OnlyCampaign = Annotated[
    str | None, Query(alias="campaignId", max_length=64, description="Only transactions of this campaign.")
]
From = Annotated[Moment | None, Query(alias="from", description="Only transactions recorded at or after this instant.")]
To = Annotated[Moment | None, Query(description="Only transactions recorded before this instant.")]
PointsMin = Annotated[
    int | None,
    Query(alias="minPoints", ge=0, le=POINTS_MAX, description="Only transactions of at least these points."),
]
PointsMax = Annotated[
    int | None,
    Query(alias="maxPoints", ge=0, le=POINTS_MAX, description="Only transactions of at most these points."),
]


@app.get(
    "/v1/wallets/<walletId>/cards/<customerId>/transactions",
    summary="List a card's transactions, newest first",
    description="A page may be short although more transactions match: continue while `nextCursor` is not null.",
    responses=document_answers(
        HTTPStatus.OK, TransactionList, errors.WalletNotFound, errors.CardNotFound, errors.InvalidCursor
    ),
    tags=["Transactions"],
)
def list_transactions(
    call: CallOf,
    wallet_id: WalletId,
    customer_id: CustomerId,
    type_: OnlyType = None,
    source: OnlySource = None,
    operation: OnlyOperation = None,
    bucket: OnlyBucket = None,
    order_id: FilteredOrderId = None,
    campaign_id: OnlyCampaign = None,
    from_: From = None,
    to: To = None,
    points_min: PointsMin = None,
    points_max: PointsMax = None,
    limit: Limit = 25,
    cursor: CursorText = None,
) -> Response:
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
    page = history.of_card(call.store, wallet_id, customer_id, filters, below[0] if below else None, limit)
    return _list(page, cursor_of([*page.next.values()]))


@app.get(
    "/v1/customers/<customerId>/transactions",
    summary="List a customer's transactions in all wallets, newest first",
    description=(
        "The transactions of one card are in the order of their `seq`. A page may be short although more transactions "
        "match: continue while `nextCursor` is not null."
    ),
    responses=document_answers(HTTPStatus.OK, TransactionList, errors.InvalidCursor),
    tags=["Transactions"],
)
def list_transactions_of_customer(
    call: CallOf,
    customer_id: CustomerId,
    type_: OnlyType = None,
    source: OnlySource = None,
    operation: OnlyOperation = None,
    bucket: OnlyBucket = None,
    order_id: FilteredOrderId = None,
    campaign_id: OnlyCampaign = None,
    from_: From = None,
    to: To = None,
    points_min: PointsMin = None,
    points_max: PointsMax = None,
    limit: Limit = 25,
    cursor: CursorText = None,
) -> Response:
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
    page = history.of_customer(call.store, customer_id, filters, positions_from_cursor(cursor), limit)
    return _list(page, cursor_of_positions(page.next))


@app.get(
    "/v1/wallets/<walletId>/cards/<customerId>/transactions/by-key",
    summary="Find the transaction of an idempotency key",
    description=(
        "Shows the result of a request whose answer was lost. Send the order of the transaction, also if the request "
        "named a hold or a transaction of the order. The read is consistent."
    ),
    responses=document_answers(HTTPStatus.OK, Transaction, errors.WalletNotFound, errors.TransactionNotFound),
    tags=["Transactions"],
)
def read_transaction_by_key(
    call: CallOf,
    wallet_id: WalletId,
    customer_id: CustomerId,
    key: KeyToFind,
    order_id: OrderIdOfKey = None,
) -> Response:
    return answer(Transaction.of(history.by_key(call.store, wallet_id, customer_id, order_id, key)))


@app.get(
    "/v1/transactions/<transactionId>",
    summary="Read a transaction",
    description="The id names card and `seq`. A transaction never changes, except that an erasure removes its texts.",
    responses=document_answers(HTTPStatus.OK, Transaction, errors.TransactionNotFound),
    tags=["Transactions"],
)
def read_transaction(
    call: CallOf,
    transaction_id: TransactionId,
) -> Response:
    return answer(Transaction.of(history.by_id(call.store, transaction_id)))


@app.get(
    "/v1/customers/<customerId>/orders/<orderId>",
    summary="Read an order's effect on a customer's points",
    description="The answer has the order's points in each wallet, and the effect that a FULL refund would have now.",
    responses=document_answers(HTTPStatus.OK, CustomerOrder, errors.OrderNotFound),
    tags=["Transactions"],
)
def read_order(
    call: CallOf,
    customer_id: CustomerId,
    order_id: OrderIdInPath,
) -> Response:
    return _order(call, customer_id, order_id)


@app.get(
    "/v1/customers/<customerId>/orders",
    summary="Read the effect of any order on a customer's points",
    description=(
        "The same answer as `GET /v1/customers/{customerId}/orders/{orderId}`, for every order id. Percent-encode "
        "`orderId` like any query parameter."
    ),
    responses=document_answers(HTTPStatus.OK, CustomerOrder, errors.OrderNotFound),
    tags=["Transactions"],
)
def read_customer_order(
    call: CallOf,
    customer_id: CustomerId,
    order_id: OrderIdInQuery,
) -> Response:
    return _order(call, customer_id, order_id)


def _list(page: history.Page, next_cursor: str) -> Response:
    rows = [Transaction.of(row) for row in page.rows]
    return answer(TransactionList(data=rows, next_cursor=next_cursor if page.next else None, complete=page.complete))


def _order(call: Call, customer_id: str, order_id: str) -> Response:
    found = refunds.order_of_customer(call.store, customer_id, order_id, call.now)
    return answer(CustomerOrder.of(customer_id, order_id, found))


lambda_handler = entry_point(app)
