"""The wallet builder's form: the steps as request and answer, and what is wrong with a value by itself."""

import os
import secrets
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api import Body, Shape
from loyalty.domain.codes import CHARSETS, CODE_LENGTH_MAX
from loyalty.domain.dates import EVERY_MAX, moment
from loyalty.domain.wallet import Settings, Wallet, action_required
from loyalty.errors import FieldProblem
from loyalty.store import Project, settings_json
from loyalty.wallets import Maker

NOT_AVAILABLE = {
    "allowNegativeBalance": (False,),
    "negativeLimit": (),
    "earningLimits": (),
    "spendingLimits": (),
    "payWithPoints": ({"type": "NO_PAYMENTS"},),
    "notices": (),
    "metadata": (),
}
"""Settings of the builder that this version does not carry out, with the values that mean they are off."""

URL_SAFE = r"^[A-Za-z0-9._~-]*$"


def _not_available(message: str, field: str | None = None) -> PydanticCustomError:
    return PydanticCustomError("setting_not_available", message, {"field": field} if field else None)


def _available(*values: str, planned: tuple[str, ...]) -> BeforeValidator:
    def check(value: object) -> object:
        if value in planned:
            raise _not_available(f"{value} is not available in this version; available: {', '.join(values)}.")
        return value

    return BeforeValidator(check)


class CodeForm(Body):
    """Step `code`. `#` in the pattern is one random character of the charset; a pattern overrides the length."""

    charset: str = Field(
        default="ALPHANUMERIC",
        min_length=1,
        max_length=100,
        pattern=URL_SAFE,
        description=(f"One of {', '.join(CHARSETS)}, or the characters themselves."),
    )
    length: int = Field(default=10, ge=1, le=CODE_LENGTH_MAX)
    pattern: Annotated[str, Field(min_length=1, max_length=CODE_LENGTH_MAX, pattern=r"^[A-Za-z0-9._~#-]*$")] | None = (
        None
    )
    prefix: str = Field(default="", max_length=32, pattern=URL_SAFE)
    postfix: str = Field(default="", max_length=32, pattern=URL_SAFE)


Every = Annotated[int, Field(ge=1, le=max(EVERY_MAX.values()))]
UnitName = Literal["MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "YEAR"]


class ExpirationForm(Body):
    """Step `expiration`. Points expire `every` units after they became active."""

    type: Annotated[
        Literal["NO_EXPIRATION", "ROLLING_EXPIRATION"],
        _available("NO_EXPIRATION", "ROLLING_EXPIRATION", planned=("CALENDAR_EXPIRATION", "SLIDING_EXPIRATION")),
    ]
    every: Every | None = None
    unit: UnitName | None = None
    rounding: Annotated[
        Literal["NONE"],
        _available(
            "NONE",
            planned=("END_OF_MONTH", "END_OF_QUARTER", "END_OF_HALF_YEAR", "END_OF_YEAR", "END_OF_PARTICULAR_MONTH"),
        ),
    ] = "NONE"


class PendingForm(Body):
    """Step `pending`. Points wait `every` units before they become active."""

    type: Annotated[
        Literal["IMMEDIATE", "PERIOD_BASED"],
        _available("IMMEDIATE", "PERIOD_BASED", planned=("FIXED_DATES", "EVENT_BASED")),
    ]
    every: Every | None = None
    unit: UnitName | None = None


class SpentRefundsForm(Body):
    type: Annotated[
        Literal["REFUND_AMOUNT"], _available("REFUND_AMOUNT", planned=("NONE", "REFUND_ALL", "REFUND_ITEM"))
    ] = "REFUND_AMOUNT"
    expired_lots: Annotated[Literal["RENEW"], _available("RENEW", planned=("KEEP_EXPIRED", "GRACE"))] = "RENEW"


class EarnedRefundsForm(Body):
    type: Annotated[
        Literal["REVOKE_FROM_BALANCE"], _available("REVOKE_FROM_BALANCE", planned=("KEEP", "REVOKE_FROM_PENDING"))
    ] = "REVOKE_FROM_BALANCE"
    mode: Annotated[Literal["REVOKE_TO_ZERO"], _available("REVOKE_TO_ZERO", planned=("REVOKE_BELOW_ZERO",))] = (
        "REVOKE_TO_ZERO"
    )


class RefundsForm(Body):
    """Step `refunds`: what a refund does to points spent on the order, and to points earned by it."""

    spent: SpentRefundsForm = Field(default_factory=SpentRefundsForm)
    earned: EarnedRefundsForm = Field(default_factory=EarnedRefundsForm)


def _only_available(document: Any) -> Any:
    if not isinstance(document, dict):
        return document
    for name, off in NOT_AVAILABLE.items():
        if name in document and document[name] is not None and document[name] not in off:
            raise _not_available(f"{name} is not available in this version.", name)
    return {name: value for name, value in document.items() if name not in NOT_AVAILABLE}


Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


class SettingsForm(Body):
    """The builder's steps, all optional: what is left out keeps its value, or has its default in a new wallet."""

    points_name: Annotated[str, Field(min_length=1, max_length=50)] | None = None
    description: Annotated[str, Field(max_length=1_000)] | None = None
    type: Literal["INDIVIDUAL"] | None = None
    consumption_order: Literal["EARLIEST_EXPIRY", "EARLIEST_ISSUE"] | None = None
    points_decimals: Annotated[int, Field(ge=0, le=3)] | None = None
    point_value: Annotated[int, Field(ge=0, le=10**9)] | None = None
    auto_enrol: bool | None = None
    code: CodeForm | None = None
    expiration: ExpirationForm | None = None
    pending: PendingForm | None = None
    refunds: RefundsForm | None = None

    @model_validator(mode="before")
    @classmethod
    def _only_available(cls, document: Any) -> Any:
        return _only_available(document)

    def document(self) -> dict[str, Any]:
        """The settings that were sent, as JSON; null where one is to have its default."""
        sent = self.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"status"})
        for step in ("code", "expiration", "pending", "refunds"):
            if sent.get(step) is not None:
                # A group is replaced whole: what it leaves out has its default, not its former value.
                sent[step] = getattr(self, step).model_dump(mode="json", by_alias=True)
        if sent.get("expiration"):
            sent["expiration"].pop("rounding")
        return sent


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
    consumption_order: str
    points_decimals: int
    point_value: int | None
    auto_enrol: bool
    code: dict[str, Any]
    expiration: dict[str, Any]
    pending: dict[str, Any]
    refunds: dict[str, Any]
    time_zone: str
    currency: str
    used_by: list[str] = Field(description="Programs that use the wallet.")
    created_at: datetime
    created_by: str
    updated_at: datetime

    @classmethod
    def of(cls, wallet: Wallet) -> "WalletShape":
        settings = {name: _without_nulls(value) for name, value in settings_json(wallet.settings).items()}
        return cls(
            **settings,
            wallet_id=wallet.wallet_id,
            version=wallet.version,
            status=wallet.status,
            action_required=[ActionShape.of(problem) for problem in action_required(wallet.settings)],
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
    def of(cls, wallet: Wallet) -> "WalletVersionShape":
        current = WalletShape.of(wallet)
        return cls(**current.model_dump(), change=wallet.change, changed_by=wallet.changed_by)


class WalletList(Shape):
    data: list[WalletShape]
    next_cursor: str | None


class WalletVersionList(Shape):
    data: list[WalletVersionShape]
    next_cursor: str | None


class Validation(Shape):
    """What a wallet of these settings would need, and what its codes would look like."""

    valid: bool
    action_required: list[ActionShape]
    code_preview: str
    possible_codes: int

    @classmethod
    def of(cls, settings: Settings) -> "Validation":
        problems = action_required(settings)
        return cls(
            valid=not problems,
            action_required=[ActionShape.of(problem) for problem in problems],
            code_preview=settings.code.generated(secrets.choice),
            possible_codes=settings.code.possible,
        )


def maker(actor: str) -> Maker:
    """Who changes, and the zone and currency that the deployment gives a project without an active wallet."""
    return Maker(actor, Project(os.environ["LOYALTY_TIME_ZONE"], os.environ["LOYALTY_CURRENCY"]))


def _without_nulls(value: Any) -> Any:
    return {name: part for name, part in value.items() if part is not None} if isinstance(value, dict) else value
