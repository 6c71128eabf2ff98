"""POST /v1/customers/{customerId}/erasure: texts that may name the customer are erased for good."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import Field

from loyalty import api, erasure, errors

app = api.APIGatewayHttpResolver()


class Erased(api.Shape):
    """What this request erased; on other cards and transactions there was nothing, or nothing any more."""

    customer_id: str
    done: bool = Field(description="False: there is more. Send the same request again.")
    cards: int = Field(description="Cards whose metadata was erased.")
    transactions: int = Field(description="Transactions whose texts were erased.")


@app.post(
    "/v1/customers/<customerId>/erasure",
    summary="Erase what may name a customer",
    description=(
        "Erases the metadata of the customer's cards, and `metadata`, `pointsDescription`, `reason` and the order's "
        "metadata of their transactions, in all wallets, for good. Points, dates, orders and ids stay, and the cards "
        f"still verify. At most {erasure.ROWS_MAX:,} transactions a request: send it again while `done` is false."
    ),
    responses=api.responses(HTTPStatus.OK, Erased, errors.CardNotFound, errors.Busy),
    tags=["Audit"],
)
def erase_customer(customer_id: api.CustomerId, store: api.StoreOf) -> Response[Any]:
    erased = erasure.erase(store, customer_id)
    return api.answered(
        Erased(customer_id=customer_id, done=erased.done, cards=erased.cards, transactions=erased.transactions)
    )


lambda_handler = api.entry_point(app)
