"""Refusals: each has one class, one stable public `code` and one HTTP status.

The classes are in the order in which a request is checked. If several refusals apply, the first one is the answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar, Self


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """A problem with one field of a request. `field` is its path, such as `body.order.items[0].quantity`."""

    field: str
    code: str
    message: str
    step: str | None = None


FIELD_CODES: Mapping[str, str] = {
    "added_and_removed": "The same segment is to be added and removed.",
    "birthday": "A birthday has another form than `2000-01-31` or `01-31`, or does not exist.",
    "charge_sign": "A DISCOUNT has an amount above 0, or another charge has an amount below 0.",
    "code_length": "Prefix, pattern and postfix make a code that is too long or too short.",
    "code_too_long": "Prefix, pattern and postfix together are longer than a code may be.",
    "condition_expected": "A formula needs a comparison at the position.",
    "control_character": "A text or the name of a field has a control character, or a bidirectional control character.",
    "day": "A day has another form than `2027-01-31`.",
    "decimal_text": "A decimal number is not sent as text, is out of its range, or has too many decimals.",
    "discount": "A refund names a DISCOUNT, which is refunded with the lines.",
    "duplicate": "Two entries of a list mean the same period.",
    "empty": "A part of a pattern has no entries.",
    "etag": "`If-Match` is not one ETag with its quotes.",
    "exceeds_order": "An amount or a quantity is above what is left of the order.",
    "fixed": "The setting cannot change any more.",
    "formula_number": "A number is not one that formulas can use.",
    "instant": "An instant has another form than `2027-01-31T12:00:00Z`.",
    "instant_range": "An instant is before the year 2000 or after the year 2199.",
    "invalid_name": "A name in a formula has no characters, too many, or some that cannot be printed.",
    "invalid_utf8": "The query or the body is not UTF-8.",
    "invalid_value": "The value is not one of the allowed values.",
    "levels_not_rising": "A level of a tier structure does not begin above the level before it.",
    "limit_required": "The campaign needs a limit for each customer.",
    "line_break": "A text of one line has a tab or several lines.",
    "metadata_too_large": "Metadata has too many bytes as JSON.",
    "minor_units": "An amount has decimals. Amounts are integers in minor units.",
    "needs_event": "The setting needs an event, and a SCHEDULE has none.",
    "needs_negative_balance": "The setting needs `allowNegativeBalance`.",
    "needs_pending": "The setting needs pending points.",
    "negative_balance_needs_no_expiration": "Points of a wallet with `allowNegativeBalance` never expire.",
    "nested_expression": "An expression names another expression.",
    "no_coupons": "The campaign's trigger is not COUPON.",
    "no_such_date": "No year has the date.",
    "not_after_activation": "The expiry is not after the activation.",
    "not_after_start": "The end is not after the start.",
    "not_an_object": "The body is not a JSON object.",
    "not_in_path": "An order id with `/`, `?` or `%` is in a path. Other routes take the id in the query or the body.",
    "not_positive": "A formula without inputs gives 0 or less, or has no result.",
    "not_used": "The field has no effect together with the other fields.",
    "number_expected": "A formula needs a number at the position.",
    "number_too_long": "A number in a formula has too many digits.",
    "one_of": "Of several fields that exclude each other, none is sent, or more than one.",
    "operand": "An operator in a pattern has a value that the operator does not take.",
    "operator": "A pattern has an unknown operator, or more than one operator in an object.",
    "order_id_required": "An order is sent without its id.",
    "order_too_large": "The items and charges of an order have too many bytes.",
    "other_event": "The campaign is about another event.",
    "printable": "The text has characters that cannot be seen.",
    "property_type": "A property has another type than its schema.",
    "refund": "The field does not fit the event, which refunds an order.",
    "refund_type": "The field does not fit the type of the refund.",
    "repeated": "The same value is sent twice.",
    "required": "The field is missing, and the request or the other settings need it.",
    "surrounding_spaces": "The text has spaces at its start or its end.",
    "syntax": "A formula cannot be read at the position.",
    "taken": "Another wallet has the name.",
    "time_zone": "There is no such time zone in the IANA database.",
    "too_deep": "The JSON, the pattern or the formula is nested too deep.",
    "too_few_codes": "The form of the codes has too few possible codes, so that codes could be guessed.",
    "too_large": "The number or the document is above its maximum.",
    "too_long": "The text, the list or the period is longer than its maximum.",
    "too_many_alternatives": "A pattern has too many alternatives.",
    "too_many_nodes": "A formula has too many parts.",
    "too_many_properties": "The schema of the project would have too many properties.",
    "too_many_roles": "The project would have too many roles.",
    "too_many_segments": "The customer would have too many segments.",
    "too_many_tests": "A pattern has too many tests.",
    "too_short": "The text or the list is shorter than its minimum.",
    "too_small": "The number is below its minimum.",
    "type": "A part of a pattern has the wrong type.",
    "undoes_orders": "Campaigns do not react to events that undo orders.",
    "unknown_campaign": "There is no such campaign.",
    "unknown_event": "There is no definition of the event.",
    "unknown_expression": "There is no such expression.",
    "unknown_field": "The request has no such field.",
    "unknown_function": "A formula names a function that does not exist.",
    "unknown_parameter": "The route has no such query parameter.",
    "unknown_role": "There is no such role.",
    "unknown_scope": "There is no such scope, or no scope is sent.",
    "unknown_wallet": "There is no such wallet.",
    "wallet_of_price": "The reward gives points of the wallet in which it is paid.",
    "wrong_format": "The text does not have the format in the message.",
    "wrong_type": "The value has the wrong JSON type.",
    "zero": "An adjustment of 0 points changes nothing.",
}
"""What is wrong with a field, for each code of a `FieldProblem`. A field may have the code of its refusal instead."""

FIXED_MEMBERS = frozenset({"type", "title", "status", "detail", "instance", "code", "requestId", "errors"})
"""Members of every problem document: those of RFC 9457 and our own. An additional member cannot have these names."""


@dataclass(frozen=True, slots=True)
class Member:
    """An additional member of a problem document, for programs."""

    name: str
    type: type[int] | type[str]
    meaning: str


WALLET = Member("walletId", str, "The wallet that refuses, if the request moves points in several wallets.")
"""A member of any refusal of a movement."""


class LoyaltyError(Exception):
    """The refusal of a request that was understood. A refusal writes nothing.

    The docstring of each class says when it is raised. docs/errors.md has this text, the advice and the members.
    """

    code: ClassVar[str]
    status: ClassVar[HTTPStatus]
    title: ClassVar[str]
    advice: ClassVar[str]
    """What the caller does, in Markdown with links from docs/."""
    members: ClassVar[tuple[Member, ...]] = ()
    """The additional members that the problem document may have."""

    def __init__(self, detail: str, *, errors: Sequence[FieldProblem] = (), **extensions: int | str) -> None:
        super().__init__(detail)
        assert extensions.keys() <= {one.name for one in (*self.members, WALLET)}, f"{self.code} has other members"
        self.detail = detail
        self.errors = tuple(errors)
        self.extensions = extensions
        """The additional members of the problem document for programs, such as `available`."""

    @classmethod
    def of_field(cls, field: str | None, detail: str, **extensions: int | str) -> Self:
        """The refusal of one field of the request, by its path such as `body.order.currency`; None if none decides."""
        return cls(detail, errors=[FieldProblem(field, cls.code, detail)] if field else (), **extensions)


POSITION = Member("position", int, "The place in the formula, in characters from 1.")
EXPRESSION = Member(
    "expression", str, "The expression that has the place, if the formula itself does not have the place."
)
LIMIT_MEMBERS = (
    Member("limit", str, "The limit that refuses, by its path in the wallet's settings."),
    Member("requested", int, "The points that the request would move."),
    Member("room", int, "The most points that the limit allows now."),
)
AGAIN = "Send the same request again, with the same `Idempotency-Key`."


class ScopeMissing(LoyaltyError):
    """The API key is valid, but it has no scope for the route, or for this kind of request."""

    code = "scope_missing"
    status = HTTPStatus.FORBIDDEN
    title = "The API key lacks the scope of this request"
    advice = "Use a key that has the scope, or create one ([access](guides/access.md))."
    members = (Member("requiredScope", str, "The scope that the request needs; `ANY` is any scope."),)


class RouteNotFound(LoyaltyError):
    """The API has no route with this method and path."""

    code = "route_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such route"
    advice = "Compare method and path with the OpenAPI document."


class UnsupportedContentType(LoyaltyError):
    """The request has a body, and its `Content-Type` is not `application/json`."""

    code = "unsupported_content_type"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    title = "The body must be application/json"
    advice = "Send `Content-Type: application/json`."


class InvalidJson(LoyaltyError):
    """The body is not JSON in UTF-8, has a field twice, has a number that is too large, or is nested too deep."""

    code = "invalid_json"
    status = HTTPStatus.BAD_REQUEST
    title = "The body is not valid JSON"
    advice = "Correct the body as `detail` describes."


class InvalidRequest(LoyaltyError):
    """A path, query, header or body does not have the form that the route requires."""

    code = "invalid_request"
    status = HTTPStatus.BAD_REQUEST
    title = "The request is not valid"
    advice = "Correct each field in `errors`."


class InvalidFormula(LoyaltyError):
    """A formula, or an expression in it, cannot be read."""

    code = "invalid_formula"
    status = HTTPStatus.BAD_REQUEST
    title = "The formula is not valid"
    advice = "Correct the formula at its position ([formulas](guides/formulas.md))."
    members = (POSITION, EXPRESSION, Member("expected", str, "What would be correct at the position."))


class InvalidPattern(LoyaltyError):
    """The conditions of a campaign, or the items of a reward, are not a pattern."""

    code = "invalid_pattern"
    status = HTTPStatus.BAD_REQUEST
    title = "The pattern is not valid"
    advice = "Correct the place in `errors` ([patterns](reference/patterns.md))."


class ReservedName(LoyaltyError):
    """An event or an event definition has a name that only the product uses."""

    code = "reserved_name"
    status = HTTPStatus.BAD_REQUEST
    title = "The name is reserved for the product's own events"
    advice = "Choose another name."


class InvalidCursor(LoyaltyError):
    """The cursor is changed, incomplete, or from another list."""

    code = "invalid_cursor"
    status = HTTPStatus.BAD_REQUEST
    title = "The cursor does not belong to this list"
    advice = "Send a `nextCursor` of this list unchanged, or begin without a cursor."


class BodyTooLarge(LoyaltyError):
    """The body has more than 65,536 bytes."""

    code = "body_too_large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    title = "The body is too large"
    advice = "Send less in one request."


class TransferToSelf(LoyaltyError):
    """A transfer names the sender as its recipient."""

    code = "transfer_to_self"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "Sender and recipient are the same customer"
    advice = "Send the id of another customer as `toCustomerId`."


class KeyReused(LoyaltyError):
    """The `Idempotency-Key` or the id of an event belongs to an earlier request with other contents."""

    code = "key_reused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The idempotency key was used for another request"
    advice = "Use a new key for a new request. Repeat an earlier request without any change."


class RewardNotFound(LoyaltyError):
    """No reward has the id, or the reward cannot be redeemed because it is a draft or deleted."""

    code = "reward_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such reward"
    advice = "Compare the id with `GET /v1/rewards`."


class RewardNotActive(LoyaltyError):
    """The reward's status does not allow the change, or customers cannot redeem the reward at this time."""

    code = "reward_not_active"
    status = HTTPStatus.LOCKED
    title = "The reward's status or dates do not allow the request"
    advice = "Read the reward: its status and its dates decide."


class RewardNotAvailable(LoyaltyError):
    """The customer does not meet the reward's conditions: its tiers, segments or limits."""

    code = "reward_not_available"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The customer cannot redeem the reward now"
    advice = "Show the customer the reason. `GET /v1/rewards?customerId=` answers the reason before a redemption."
    members = (Member("reason", str, "Why the customer cannot redeem the reward now, such as `limit_per_customer`."),)


class OutOfStock(LoyaltyError):
    """The stock of the reward is used up, or its codes are."""

    code = "out_of_stock"
    status = HTTPStatus.CONFLICT
    title = "Nothing is left of the reward"
    advice = "Offer another reward, or add stock or codes."


class RedemptionNotFound(LoyaltyError):
    """The customer has no redemption with the id."""

    code = "redemption_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "The customer has no such redemption"
    advice = "Compare the id with the customer's redemptions."


class RedemptionClosed(LoyaltyError):
    """The redemption is canceled, or its reward was handed over or is not cancelable."""

    code = "redemption_closed"
    status = HTTPStatus.CONFLICT
    title = "The redemption's status does not allow the change"
    advice = (
        "Read the redemption. With `force` and the scope `rewards:write`, a redemption is canceled also "
        "after its reward was handed over."
    )


class WalletNotFound(LoyaltyError):
    """No wallet has the id."""

    code = "wallet_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such wallet"
    advice = "Compare the id with `GET /v1/wallets`."


class WalletDeleted(LoyaltyError):
    """The wallet was deleted: it can be read, but not changed or used."""

    code = "wallet_deleted"
    status = HTTPStatus.GONE
    title = "The wallet was deleted"
    advice = "Use another wallet."


class WalletNotActive(LoyaltyError):
    """The wallet is a DRAFT or INACTIVE, and the request needs an ACTIVE wallet."""

    code = "wallet_not_active"
    status = HTTPStatus.LOCKED
    title = "The wallet is not active"
    advice = "Activate the wallet."
    members = (Member("walletStatus", str, "The status of the wallet."),)


class CampaignNotFound(LoyaltyError):
    """No campaign has the id."""

    code = "campaign_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such campaign"
    advice = "Compare the id with `GET /v1/campaigns`."


class CampaignNotActive(LoyaltyError):
    """The campaign's status does not allow the change, for example because the campaign has ended."""

    code = "campaign_not_active"
    status = HTTPStatus.LOCKED
    title = "The campaign's status does not allow the change"
    advice = "Read the campaign. Copy an ended campaign to use its settings again."


class ProgramNotFound(LoyaltyError):
    """No program has the id."""

    code = "program_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such program"
    advice = "Compare the id with `GET /v1/programs`."


class TierStructureNotFound(LoyaltyError):
    """No tier structure has the id."""

    code = "tier_structure_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such tier structure"
    advice = "Compare the id with `GET /v1/tier-structures`."


class TierNotFound(LoyaltyError):
    """The tier structure of the program's wallet has no tier with the id."""

    code = "tier_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "The program has no such tier"
    advice = "Compare the id with the levels of the program's tier structure."


class PreconditionRequired(LoyaltyError):
    """A change arrived without `If-Match`."""

    code = "precondition_required"
    status = HTTPStatus.PRECONDITION_REQUIRED
    title = "If-Match is required"
    advice = "Read the resource, and send its ETag as `If-Match`."


class PreconditionFailed(LoyaltyError):
    """Someone changed the resource after the ETag was read, or the ETag is weak."""

    code = "precondition_failed"
    status = HTTPStatus.PRECONDITION_FAILED
    title = "The resource changed after you read it"
    advice = "Read the resource again, and send the change with the ETag of this answer."


class ActionRequired(LoyaltyError):
    """Settings that break an activation rule were to become active."""

    code = "action_required"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The settings do not meet the activation rules"
    advice = "Correct each field in `errors`, or save the settings as a DRAFT."


class WalletNameTaken(LoyaltyError):
    """Another wallet that is not deleted has the name."""

    code = "wallet_name_taken"
    status = HTTPStatus.CONFLICT
    title = "Another wallet has this name"
    advice = "Choose another name."


class WalletInUse(LoyaltyError):
    """The wallet cannot be deleted: it is active or was active until now, has cards, or something uses it."""

    code = "wallet_in_use"
    status = HTTPStatus.CONFLICT
    title = "The wallet is in use"
    advice = "Do what `detail` names, then delete the wallet again."


class CampaignInUse(LoyaltyError):
    """Only a campaign that is a DRAFT can be deleted."""

    code = "campaign_in_use"
    status = HTTPStatus.CONFLICT
    title = "The campaign was activated"
    advice = "End the campaign instead."


class RewardInUse(LoyaltyError):
    """Only a reward that is a DRAFT can be deleted."""

    code = "reward_in_use"
    status = HTTPStatus.CONFLICT
    title = "The reward was activated"
    advice = "End the reward instead."


class TooManyCampaigns(LoyaltyError):
    """The maximum number of campaigns is active, in total or for one event."""

    code = "too_many_campaigns"
    status = HTTPStatus.CONFLICT
    title = "Too many campaigns are active"
    advice = "Pause or end a campaign first."


class SettingFixed(LoyaltyError):
    """A setting cannot change any more, because data depend on it."""

    code = "setting_fixed"
    status = HTTPStatus.CONFLICT
    title = "The setting can no longer be changed"
    advice = "Keep the setting, or create another definition with the new setting."


class RightsExceeded(LoyaltyError):
    """A caller would give a key or a role a scope, or a higher `adjustmentMax`, than the caller has."""

    code = "rights_exceeded"
    status = HTTPStatus.FORBIDDEN
    title = "The key or role would have more rights than the caller"
    advice = "Give fewer rights, or ask someone with these rights."


class ApiKeyNotFound(LoyaltyError):
    """No API key has the id."""

    code = "api_key_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such API key"
    advice = "Compare the id with `GET /v1/keys`."


class ProgramIdTaken(LoyaltyError):
    """Another program has the id."""

    code = "program_id_taken"
    status = HTTPStatus.CONFLICT
    title = "Another program has this id"
    advice = "Choose another id."


class TooManyWallets(LoyaltyError):
    """The program has the maximum number of wallets."""

    code = "too_many_wallets"
    status = HTTPStatus.CONFLICT
    title = "The program has too many wallets"
    advice = "Remove a wallet from the program first."


class TierStructureAssigned(LoyaltyError):
    """A program has at most one wallet with a tier structure."""

    code = "tier_structure_assigned"
    status = HTTPStatus.CONFLICT
    title = "The program has a tier structure"
    advice = "Remove the tier structure from the other wallet of the program first."


class TooManyTierStructures(LoyaltyError):
    """The wallet has the maximum number of tier structures, or the structure has the maximum number of programs."""

    code = "too_many_tier_structures"
    status = HTTPStatus.CONFLICT
    title = "There is no room for another tier structure"
    advice = "Remove a tier structure from the wallet, or create a structure with the same levels."


class BudgetSpent(LoyaltyError):
    """The new budget of a campaign is below what the campaign has already given."""

    code = "budget_spent"
    status = HTTPStatus.CONFLICT
    title = "The campaign has given more than the new budget"
    advice = "Send a budget of at least `used`, or end the campaign."
    members = (Member("used", int, "What the campaign has given, in the unit of the budget."),)


class CardNotFound(LoyaltyError):
    """The customer has no card in the wallet, and the request does not enrol the customer."""

    code = "card_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "The customer has no card in this wallet"
    advice = "Enrol the customer with `POST /v1/wallets/{walletId}/cards`."


class CodeNotFound(LoyaltyError):
    """No card has the code."""

    code = "code_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "No card has this code"
    advice = "Compare the code with the card. Codes are compared exactly."


class CodeTaken(LoyaltyError):
    """A card, a customer or a coupon has the code."""

    code = "code_taken"
    status = HTTPStatus.CONFLICT
    title = "The code is taken"
    advice = "Choose another code."


class CardDiffers(LoyaltyError):
    """The customer is enrolled in the wallet with another code or other metadata."""

    code = "card_differs"
    status = HTTPStatus.CONFLICT
    title = "The customer has a card with other data"
    advice = "Read the card. Change its metadata with `PATCH`."


class CardClosureFinal(LoyaltyError):
    """The request would change the status of a card that is CLOSED."""

    code = "card_closure_final"
    status = HTTPStatus.CONFLICT
    title = "A closed card cannot be reopened"
    advice = "Use another wallet for the customer. A FROZEN card can become ACTIVE again."


class CardBlocked(LoyaltyError):
    """The card is BLOCKED: the card earns points, but does not spend them."""

    code = "card_blocked"
    status = HTTPStatus.LOCKED
    title = "The card is blocked for spending"
    advice = "Set the status of the card to ACTIVE."


class CardFrozen(LoyaltyError):
    """The card is FROZEN: no command moves its points."""

    code = "card_frozen"
    status = HTTPStatus.LOCKED
    title = "The card is frozen"
    advice = "Set the status of the card to ACTIVE."


class CardClosed(LoyaltyError):
    """The card is CLOSED: no command moves its points."""

    code = "card_closed"
    status = HTTPStatus.LOCKED
    title = "The card is closed"
    advice = "Use another card of the customer."


class PaymentsNotAvailable(LoyaltyError):
    """The setting `payWithPoints` of the wallet is NO_PAYMENTS."""

    code = "payments_not_available"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "Points of this wallet cannot pay for orders"
    advice = "Use another wallet, or change the setting."


class TransfersNotAllowed(LoyaltyError):
    """The setting `transfers.allowed` of the wallet is false."""

    code = "transfers_not_allowed"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The wallet does not allow transfers"
    advice = "Use another wallet, or change the setting."


class TransactionNotFound(LoyaltyError):
    """No transaction has the id, or none was made with the idempotency key."""

    code = "transaction_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such transaction"
    advice = "Compare the id with the transactions of the card."


class HoldNotFound(LoyaltyError):
    """The card has no hold with the id, or the hold was captured, released or is over."""

    code = "hold_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "The card has no such open hold"
    advice = "Read the transactions of the card. Place a new hold."


class LedgerNotWhole(LoyaltyError):
    """Transactions of the card are missing or damaged, so that the card cannot be rebuilt."""

    code = "ledger_not_whole"
    status = HTTPStatus.CONFLICT
    title = "Transactions of the card are missing or damaged"
    advice = "Verify the card, and inform the operator."


class LedgerTooLong(LoyaltyError):
    """The audit needs more transactions or receipts than one request may read."""

    code = "ledger_too_long"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "There are more transactions or receipts than one request may read"
    advice = "Use `make audit`, which has no maximum."
    members = (
        Member("rows", int, "The number of transactions or receipts."),
        Member("max", int, "The most that one request reads."),
    )


class OrderNotFound(LoyaltyError):
    """No transaction of the card, or of the customer, has the order id."""

    code = "order_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no transaction of this order"
    advice = "Compare the order id with the one that the credit or payment had."


class OrderDiffers(LoyaltyError):
    """The order details are below what was already paid or refunded, or differ from those of an earlier event."""

    code = "order_differs"
    status = HTTPStatus.CONFLICT
    title = "The order details differ from the recorded order details"
    advice = "Send the order details as they were recorded, or refund the difference."


class CurrencyDiffers(LoyaltyError):
    """The order has another currency than the project."""

    code = "currency_differs"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The order's currency differs from the project's currency"
    advice = "Convert the amounts to the project's currency."


class OrderAmountUnknown(LoyaltyError):
    """A refund of a part needs the order's amount, and no transaction has the amount."""

    code = "order_amount_unknown"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The order's amount is unknown"
    advice = "Send `order` with its amount, or refund the order FULL."


class ItemsRequired(LoyaltyError):
    """The wallet returns spent points by item, and the refund has no items."""

    code = "items_required"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The wallet requires a refund by items"
    advice = "Send the refunded items."


class RefundExceedsOrder(LoyaltyError):
    """An amount, a quantity or a charge of the refund is above what is left of the order."""

    code = "refund_exceeds_order"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The refund exceeds what is left of the order"
    advice = "Refund at most what `detail` names."


class NothingToRefund(LoyaltyError):
    """Earlier refunds covered the whole order."""

    code = "nothing_to_refund"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The order has nothing left to refund"
    advice = "Nothing: the order is refunded."


class NothingPending(LoyaltyError):
    """No points of the credit or of the order are pending."""

    code = "nothing_pending"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "No points are pending"
    advice = "Nothing: the points are active, canceled or revoked."


class NotReversible(LoyaltyError):
    """The transaction is of a type that cannot be reversed, or belongs to an order or a redemption."""

    code = "not_reversible"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The transaction cannot be reversed"
    advice = "Refund the order, cancel the redemption, or adjust the points."
    members = (
        Member("transactionType", str, "The type of the transaction."),
        Member("operation", str, "The command that wrote the transaction."),
        Member("orderId", str, "The order of the transaction."),
    )


class AlreadyReversed(LoyaltyError):
    """An earlier request reversed the transaction."""

    code = "already_reversed"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The transaction is already reversed"
    advice = "Nothing: the transaction is reversed."


class RewardSpent(LoyaltyError):
    """A redemption is canceled, and the customer has spent points that its reward gave."""

    code = "reward_spent"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "Points that the reward gave are spent"
    advice = "Send `force` to cancel the redemption without these points; this needs the scope `rewards:write`."
    members = (Member("missing", int, "The points that cannot be taken back."),)


class LotNotFound(LoyaltyError):
    """A change of expiries names points that the card does not have, or the card has no active points."""

    code = "lot_not_found"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The card has no such lot of active points"
    advice = "Read the card again, and use its lots."


class EventNotDefined(LoyaltyError):
    """The project has no definition of the event."""

    code = "event_not_defined"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The event has no definition"
    advice = "Define the event with `PUT /v1/event-definitions/{name}`."


class OccurredAtOutOfRange(LoyaltyError):
    """`occurredAt` is more than 30 days before the arrival of the event, or more than 5 minutes after it."""

    code = "occurred_at_out_of_range"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The event happened too long ago, or in the future"
    advice = "Send the time at which the event happened, within the range."


class EventNotFound(LoyaltyError):
    """The customer has no receipt of the event: the event did not arrive, or had another id."""

    code = "event_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no receipt of this event"
    advice = "Compare name and id of the event. Send the event again: it has an effect once only."


class EventDefinitionNotFound(LoyaltyError):
    """No event definition has the name."""

    code = "event_definition_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such event definition"
    advice = "Compare the name with `GET /v1/event-definitions`."


class ExpressionNotFound(LoyaltyError):
    """No expression has the name."""

    code = "expression_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such expression"
    advice = "Compare the name with `GET /v1/expressions`."


class CustomerNotFound(LoyaltyError):
    """The customer has no profile and no card."""

    code = "customer_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such customer"
    advice = "Compare the id with your own. Create the customer with `PUT`, or by enrolment."


class ReferralCodeNotFound(LoyaltyError):
    """No customer has the referral code."""

    code = "referral_code_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "No customer has this referral code"
    advice = "Ask for the code again."


class SelfReferral(LoyaltyError):
    """A customer uses the own referral code."""

    code = "self_referral"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The referral code is the customer's own"
    advice = "Use the code of another customer."


class AlreadyReferred(LoyaltyError):
    """The customer has another referrer. A referrer never changes."""

    code = "already_referred"
    status = HTTPStatus.CONFLICT
    title = "The customer was referred by another customer"
    advice = "Leave the referral code out."


class NotNewCustomer(LoyaltyError):
    """A customer with paid orders names a referrer."""

    code = "not_new_customer"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The customer has orders, so no referrer can be set"
    advice = "Leave the referral code out."


class CircularReferral(LoyaltyError):
    """The owner of the referral code was referred by this customer."""

    code = "circular_referral"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The referrer was referred by the customer"
    advice = "Use the code of another customer."


class CouponNotFound(LoyaltyError):
    """No coupon has the code."""

    code = "coupon_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such coupon"
    advice = "Ask for the code again. Codes are compared without case."


class CouponAlreadyUsed(LoyaltyError):
    """An earlier request redeemed the coupon for the same order."""

    code = "coupon_already_used"
    status = HTTPStatus.CONFLICT
    title = "The coupon was redeemed for this order before"
    advice = "Nothing: the customer has the points of the coupon."
    members = (Member("orderId", str, "The order for which the coupon was redeemed."),)


class CouponNotValid(LoyaltyError):
    """The coupon exists, and gives the customer no points now."""

    code = "coupon_not_valid"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The coupon gives the customer no points now"
    advice = (
        "Show the customer the reason ([coupons](guides/coupons.md)). `GET /v1/coupons/{code}` answers "
        "it before the redemption."
    )
    members = (
        Member("reason", str, "Why the coupon gives no points."),
        Member("path", str, "The setting or the condition that decides, if one does."),
    )


class OrderPaid(LoyaltyError):
    """The whole amount of the order is paid with points."""

    code = "order_paid"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The order has nothing left to pay"
    advice = "Nothing: the order is paid."


class FormulaInputMissing(LoyaltyError):
    """The formula uses an amount or metadata that the request does not have, or that is not a number."""

    code = "formula_input_missing"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "An input of the formula is missing"
    advice = "Send the value at the field in `errors`."
    members = (Member("input", str, "The input that is missing."), POSITION, EXPRESSION)


class FormulaNotComputable(LoyaltyError):
    """The formula divides by zero, or its result is beyond 10^18."""

    code = "formula_not_computable"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The formula has no result for these inputs"
    advice = "Correct the values in the request, or the formula."
    members = (POSITION, EXPRESSION)


class ExchangeRatioNotPositive(LoyaltyError):
    """The formula of the wallet gives zero or fewer points for one minor unit of money."""

    code = "exchange_ratio_not_positive"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The formula gives no points for this amount"
    advice = "Correct the values in the request, or the formula."


class InvalidDates(LoyaltyError):
    """Points would expire before they are usable, in the past, or at all; or a tier would end in the past."""

    code = "invalid_dates"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "These dates are not possible"
    advice = "Correct the date in `errors`, or leave it out."


class TooManyPendingLots(LoyaltyError):
    """The card has pending points with 100 different activation dates."""

    code = "too_many_pending_lots"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The card has too many pending activation dates"
    advice = "Activate or cancel pending points first."


class TooManyHolds(LoyaltyError):
    """The card has the maximum number of open holds."""

    code = "too_many_holds"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The card has too many open holds"
    advice = "Capture or release a hold first."


class OrderAmountRequired(LoyaltyError):
    """The wallet gives points only from a minimum order amount, and the order has no amount."""

    code = "order_amount_required"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The wallet requires the order's amount"
    advice = "Send `order.amount`."


class OrderAmountTooSmall(LoyaltyError):
    """The order's amount is below the wallet's minimum for earning points."""

    code = "order_amount_too_small"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The order's amount is too small to earn points"
    advice = "Nothing: the order earns no points."
    members = (
        Member("required", int, "The minimum amount, in minor units."),
        Member("amount", int, "The amount of the order, in minor units."),
    )


class EarningLimitReached(LoyaltyError):
    """An earning limit of the wallet allows none of the points, or allows only a part of them and rejects more."""

    code = "earning_limit_reached"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "An earning limit does not allow so many points"
    advice = "Send at most `room` points. With `whenExceeded` CAP, the limit gives the part that is allowed."
    members = LIMIT_MEMBERS


class SpendingLimitReached(LoyaltyError):
    """A spending limit of the wallet allows none of the points, or fewer than requested."""

    code = "spending_limit_reached"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "A spending limit does not allow so many points"
    advice = (
        "Send at most `room` points. If the limit has `whenExceeded` CAP, a debit with `allowPartial` "
        "takes the part that is allowed."
    )
    members = LIMIT_MEMBERS


class TooMuchAtOnce(LoyaltyError):
    """The request would write more items than one transaction may have."""

    code = "too_much_at_once"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The request is too large for one transaction"
    advice = "Send one request for each card."
    members = (
        Member("items", int, "The number of items that the request would write."),
        Member("max", int, "The most items of one transaction."),
    )


class BalanceTooLarge(LoyaltyError):
    """The balance of the card would be above 10^15 points."""

    code = "balance_too_large"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The balance would be too large"
    advice = "Send fewer points."


class InsufficientPoints(LoyaltyError):
    """The request needs more points than the card has available. Pending and held points do not count."""

    code = "insufficient_points"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The card has too few points"
    advice = "Send at most `available` points. A debit with `allowPartial` takes what is available."
    members = (
        Member("required", int, "The points that the request needs."),
        Member("available", int, "The points that the card has available."),
        Member("missing", int, "The points that the card lacks."),
    )


class HoldTooSmall(LoyaltyError):
    """A capture asks for more points than the hold has."""

    code = "hold_too_small"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The hold has too few points"
    advice = "Capture at most `held` points, and debit the rest."
    members = (
        Member("required", int, "The points that the capture needs."),
        Member("held", int, "The points that the hold has."),
    )


class AdjustmentMaxExceeded(LoyaltyError):
    """A request by hand would move more points than the role of the key allows."""

    code = "adjustment_max_exceeded"
    status = HTTPStatus.FORBIDDEN
    title = "The caller may not move so many points by hand"
    advice = "Send fewer points, or use a key with a higher `adjustmentMax` ([access](guides/access.md))."
    members = (
        Member("adjustmentMax", int, "The most points that the key may move by hand in one request."),
        Member("points", int, "The points that the request would move."),
    )


class ClockSkew(LoyaltyError):
    """The clock of the function is more than some seconds off, so that dates would be wrong. No data was written."""

    code = "clock_skew"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "The clocks of the function and the database disagree"
    advice = AGAIN


class Busy(LoyaltyError):
    """The request lost races against other requests, or the database did not answer in time."""

    code = "busy"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "The request could not be completed now; try again"
    advice = AGAIN
