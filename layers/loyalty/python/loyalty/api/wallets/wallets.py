"""Requests and answers about wallets."""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field

from loyalty.api.base import Answer, Request
from loyalty.api.wallets.settings import SETTINGS_EXAMPLES, Name, SettingsRequest
from loyalty.domain.dates import datetime_of
from loyalty.domain.wallets.document import settings_json
from loyalty.domain.wallets.settings import Settings
from loyalty.domain.wallets.wallet import WalletStatus
from loyalty.errors import FieldProblem
from loyalty.usecases import cards as domain
from loyalty.usecases.cards import FALLING_DUE_DAYS
from loyalty.usecases.wallets import ReviewedWallet


class WalletCreateRequest(SettingsRequest):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{**settings, "status": "ACTIVE"} for settings in SETTINGS_EXAMPLES]}
    )

    name: Name
    status: Literal[WalletStatus.ACTIVE, WalletStatus.DRAFT] = WalletStatus.ACTIVE

    def document(self) -> dict[str, Any]:
        """Returns the settings. In a new wallet, a setting that is null gets its default, like one that is left out."""
        return {name: value for name, value in super().document().items() if value is not None}


class WalletUpdateRequest(SettingsRequest):
    model_config = ConfigDict(json_schema_extra={"examples": list(SETTINGS_EXAMPLES)})

    # A name cannot be null, because it has no default.
    name: Name = Field(default_factory=str)


class WalletCopyRequest(Request):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Tea club, next year"}]})

    name: Name


class RequiredAction(Answer):
    step: str
    field: str
    code: str
    message: str

    @classmethod
    def of(cls, problem: FieldProblem) -> "RequiredAction":
        return cls(step=problem.step or "general", field=problem.field, code=problem.code, message=problem.message)


class ExpressionCopy(Answer):
    name: str
    formula: str
    version: int


class Wallet(Answer):
    """A wallet's definition. `actionRequired` lists the activation rules that the settings do not meet."""

    wallet_id: str
    version: int
    status: WalletStatus
    action_required: list[RequiredAction]
    name: str
    points_name: str
    description: str
    type: str
    allow_negative_balance: bool
    negative_limit: int | None
    consumption_order: str
    points_decimals: int
    point_value: int | None
    auto_enrol: bool
    code: dict[str, Any]
    expiration: dict[str, Any]
    pending: dict[str, Any]
    earning_limits: dict[str, Any]
    spending_limits: dict[str, Any]
    pay_with_points: dict[str, Any]
    expressions: list[ExpressionCopy] = Field(description="Copies of the expressions in the formula of payWithPoints.")
    transfers: dict[str, Any]
    refunds: dict[str, Any]
    notices: dict[str, Any]
    metadata: dict[str, Any]
    time_zone: str
    currency: str
    used_by: list[str] = Field(description="Programs that use the wallet.")
    created_at: datetime
    created_by: str
    updated_at: datetime

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
            "used_by": [],
            "created_at": datetime_of(wallet.created_at),
            "created_by": wallet.created_by,
            "updated_at": datetime_of(wallet.updated_at),
        }


class WalletVersion(Wallet):
    """A version of a wallet, with its author, its time and its kind of change."""

    change: str
    changed_by: str

    @classmethod
    def of(cls, found: ReviewedWallet) -> Self:
        return cls(**cls.values_of(found), change=found.wallet.change, changed_by=found.wallet.changed_by)


class FallingDue(Answer):
    """Points of the wallet's cards that time alone moves within `days` days."""

    days: int
    expiring: int
    """Points that expire."""
    activating: int
    """Points that become active. Some of these points may also expire within the days."""
    cards: int
    """Cards that have such points."""

    @classmethod
    def of(cls, due: domain.FallingDue) -> "FallingDue":
        return cls(days=FALLING_DUE_DAYS, expiring=due.expiring, activating=due.activating, cards=due.cards)


class DeactivatedWallet(Wallet):
    """The deactivated wallet. `fallingDue` is null if the wallet has too many cards to count."""

    falling_due: FallingDue | None

    @classmethod
    def of_deactivation(cls, found: ReviewedWallet, due: domain.FallingDue | None) -> Self:
        return cls(**cls.values_of(found), falling_due=FallingDue.of(due) if due else None)


class WalletList(Answer):
    data: list[Wallet]
    next_cursor: str | None


class WalletVersionList(Answer):
    data: list[WalletVersion]
    next_cursor: str | None


def builder_settings(settings: Settings) -> dict[str, Any]:
    """Returns the settings as POST /v1/wallets accepts them, with every value."""
    document: dict[str, Any] = settings_json(settings)
    del document["payWithPoints"]["expressions"]
    return document


def _without_nulls(value: Any) -> Any:
    """Removes fields that are null or empty, because they belong to other types."""
    if not isinstance(value, dict):
        return value
    return {name: _without_nulls(part) for name, part in value.items() if part is not None and part != []}
