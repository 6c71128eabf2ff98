"""POST /v1/customers/{customerId}/erasure: texts that may name the customer are erased for good."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty import errors
from loyalty.api.audits import Erasure
from loyalty.http.calls import CallOf
from loyalty.http.parameters import CustomerId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import answer, documented
from loyalty.usecases import erasure

app = APIGatewayHttpResolver()


@app.post(
    "/v1/customers/<customerId>/erasure",
    summary="Erase what may name a customer",
    description=(
        "Erases the metadata of the customer's cards, and `metadata`, `pointsDescription`, `reason` and the order's "
        "metadata of their transactions, in all wallets, for good. Points, dates, orders and ids stay, and the cards "
        f"still verify. At most {erasure.ROWS_MAX:,} transactions a request: send it again while `done` is false."
    ),
    responses=documented(HTTPStatus.OK, Erasure, errors.CardNotFound, errors.Busy),
    tags=["Audit"],
)
def erase_customer(
    call: CallOf,
    customer_id: CustomerId,
) -> Response[Any]:
    erased = erasure.erase(call.store, customer_id)
    return answer(
        Erasure(customer_id=customer_id, done=erased.done, cards=erased.cards, transactions=erased.transactions)
    )


lambda_handler = entry_point(app)
