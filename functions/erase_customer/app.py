"""POST /v1/customers/{customerId}/erasure: erase texts that may identify the customer."""

from http import HTTPStatus

from loyalty import errors
from loyalty.api.audits import Erasure
from loyalty.http.calls import CallOf
from loyalty.http.parameters import CustomerId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, answer, document_answers
from loyalty.usecases import erasure

app = APIGatewayHttpResolver()


@app.post(
    "/v1/customers/<customerId>/erasure",
    summary="Erase texts that may identify a customer",
    description=(
        "Erases the metadata of the customer's cards, and `metadata`, `pointsDescription`, `reason` and the order's "
        "metadata of their transactions, permanently and in all wallets. Erases the customer's profile and contacts "
        "too. Points, dates, orders and ids stay, and cards still verify. "
        f"One request erases at most {erasure.ROWS_MAX:,} transactions: repeat it while `done` is false."
    ),
    responses=document_answers(HTTPStatus.OK, Erasure, errors.CustomerNotFound),
    tags=["Audit"],
)
def erase_customer(
    call: CallOf,
    customer_id: CustomerId,
) -> Response:
    erased = erasure.erase(call.store, customer_id)
    return answer(
        Erasure(customer_id=customer_id, done=erased.done, cards=erased.cards, transactions=erased.transactions)
    )


lambda_handler = entry_point(app)
