"""/v1/search, /v1/orders…: find customers, cards, orders, transactions and wallets by what a person has of them."""

from http import HTTPStatus

from loyalty.api.search import OrderCustomer, OrderCustomerList, SearchResult, SearchResultList
from loyalty.http.calls import Call, CallOf
from loyalty.http.parameters import OrderIdInPath, OrderIdInQuery, SearchedText
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, answer, document_answers
from loyalty.usecases import order_index, search

app = APIGatewayHttpResolver()


@app.get(
    "/v1/search",
    summary="Find what a text identifies",
    description=(
        "Finds at most ten exact matches: the id of a customer with a card, an order, a transaction or a wallet, the "
        "code of a card, or the name of a wallet. A text that cannot be an id has no matches. An order or transaction "
        "of the last seconds may be missing."
    ),
    responses=document_answers(HTTPStatus.OK, SearchResultList),
    tags=["Search"],
)
def search_by_text(call: CallOf, text: SearchedText) -> Response:
    found = search.search(call.store, text, call.now)
    return answer(SearchResultList(data=list(map(SearchResult.of, found))))


@app.get(
    "/v1/orders/<orderId>",
    summary="Find the customers of an order",
    description=(
        "Shows at most 100 customers who have transactions of the order. An order of the last seconds may be missing."
    ),
    responses=document_answers(HTTPStatus.OK, OrderCustomerList),
    tags=["Search"],
)
def find_order(call: CallOf, order_id: OrderIdInPath) -> Response:
    return _customers(call, order_id)


@app.get(
    "/v1/orders",
    summary="Find the customers of any order",
    description=(
        "The same answer as `GET /v1/orders/{orderId}`, for every order id. Percent-encode `orderId` like any query "
        "parameter."
    ),
    responses=document_answers(HTTPStatus.OK, OrderCustomerList),
    tags=["Search"],
)
def find_any_order(call: CallOf, order_id: OrderIdInQuery) -> Response:
    return _customers(call, order_id)


def _customers(call: Call, order_id: str) -> Response:
    entries = order_index.customers_of(call.store, order_id)
    return answer(OrderCustomerList(data=list(map(OrderCustomer.of, entries))))


lambda_handler = entry_point(app)
