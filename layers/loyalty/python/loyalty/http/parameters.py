"""Parameters of routes: ids in paths, headers, queries, and their bounds."""

import re
from typing import Annotated, Literal
from urllib.parse import unquote

from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from loyalty.api.fields import (
    CARD_CODE,
    CUSTOMER_ID,
    EVENT_NAME,
    EXPRESSION_NAME,
    ORDER_ID_MAX,
    TRANSACTION_ID,
    printable,
)
from loyalty.domain.wallets.wallet import WalletStatus
from loyalty.errors import FieldProblem, InvalidRequest, PreconditionRequired

KEY = r"^[!-~]{8,64}$"


ETAG = re.compile(r'\s*(?:W/)?"?(\d{1,12})"?\s*', re.ASCII)


WalletId = Annotated[
    str, Path(alias="walletId", pattern=r"^[A-Za-z0-9._~-]{1,64}$", description="The id of the wallet.")
]
CustomerId = Annotated[
    str,
    Path(
        alias="customerId",
        pattern=CUSTOMER_ID,
        description=(
            "Your id of the customer. Use a pseudonym, because the id is part of keys, logs and events and is never "
            "erased."
        ),
    ),
]
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=KEY,
        description="Identifies this movement for ever: the same request with the same key gets the same answer again.",
    ),
]
TransactionId = Annotated[
    str, Path(alias="transactionId", pattern=TRANSACTION_ID, description="The id of the transaction.")
]
OptionalIdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=KEY,
        description=(
            "Identifies this request for ever: the same request with the same key gets the same answer again. A "
            "movement needs a key. A dry run and a new wallet need no key."
        ),
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=64,
        description="The ETag that you read. If the resource changed since then, the answer is 412.",
    ),
]
Limit = Annotated[int, Query(ge=1, le=100, description="The maximum number of entries on the page.")]
CursorText = Annotated[
    str | None, Query(alias="cursor", max_length=512, description="The `nextCursor` of the previous page.")
]
FilteredOrderId = Annotated[
    str | None, Query(alias="orderId", min_length=1, max_length=128, description="Only transactions of this order.")
]
OrderIdOfKey = Annotated[
    str | None,
    Query(
        alias="orderId",
        min_length=1,
        max_length=128,
        description="The order id of the request, because the scope of a key includes the order.",
    ),
]
KeyToFind = Annotated[str, Query(alias="key", pattern=KEY, description="The Idempotency-Key of the request.")]


def expected_version(if_match: str | None) -> int:
    """Returns the version that the caller read, from If-Match, so that no unread change is overwritten."""
    if if_match is None:
        raise PreconditionRequired("Send the ETag that you read as If-Match.")
    if match := ETAG.fullmatch(if_match):
        return int(match[1])
    problem = FieldProblem("header.if-match", "etag", "Send an ETag of this resource.")
    raise InvalidRequest("If-Match is not an ETag of this API.", errors=[problem])


def _decode_order_id(value: str) -> str:
    """Decodes the order id of a path, in which callers encode the gateway's own characters twice.

    The gateway decodes once, except `%25`, and routing encodes the result again. The id is therefore decoded exactly
    three times: decoding until nothing changes would confuse one order with another.
    """
    for _ in range(3):
        value = unquote(value)
    if not 1 <= len(value) <= ORDER_ID_MAX:
        raise PydanticCustomError("string_too_long", f"An order id has 1 to {ORDER_ID_MAX} characters.")
    return printable(value)


OrderIdInPath = Annotated[
    str,
    Path(
        alias="orderId",
        min_length=1,
        max_length=1_000,
        description=(
            "Your id of the order, percent-encoded: `#1001` is `%231001`. The gateway interprets `/`, `?` and `%`: "
            "encode these characters twice, so that `a/b` is `a%252Fb`."
        ),
    ),
    AfterValidator(_decode_order_id),
]

ImportFormat = Annotated[
    Literal["voucherify"], Query(alias="format", description="`voucherify`: a card definition of Loyalty v2.")
]
ImportStatus = Annotated[
    Literal[WalletStatus.DRAFT, WalletStatus.ACTIVE], Query(alias="status", description="The status of the new wallet.")
]
DryRun = Annotated[
    bool, Query(alias="dryRun", description="Show the wallet that would be created, and create no wallet.")
]
EventName = Annotated[str, Path(alias="name", pattern=EVENT_NAME, description="The name of the custom event.")]

ExpressionName = Annotated[
    str, Path(alias="name", pattern=EXPRESSION_NAME, description="The name that formulas use for the expression.")
]


CardCode = Annotated[str, Path(alias="code", pattern=CARD_CODE, description="The code of the card.")]

HoldId = Annotated[str, Path(alias="holdId", pattern=TRANSACTION_ID, description="The `transactionId` of the hold.")]
