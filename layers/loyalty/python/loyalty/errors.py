"""Refusals: each has one class, one stable public `code` and one HTTP status.

The classes are in the order in which a request is checked. If several refusals apply, the first one is the answer.
"""

from collections.abc import Sequence
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


FIXED_MEMBERS = frozenset({"type", "title", "status", "detail", "instance", "code", "requestId", "errors"})
"""Members of every problem document: those of RFC 9457 and our own. An extension cannot have these names."""


class LoyaltyError(Exception):
    """The refusal of a request that was understood. A refusal writes nothing."""

    code: ClassVar[str]
    status: ClassVar[HTTPStatus]
    title: ClassVar[str]

    def __init__(self, detail: str, *, errors: Sequence[FieldProblem] = (), **extensions: int | str) -> None:
        super().__init__(detail)
        assert not FIXED_MEMBERS & extensions.keys(), f"{type(self).__name__} has an extension with a fixed name"
        self.detail = detail
        self.errors = tuple(errors)
        self.extensions = extensions
        """Additional fields of the problem document for programs, such as `available`."""

    @classmethod
    def of_field(cls, field: str | None, detail: str, **extensions: int | str) -> Self:
        """The refusal of one field of the request, by its path such as `body.order.currency`; None if none decides."""
        return cls(detail, errors=[FieldProblem(field, cls.code, detail)] if field else (), **extensions)


class ScopeMissing(LoyaltyError):
    code = "scope_missing"
    status = HTTPStatus.FORBIDDEN
    title = "The API key lacks the scope of this route"


class RouteNotFound(LoyaltyError):
    code = "route_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such route"


class UnsupportedContentType(LoyaltyError):
    code = "unsupported_content_type"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    title = "The body must be application/json"


class InvalidJson(LoyaltyError):
    code = "invalid_json"
    status = HTTPStatus.BAD_REQUEST
    title = "The body is not acceptable JSON"


class InvalidRequest(LoyaltyError):
    code = "invalid_request"
    status = HTTPStatus.BAD_REQUEST
    title = "The request is not valid"


class InvalidFormula(LoyaltyError):
    code = "invalid_formula"
    status = HTTPStatus.BAD_REQUEST
    title = "The formula is not valid"


class InvalidPattern(LoyaltyError):
    code = "invalid_pattern"
    status = HTTPStatus.BAD_REQUEST
    title = "The pattern is not valid"


class ReservedName(LoyaltyError):
    code = "reserved_name"
    status = HTTPStatus.BAD_REQUEST
    title = "The name is reserved for the product's own events"


class InvalidCursor(LoyaltyError):
    code = "invalid_cursor"
    status = HTTPStatus.BAD_REQUEST
    title = "The cursor does not belong to this list"


class BodyTooLarge(LoyaltyError):
    code = "body_too_large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    title = "The body is too large"


class TransferToSelf(LoyaltyError):
    code = "transfer_to_self"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "Sender and recipient are the same customer"


class KeyReused(LoyaltyError):
    code = "key_reused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The idempotency key was used for another request"


class RewardNotFound(LoyaltyError):
    code = "reward_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such reward"


class RewardNotActive(LoyaltyError):
    code = "reward_not_active"
    status = HTTPStatus.LOCKED
    title = "The reward's status or dates do not allow the request"


class RewardNotAvailable(LoyaltyError):
    code = "reward_not_available"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The customer cannot redeem the reward now"


class OutOfStock(LoyaltyError):
    code = "out_of_stock"
    status = HTTPStatus.CONFLICT
    title = "Nothing is left of the reward"


class RedemptionNotFound(LoyaltyError):
    code = "redemption_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "The customer has no such redemption"


class RedemptionClosed(LoyaltyError):
    code = "redemption_closed"
    status = HTTPStatus.CONFLICT
    title = "The redemption's status does not allow the change"


class WalletNotFound(LoyaltyError):
    code = "wallet_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such wallet"


class WalletDeleted(LoyaltyError):
    code = "wallet_deleted"
    status = HTTPStatus.GONE
    title = "The wallet was deleted"


class WalletNotActive(LoyaltyError):
    code = "wallet_not_active"
    status = HTTPStatus.LOCKED
    title = "The wallet is not active"


class CampaignNotFound(LoyaltyError):
    code = "campaign_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such campaign"


class CampaignNotActive(LoyaltyError):
    code = "campaign_not_active"
    status = HTTPStatus.LOCKED
    title = "The campaign's status does not allow the change"


class ProgramNotFound(LoyaltyError):
    code = "program_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such program"


class TierStructureNotFound(LoyaltyError):
    code = "tier_structure_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such tier structure"


class TierNotFound(LoyaltyError):
    code = "tier_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "The program has no such tier"


class PreconditionRequired(LoyaltyError):
    code = "precondition_required"
    status = HTTPStatus.PRECONDITION_REQUIRED
    title = "If-Match is required"


class PreconditionFailed(LoyaltyError):
    code = "precondition_failed"
    status = HTTPStatus.PRECONDITION_FAILED
    title = "The resource changed after you read it"


class ActionRequired(LoyaltyError):
    code = "action_required"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The settings do not meet the activation rules"


class WalletNameTaken(LoyaltyError):
    code = "wallet_name_taken"
    status = HTTPStatus.CONFLICT
    title = "Another wallet has this name"


class WalletInUse(LoyaltyError):
    code = "wallet_in_use"
    status = HTTPStatus.CONFLICT
    title = "The wallet is in use"


class CampaignInUse(LoyaltyError):
    code = "campaign_in_use"
    status = HTTPStatus.CONFLICT
    title = "The campaign was activated"


class RewardInUse(LoyaltyError):
    code = "reward_in_use"
    status = HTTPStatus.CONFLICT
    title = "The reward was activated"


class TooManyCampaigns(LoyaltyError):
    code = "too_many_campaigns"
    status = HTTPStatus.CONFLICT
    title = "Too many campaigns are active"


class SettingFixed(LoyaltyError):
    code = "setting_fixed"
    status = HTTPStatus.CONFLICT
    title = "The setting can no longer be changed"


class RightsExceeded(LoyaltyError):
    code = "rights_exceeded"
    status = HTTPStatus.FORBIDDEN
    title = "The key or role would have more rights than the caller"


class ApiKeyNotFound(LoyaltyError):
    code = "api_key_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such API key"


class ProgramIdTaken(LoyaltyError):
    code = "program_id_taken"
    status = HTTPStatus.CONFLICT
    title = "Another program has this id"


class TooManyWallets(LoyaltyError):
    code = "too_many_wallets"
    status = HTTPStatus.CONFLICT
    title = "The program has too many wallets"


class TierStructureAssigned(LoyaltyError):
    code = "tier_structure_assigned"
    status = HTTPStatus.CONFLICT
    title = "The program has a tier structure"


class TooManyTierStructures(LoyaltyError):
    code = "too_many_tier_structures"
    status = HTTPStatus.CONFLICT
    title = "There is no room for another tier structure"


class BudgetSpent(LoyaltyError):
    code = "budget_spent"
    status = HTTPStatus.CONFLICT
    title = "The campaign has given more than the new budget"


class CardNotFound(LoyaltyError):
    code = "card_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "The customer has no card in this wallet"


class CodeNotFound(LoyaltyError):
    code = "code_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "No card has this code"


class CodeTaken(LoyaltyError):
    code = "code_taken"
    status = HTTPStatus.CONFLICT
    title = "The code is taken"


class CardDiffers(LoyaltyError):
    code = "card_differs"
    status = HTTPStatus.CONFLICT
    title = "The customer has a card with other data"


class CardBlocked(LoyaltyError):
    code = "card_blocked"
    status = HTTPStatus.LOCKED
    title = "The card is blocked for spending"


class CardFrozen(LoyaltyError):
    code = "card_frozen"
    status = HTTPStatus.LOCKED
    title = "The card is frozen"


class CardClosed(LoyaltyError):
    code = "card_closed"
    status = HTTPStatus.LOCKED
    title = "The card is closed"


class PaymentsNotAvailable(LoyaltyError):
    code = "payments_not_available"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "Points of this wallet cannot pay for orders"


class TransfersNotAllowed(LoyaltyError):
    code = "transfers_not_allowed"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The wallet does not allow transfers"


class TransactionNotFound(LoyaltyError):
    code = "transaction_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such transaction"


class HoldNotFound(LoyaltyError):
    code = "hold_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "The card has no such open hold"


class LedgerNotWhole(LoyaltyError):
    code = "ledger_not_whole"
    status = HTTPStatus.CONFLICT
    title = "Transactions of the card are missing or damaged"


class LedgerTooLong(LoyaltyError):
    code = "ledger_too_long"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "There are more transactions or receipts than one request may read"


class OrderNotFound(LoyaltyError):
    code = "order_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "The card has no transaction of this order"


class OrderDiffers(LoyaltyError):
    code = "order_differs"
    status = HTTPStatus.CONFLICT
    title = "The order details differ from the recorded order details"


class CurrencyDiffers(LoyaltyError):
    code = "currency_differs"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The order's currency differs from the project's currency"


class OrderAmountUnknown(LoyaltyError):
    code = "order_amount_unknown"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The order's amount is unknown"


class ItemsRequired(LoyaltyError):
    code = "items_required"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The wallet requires a refund by items"


class RefundExceedsOrder(LoyaltyError):
    code = "refund_exceeds_order"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The refund exceeds what is left of the order"


class NothingToRefund(LoyaltyError):
    code = "nothing_to_refund"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The order has nothing left to refund"


class NothingPending(LoyaltyError):
    code = "nothing_pending"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "No points are pending"


class NotReversible(LoyaltyError):
    code = "not_reversible"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The transaction cannot be reversed"


class AlreadyReversed(LoyaltyError):
    code = "already_reversed"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The transaction is already reversed"


class RewardSpent(LoyaltyError):
    code = "reward_spent"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "Points that the reward gave are spent"


class LotNotFound(LoyaltyError):
    code = "lot_not_found"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The card has no such active points"


class EventNotDefined(LoyaltyError):
    code = "event_not_defined"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The event has no definition"


class OccurredAtOutOfRange(LoyaltyError):
    code = "occurred_at_out_of_range"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The event happened too long ago, or in the future"


class EventNotFound(LoyaltyError):
    code = "event_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "The customer has no such event with a receipt"


class EventDefinitionNotFound(LoyaltyError):
    code = "event_definition_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such event definition"


class ExpressionNotFound(LoyaltyError):
    code = "expression_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such expression"


class CustomerNotFound(LoyaltyError):
    code = "customer_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such customer"


class ReferralCodeNotFound(LoyaltyError):
    code = "referral_code_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "No customer has this referral code"


class SelfReferral(LoyaltyError):
    code = "self_referral"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The referral code is the customer's own"


class AlreadyReferred(LoyaltyError):
    code = "already_referred"
    status = HTTPStatus.CONFLICT
    title = "The customer was referred by another customer"


class NotNewCustomer(LoyaltyError):
    code = "not_new_customer"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The customer has orders, so no referrer can be set"


class CircularReferral(LoyaltyError):
    code = "circular_referral"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The referrer was referred by the customer"


class CouponNotFound(LoyaltyError):
    code = "coupon_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such coupon"


class CouponAlreadyUsed(LoyaltyError):
    code = "coupon_already_used"
    status = HTTPStatus.CONFLICT
    title = "The coupon was redeemed for this order before"


class CouponNotValid(LoyaltyError):
    code = "coupon_not_valid"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The coupon gives the customer no points now"


class OrderPaid(LoyaltyError):
    code = "order_paid"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The order has nothing left to pay"


class FormulaInputMissing(LoyaltyError):
    code = "formula_input_missing"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "An input of the formula is missing"


class FormulaNotComputable(LoyaltyError):
    code = "formula_not_computable"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The formula has no result for these inputs"


class ExchangeRatioNotPositive(LoyaltyError):
    code = "exchange_ratio_not_positive"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The formula gives no points for this amount"


class InvalidDates(LoyaltyError):
    code = "invalid_dates"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The points cannot have these dates"


class TooManyPendingLots(LoyaltyError):
    code = "too_many_pending_lots"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The card has too many pending activation dates"


class TooManyHolds(LoyaltyError):
    code = "too_many_holds"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The card has too many open holds"


class OrderAmountRequired(LoyaltyError):
    code = "order_amount_required"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The wallet requires the order's amount"


class OrderAmountTooSmall(LoyaltyError):
    code = "order_amount_too_small"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The order's amount is too small to earn points"


class EarningLimitReached(LoyaltyError):
    code = "earning_limit_reached"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "An earning limit leaves no room for these points"


class SpendingLimitReached(LoyaltyError):
    code = "spending_limit_reached"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "A spending limit leaves no room for these points"


class TooMuchAtOnce(LoyaltyError):
    code = "too_much_at_once"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The request is too large for one transaction"


class BalanceTooLarge(LoyaltyError):
    code = "balance_too_large"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The balance would be too large"


class InsufficientPoints(LoyaltyError):
    code = "insufficient_points"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The card has too few points"


class HoldTooSmall(LoyaltyError):
    code = "hold_too_small"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The hold has too few points"


class AdjustmentMaxExceeded(LoyaltyError):
    code = "adjustment_max_exceeded"
    status = HTTPStatus.FORBIDDEN
    title = "The caller may not move so many points by hand"


class ClockSkew(LoyaltyError):
    code = "clock_skew"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "The clocks of the function and the database disagree"


class Busy(LoyaltyError):
    code = "busy"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "The request could not be completed now; try again"
