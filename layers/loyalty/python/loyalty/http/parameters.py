"""Parameters of routes: ids in paths, headers, queries, and their bounds."""

import re
from typing import Annotated, Any, Literal
from urllib.parse import unquote

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from loyalty.api import fields
from loyalty.domain.wallets.wallet import WalletStatus
from loyalty.errors import FieldProblem, InvalidRequest, PreconditionFailed, PreconditionRequired
from loyalty.http.routing import Header, Path, Query

ETAG = re.compile(r'\s*"(\d{1,12})"\s*', re.ASCII)
WEAK_ETAG = re.compile(r'\s*W/"(\d{1,12})"\s*', re.ASCII)
INTERPRETED = re.compile("[/?%]")
"""Characters of a path that a gateway decodes, splits or drops, so that an id could become another id."""


def _path_id(alias: str, description: str) -> Any:
    return Path(alias=alias, pattern=fields.CARD_CODE, max_length=fields.ID_MAX, description=description)


WalletId = Annotated[str, _path_id("walletId", "The id of the wallet.")]
CampaignId = Annotated[str, _path_id("campaignId", "The id of the campaign.")]
ProgramId = Annotated[str, _path_id("programId", "The id of the program.")]
TierStructureId = Annotated[str, _path_id("tierStructureId", "The id of the tier structure.")]
FilteredProgramWalletId = Annotated[
    fields.CardCode | None, Query(alias="walletId", description="Only programs that have this wallet.")
]
RewardId = Annotated[str, _path_id("rewardId", "The id of the reward.")]
RedemptionId = Annotated[str, _path_id("redemptionId", "The id of the redemption.")]
RedeemingCustomerId = Annotated[
    fields.CustomerId | None,
    Query(alias="customerId", description="Show whether this customer can redeem each reward."),
]
FilteredEvent = Annotated[
    fields.EventName | None, Query(alias="event", description="Only campaigns that this event triggers.")
]
FilteredWalletId = Annotated[
    fields.CardCode | None, Query(alias="walletId", description="Only campaigns that name this wallet.")
]
CustomerId = Annotated[
    str,
    Path(
        alias="customerId",
        pattern=fields.CUSTOMER_ID,
        max_length=fields.CUSTOMER_ID_MAX,
        description=(
            "Your id of the customer. Use a pseudonym, because the id is part of keys, logs and events and is never "
            "erased."
        ),
    ),
]
CustomerPrefix = Annotated[
    str | None,
    Query(
        alias="prefix",
        pattern=fields.CUSTOMER_PREFIX,
        max_length=fields.CUSTOMER_ID_MAX,
        description="Only cards of customers whose ids begin with this text.",
    ),
]
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=fields.KEY,
        description="Identifies this movement for ever: the same request with the same key gets the same answer again.",
    ),
]
TransactionId = Annotated[
    str, Path(alias="transactionId", pattern=fields.TRANSACTION_ID, description="The id of the transaction.")
]
OptionalIdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=fields.KEY,
        description=(
            "Identifies this request for ever: the same request with the same key gets the same answer again. A "
            "movement needs a key. A dry run and a new definition need no key."
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
Days = Annotated[int, Query(ge=1, le=366, description="The number of days, today included.")]
CursorText = Annotated[
    str | None, Query(alias="cursor", max_length=4_096, description="The `nextCursor` of the previous page.")
]
SearchedText = Annotated[
    str, Query(alias="q", max_length=256, description="The text. Spaces at its start and end do not count.")
]
OrderIdInQuery = Annotated[fields.OrderId, Query(alias="orderId", description="Your id of the order.")]
FilteredOrderId = Annotated[
    fields.OrderId | None, Query(alias="orderId", description="Only transactions of this order.")
]
OrderIdOfEvent = Annotated[
    fields.OrderId | None,
    Query(alias="orderId", description="The order of a paid or canceled order, or of a redeemed coupon."),
]
SentEventId = Annotated[
    str | None, Query(alias="eventId", pattern=fields.EVENT_ID, description="Your id of any other event.")
]
OrderIdOfKey = Annotated[
    fields.OrderId | None,
    Query(alias="orderId", description="The order id of the request, because the scope of a key includes the order."),
]
KeyToFind = Annotated[str, Query(alias="key", pattern=fields.KEY, description="The Idempotency-Key of the request.")]


def expected_version(if_match: str | None) -> int:
    """Returns the version that the caller read, from If-Match, so that no unread change is overwritten."""
    if if_match is None:
        raise PreconditionRequired("Send the ETag that you read as If-Match.")
    if match := ETAG.fullmatch(if_match):
        return int(match[1])
    if WEAK_ETAG.fullmatch(if_match):
        # RFC 9110: If-Match compares strongly, and a weak tag is never equal.
        raise PreconditionFailed("If-Match has a weak ETag, which never matches. Send the ETag as you read it.")
    problem = FieldProblem("header.if-match", "etag", 'Send one ETag of this resource with its quotes, such as "1".')
    raise InvalidRequest("If-Match is not an ETag of this API.", errors=[problem])


def _from_path(value: str) -> str:
    """Reverses the encoding of routing (`gateway.encode_id`); the gateway has decoded the caller's encoding.

    Refuses ids that the path cannot hold, so that no request reaches another order.
    """
    value = unquote(value)
    if INTERPRETED.search(value):
        raise PydanticCustomError(
            "not_in_path",
            "A path cannot have an order id with /, ? or %. Send the id as the query parameter orderId to GET "
            "/v1/orders or GET /v1/customers/{customerId}/orders, or as the field orderId to POST "
            "/v1/customers/{customerId}/refunds.",
        )
    return value


OrderIdInPath = Annotated[
    fields.OrderId,
    Path(
        alias="orderId",
        description=(
            "Your id of the order, percent-encoded once: `#1001` is `%231001`. An id with `/`, `?` or `%` is refused "
            "here, and clients remove `.` and `..`: use the route that takes `orderId` as a query parameter or in the "
            "body."
        ),
    ),
    BeforeValidator(_from_path),
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
EventName = Annotated[
    str,
    Path(
        alias="name", pattern=fields.EVENT_NAME, max_length=fields.ID_MAX, description="The name of the custom event."
    ),
]

ExpressionName = Annotated[
    str,
    Path(
        alias="name",
        pattern=fields.EVENT_NAME,
        max_length=fields.ID_MAX,
        description="The name that formulas use for the expression.",
    ),
]


CardCode = Annotated[str, _path_id("code", "The code of the card.")]

CouponCode = Annotated[
    str,
    Path(alias="code", pattern=fields.COUPON_CODE, description="The code of the coupon, in any case."),
    AfterValidator(str.upper),
]
JudgedCustomerId = Annotated[
    fields.CustomerId | None,
    Query(alias="customerId", description="The customer who would redeem the coupon."),
]

KeyId = Annotated[str, _path_id("keyId", "The id of the API key.")]

HoldId = Annotated[
    str, Path(alias="holdId", pattern=fields.TRANSACTION_ID, description="The `transactionId` of the hold.")
]
