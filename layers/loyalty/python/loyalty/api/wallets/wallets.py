"""Requests and answers about wallets."""

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field

from loyalty.api import answered
from loyalty.api.base import Answer, Request
from loyalty.api.fields import Name
from loyalty.api.shown import Shown, setting
from loyalty.api.wallets.settings import (
    SETTINGS_EXAMPLES,
    CodeInput,
    EarningLimitsInput,
    ExpirationInput,
    NoticesInput,
    PayWithPointsInput,
    PendingInput,
    RefundsInput,
    SettingsRequest,
    SpendingLimitsInput,
    TransfersInput,
)
from loyalty.domain.dates import datetime_of
from loyalty.domain.wallets.document import settings_json
from loyalty.domain.wallets.settings import ConsumptionOrder, Settings
from loyalty.domain.wallets.wallet import UserKind, WalletStatus
from loyalty.errors import FieldProblem
from loyalty.usecases.cards import FALLING_DUE_DAYS, DuePoints
from loyalty.usecases.wallets import ReviewedWallet


class WalletCreateRequest(SettingsRequest):
    """A wallet to create. Settings that are left out or null get their defaults."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**settings, "status": "ACTIVE"} for settings in SETTINGS_EXAMPLES]}
    )

    name: Name = Field(description="Unique among the wallets; upper and lower case count as equal.")
    status: Literal[WalletStatus.ACTIVE, WalletStatus.DRAFT] = Field(
        default=WalletStatus.ACTIVE, description="DRAFT saves a wallet that may be incomplete; a draft moves no points."
    )

    def document(self) -> dict[str, Any]:
        """Returns the settings. In a new wallet, a setting that is null gets its default, like one that is left out."""
        return {name: value for name, value in super().document().items() if value is not None}


class WalletUpdateRequest(SettingsRequest):
    """The settings to change. Settings that are left out keep their values, and null sets the default."""

    model_config = ConfigDict(json_schema_extra={"examples": list(SETTINGS_EXAMPLES)})

    # A name cannot be null, because it has no default.
    name: Name = Field(
        default_factory=str, description="Unique among the wallets; upper and lower case count as equal."
    )


class WalletCopyRequest(Request):
    """The name of the copy."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Tea club, next year"}]})

    name: Name = Field(description="Unique among the wallets; upper and lower case count as equal.")


class RequiredAction(Answer):
    """An activation rule that the settings do not meet."""

    step: str = Field(description="The step of the wallet builder, or the group of a campaign's settings.")
    field: str = Field(description="The path of the setting to correct.")
    code: str = Field(description="A stable code of the rule, for programs.")
    message: str = Field(description="What to correct, in words.")

    @classmethod
    def of(cls, problem: FieldProblem) -> "RequiredAction":
        return cls(step=problem.step or "general", field=problem.field, code=problem.code, message=problem.message)


class ExpressionCopy(Answer):
    """A wallet's copy of an expression."""

    name: str = Field(description="The name of the expression in the formula.")
    formula: str = Field(description="The formula that the wallet uses, even if the expression was changed since then.")
    version: int = Field(description="The version of the expression that was copied.")


class WalletUser(Answer):
    """A definition that uses the wallet."""

    kind: UserKind = Field(description="The kind of the definition.")
    id: str = Field(description="The id of the campaign, program or reward.")


class Wallet(Answer):
    """A wallet with its settings, which WalletCreateRequest describes."""

    has_etag = True
    has_location = True

    wallet_id: answered.WalletId
    version: int = Field(description="The number of the wallet's version, which is also the ETag.")
    status: WalletStatus = Field(
        description="The stage in the life of the wallet: an ACTIVE wallet accepts all commands."
    )
    action_required: list[RequiredAction] = Field(
        description="The activation rules that the settings do not meet; empty if the wallet may be ACTIVE."
    )
    name: str = setting(WalletCreateRequest, "name")
    points_name: str = setting(WalletCreateRequest, "points_name")
    description: str = setting(WalletCreateRequest, "description")
    type: Literal["INDIVIDUAL"] = setting(WalletCreateRequest, "type")
    allow_negative_balance: bool = setting(WalletCreateRequest, "allow_negative_balance")
    negative_limit: int | None = setting(WalletCreateRequest, "negative_limit")
    consumption_order: ConsumptionOrder = setting(WalletCreateRequest, "consumption_order")
    points_decimals: int = setting(WalletCreateRequest, "points_decimals")
    point_value: int | None = setting(WalletCreateRequest, "point_value")
    auto_enrol: bool = setting(WalletCreateRequest, "auto_enrol")
    code: Annotated[dict[str, Any], Shown(CodeInput)] = setting(WalletCreateRequest, "code")
    expiration: Annotated[dict[str, Any], Shown(ExpirationInput)] = setting(WalletCreateRequest, "expiration")
    pending: Annotated[dict[str, Any], Shown(PendingInput)] = setting(WalletCreateRequest, "pending")
    earning_limits: Annotated[dict[str, Any], Shown(EarningLimitsInput)] = setting(
        WalletCreateRequest, "earning_limits"
    )
    spending_limits: Annotated[dict[str, Any], Shown(SpendingLimitsInput)] = setting(
        WalletCreateRequest, "spending_limits"
    )
    pay_with_points: Annotated[dict[str, Any], Shown(PayWithPointsInput)] = setting(
        WalletCreateRequest, "pay_with_points"
    )
    expressions: list[ExpressionCopy] = Field(
        description="The copies of the expressions in the formula of `payWithPoints`."
    )
    transfers: Annotated[dict[str, Any], Shown(TransfersInput)] = setting(WalletCreateRequest, "transfers")
    refunds: Annotated[dict[str, Any], Shown(RefundsInput)] = setting(WalletCreateRequest, "refunds")
    notices: Annotated[dict[str, Any], Shown(NoticesInput)] = setting(WalletCreateRequest, "notices")
    metadata: dict[str, Any] = setting(WalletCreateRequest, "metadata")
    time_zone: str = Field(description="The project's time zone.")
    currency: str = Field(description="The project's currency.")
    used_by: list[WalletUser] = Field(
        description=(
            "The ACTIVE and PAUSED campaigns and rewards and the ACTIVE programs that use the wallet. A wallet in use "
            "cannot be deleted."
        )
    )
    created_at: answered.CreatedAt
    created_by: str = Field(description="The id of the API key that created the wallet.")
    updated_at: answered.SavedAt

    @classmethod
    def of(cls, found: ReviewedWallet) -> Self:
        return cls(**cls.values_of(found))

    @staticmethod
    def values_of(found: ReviewedWallet) -> dict[str, Any]:
        """What any answer with a wallet has."""
        wallet = found.wallet
        settings = {name: _without_nulls(value) for name, value in builder_settings(wallet.settings).items()}
        copies = wallet.settings.pay_with_points.expressions
        return {
            **settings,
            "metadata": wallet.settings.metadata,
            "expressions": [ExpressionCopy(name=one.name, formula=one.formula, version=one.version) for one in copies],
            "wallet_id": wallet.wallet_id,
            "version": wallet.version,
            "status": wallet.status,
            "action_required": [RequiredAction.of(one) for one in found.action_required],
            "time_zone": wallet.time_zone,
            "currency": wallet.currency,
            "used_by": [WalletUser(kind=user.kind, id=user.id) for user in found.used_by],
            "created_at": datetime_of(wallet.created_at),
            "created_by": wallet.created_by,
            "updated_at": datetime_of(wallet.updated_at),
        }


class WalletVersion(Wallet):
    """A version of a wallet."""

    change: Literal["Created", "Changed", "Activated", "Deactivated", "Deleted"] = Field(
        description="What made this version of the version before."
    )
    changed_by: str = Field(description="The id of the API key that made the change.")

    @classmethod
    def of(cls, found: ReviewedWallet) -> Self:
        return cls(**cls.values_of(found), change=found.wallet.change, changed_by=found.wallet.changed_by)


class FallingDue(Answer):
    """Points of the wallet's cards that time alone moves within some days."""

    days: int = Field(description="The number of days from now.")
    expiring: int = Field(description="Points that expire.")
    activating: int = Field(
        description="Points that become active. Some of these points may also expire within the days."
    )
    cards: int = Field(description="Cards that have such points.")

    @classmethod
    def of(cls, due: DuePoints) -> "FallingDue":
        return cls(days=FALLING_DUE_DAYS, expiring=due.expiring, activating=due.activating, cards=due.cards)


class DeactivatedWallet(Wallet):
    """The deactivated wallet."""

    falling_due: FallingDue | None = Field(
        description="Points that time alone will move; null if the wallet has too many cards to count."
    )

    @classmethod
    def of_deactivation(cls, found: ReviewedWallet, due: DuePoints | None) -> Self:
        return cls(**cls.values_of(found), falling_due=FallingDue.of(due) if due else None)


class WalletList(Answer):
    """A page of wallets."""

    data: list[Wallet] = Field(description="The wallets of the page, in the order of their ids.")
    next_cursor: answered.NextCursor


class WalletVersionList(Answer):
    """A page of a wallet's versions, newest first."""

    data: list[WalletVersion] = Field(description="The versions of the page, newest first.")
    next_cursor: answered.NextCursor


def builder_settings(settings: Settings) -> dict[str, Any]:
    """Returns the settings as POST /v1/wallets accepts them, with every value."""
    document: dict[str, Any] = settings_json(settings)
    del document["payWithPoints"]["expressions"]
    document["payWithPoints"]["amountUnit"] = 1
    return document


def _without_nulls(value: Any) -> Any:
    """Removes fields that are null or empty, because they belong to other types."""
    if not isinstance(value, dict):
        return value
    return {name: _without_nulls(part) for name, part in value.items() if part is not None and part != []}
