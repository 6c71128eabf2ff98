"""Wallets as requests and answers."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from loyalty.api.base import Body, Shape
from loyalty.api.wallets.settings import Name, SettingsForm
from loyalty.domain.dates import moment
from loyalty.domain.wallets.activation_rules import Known, action_required
from loyalty.domain.wallets.document import settings_json
from loyalty.domain.wallets.settings import Settings
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import FieldProblem
from loyalty.usecases.cards import FALLING_DUE_DAYS, FallingDue
from loyalty.usecases.project import deployed
from loyalty.usecases.wallets import Maker


class NewWallet(SettingsForm):
    name: Name
    status: Literal["ACTIVE", "DRAFT"] = "ACTIVE"

    def document(self) -> dict[str, Any]:
        """In a new wallet a setting that is null has its default, as one that was left out."""
        return {name: value for name, value in super().document().items() if value is not None}


class WalletPatch(SettingsForm):
    # Not null: a name has no default to go back to.
    name: Name = Field(default_factory=str)


class WalletCopy(Body):
    name: Name


class ActionShape(Shape):
    step: str
    field: str
    code: str
    message: str

    @classmethod
    def of(cls, problem: FieldProblem) -> "ActionShape":
        return cls(step=problem.step or "general", field=problem.field, code=problem.code, message=problem.message)


class ExpressionCopy(Shape):
    name: str
    formula: str
    version: int


class WalletShape(Shape):
    """A wallet's definition. `actionRequired` lists what keeps a draft from becoming ACTIVE."""

    wallet_id: str
    version: int
    status: str
    action_required: list[ActionShape]
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
    expressions: list[ExpressionCopy] = Field(description="What the formula of payWithPoints names, as copied.")
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
    def of(cls, wallet: Wallet, known: Known) -> "WalletShape":
        settings = {name: _without_nulls(value) for name, value in builder_settings(wallet.settings).items()}
        copies = wallet.settings.pay_with_points.expressions
        return cls(
            **{**settings, "metadata": wallet.settings.metadata},
            expressions=[ExpressionCopy(name=one.name, formula=one.formula, version=one.version) for one in copies],
            wallet_id=wallet.wallet_id,
            version=wallet.version,
            status=wallet.status,
            action_required=[ActionShape.of(one) for one in action_required(wallet.settings, known)],
            time_zone=wallet.time_zone,
            currency=wallet.currency,
            used_by=[],
            created_at=moment(wallet.created_at),
            created_by=wallet.created_by,
            updated_at=moment(wallet.updated_at),
        )


class WalletVersionShape(WalletShape):
    """The wallet as it was from this version on: who made it, when, and by which change."""

    change: str
    changed_by: str

    @classmethod
    def of(cls, wallet: Wallet, known: Known) -> "WalletVersionShape":
        current = WalletShape.of(wallet, known)
        return cls(**current.model_dump(), change=wallet.change, changed_by=wallet.changed_by)


class FallingDueShape(Shape):
    """What time alone does to the wallet's cards within so many days."""

    days: int
    expiring: int
    """Points that expire."""
    activating: int
    """Points that become active; of these, some may expire within the days too."""
    cards: int
    """Cards that such points are on."""

    @classmethod
    def of(cls, due: FallingDue) -> "FallingDueShape":
        return cls(days=FALLING_DUE_DAYS, expiring=due.expiring, activating=due.activating, cards=due.cards)


class DeactivatedWalletShape(WalletShape):
    """`fallingDue` is null where the wallet has too many cards to count."""

    falling_due: FallingDueShape | None

    @classmethod
    def after(cls, wallet: Wallet, known: Known, due: FallingDue | None) -> "DeactivatedWalletShape":
        current = WalletShape.of(wallet, known)
        return cls(**current.model_dump(), falling_due=FallingDueShape.of(due) if due else None)


class WalletList(Shape):
    data: list[WalletShape]
    next_cursor: str | None


class WalletVersionList(Shape):
    data: list[WalletVersionShape]
    next_cursor: str | None


def builder_settings(settings: Settings) -> dict[str, Any]:
    """The settings as POST /v1/wallets takes them, each value written out."""
    document: dict[str, Any] = settings_json(settings)
    del document["payWithPoints"]["expressions"]
    return document


def maker(actor: str) -> Maker:
    """Who changes, and the project that the deployment gives where none is stored."""
    return Maker(actor, deployed())


def _without_nulls(value: Any) -> Any:
    """Only what the chosen type says: what belongs to others is null or empty."""
    if not isinstance(value, dict):
        return value
    return {name: _without_nulls(part) for name, part in value.items() if part is not None and part != []}
