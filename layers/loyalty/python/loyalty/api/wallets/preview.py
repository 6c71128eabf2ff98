"""Answers to a wallet builder before it saves: examples in dates, effects of a change, and imports."""

import secrets
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from loyalty.api.base import Answer
from loyalty.api.fields import Name
from loyalty.api.wallets.mapping import WalletMapping
from loyalty.api.wallets.wallets import RequiredAction, Wallet, builder_settings
from loyalty.domain import forecast as domain
from loyalty.domain.dates import datetime_of
from loyalty.domain.wallets.change_effects import Reach, SettingEffect
from loyalty.domain.wallets.settings import Settings
from loyalty.domain.zones import zone_of
from loyalty.usecases.wallet_preview import CheckedSettings, ImportedWallet, WalletChange

POSSIBLE_CODES_MAX = 2**53 - 1
"""The largest integer that every JSON parser reads exactly."""


class WalletImportRequest(BaseModel):
    """A card definition of Voucherify's API.

    Fields that cannot be mapped are reported; only the `name` can be refused.
    """

    model_config = ConfigDict(
        extra="allow",
        strict=True,
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "name": "Coffee club",
                    "type": "INDIVIDUAL",
                    "code_config": {"length": 10, "charset": "0123456789", "prefix": "C-"},
                    "points_expiration": {
                        "type": "ROLLING_EXPIRATION",
                        "rolling_expiration": {"period": {"value": 1, "unit": "YEAR"}},
                    },
                    "pending_points": {
                        "type": "PERIOD_BASED",
                        "period_based": {"period": {"value": 14, "unit": "DAY"}},
                    },
                    "tier_structure_id": "lts_1",
                    "metadata": {"region": "north"},
                }
            ]
        },
    )

    name: Name = Field(description="The name of the new wallet.")


class Example(Answer):
    """One event that would happen to points earned now, or one limit that would apply."""

    event: domain.ForecastEvent = Field(description="What happens to the points, or the limit that applies.")
    rule: str = Field(description="The path of the setting that decides.")
    points: int = Field(description="How many of 100 points are affected, or are within the limit.")
    at: datetime | None = Field(
        description=(
            "The instant; null if the instant is not known yet. For a limit: the instant at which its count "
            "starts again."
        )
    )
    day: date | None = Field(
        description=(
            "The day of `at` in the project's zone. For an expiry: the last usable day. For a limit: the last "
            "counted day."
        )
    )
    condition: domain.Condition | None = Field(
        description=(
            "EVENT: only if an event of the wallet arrives. NO_EVENT, NO_ACTIVITY: only without an event or "
            "activity. Null: in any case."
        )
    )
    text: str = Field(description="The example, in words.")

    @classmethod
    def of(cls, example: domain.Example) -> "Example":
        return cls(
            event=example.event,
            rule=example.rule,
            points=example.points,
            at=None if example.at is None else datetime_of(example.at),
            day=example.day,
            condition=example.condition,
            text=example.text,
        )


class WalletValidation(Answer):
    """The activation rules that the settings do not meet, and the forecast of points earned now."""

    valid: bool = Field(description="Whether the settings meet all activation rules.")
    action_required: list[RequiredAction] = Field(description="The activation rules that the settings do not meet.")
    code_preview: str = Field(description="An example of a card's code.")
    possible_codes: int = Field(
        le=POSSIBLE_CODES_MAX,
        description=f"The number of different codes, or {POSSIBLE_CODES_MAX} for more than that.",
    )
    time_zone: str = Field(description="The project's time zone.")
    examples: list[Example] = Field(description="The forecast of 100 points earned now.")

    @classmethod
    def of(cls, found: CheckedSettings, at: int) -> "WalletValidation":
        zone = zone_of(found.time_zone)
        code = found.settings.code
        return cls(
            valid=not found.action_required,
            action_required=[RequiredAction.of(problem) for problem in found.action_required],
            code_preview=code.random_code(secrets.choice),
            possible_codes=min(code.possible_codes, POSSIBLE_CODES_MAX),
            time_zone=found.time_zone,
            examples=_examples(found.settings, at, zone),
        )


class ChangeEffect(Answer):
    """The effect of one changed setting on points already granted and on cards."""

    setting: str = Field(description="The changed setting.")
    reach: Reach = Field(
        description=(
            "KEPT: granted points stay as they are. CHANGED: the change applies to points of any age, within 15 "
            "seconds after its answer. REFUSED: the change is refused."
        )
    )
    text: str = Field(description="The effect, in words.")

    @classmethod
    def of(cls, effect: SettingEffect) -> "ChangeEffect":
        return cls(setting=effect.setting, reach=effect.reach, text=effect.text)


class ChangePreview(Answer):
    """The effects that a change would have. A preview writes nothing."""

    valid: bool = Field(
        description=(
            "Whether PATCH would accept the change. A DRAFT may have unmet activation rules, other wallets may not."
        )
    )
    action_required: list[RequiredAction] = Field(description="The activation rules that the settings do not meet.")
    time_zone: str = Field(description="The project's time zone.")
    before: list[Example] = Field(description="The forecast of points earned now, without the change.")
    after: list[Example] = Field(description="The forecast of points earned now, with the change.")
    granted: list[ChangeEffect] = Field(
        description="The effects on points already granted, by changed setting; empty if no setting changes."
    )

    @classmethod
    def of(cls, change: WalletChange, at: int) -> "ChangePreview":
        zone = zone_of(change.time_zone)
        return cls(
            valid=change.valid,
            action_required=[RequiredAction.of(problem) for problem in change.problems],
            time_zone=zone.key,
            before=_examples(change.before, at, zone),
            after=_examples(change.after, at, zone),
            granted=[ChangeEffect.of(effect) for effect in change.effects],
        )


class MappedField(Answer):
    """A field of the definition that became a setting."""

    from_: str = Field(alias="from", description="The path in the definition.")
    to: str = Field(description="The path of the setting.")
    value: Any = Field(description="The value of the setting.")


class UnmappedField(Answer):
    """A field of the definition that did not become a setting."""

    from_: str = Field(alias="from", description="The path in the definition.")
    reason: str = Field(description="The reason, in words.")


class WalletImport(Answer):
    """The wallet from another system's definition, and the report of each field."""

    has_etag = True
    has_location = True

    wallet: Wallet | None = Field(description="The new wallet; null in a dry run.")
    settings: dict[str, Any] = Field(description="The settings as POST /v1/wallets accepts them, with every value.")
    action_required: list[RequiredAction] = Field(description="The activation rules that the settings do not meet.")
    mapped: list[MappedField] = Field(description="The fields that became settings.")
    unmapped: list[UnmappedField] = Field(description="The fields that did not become settings.")

    @classmethod
    def of(cls, mapping: WalletMapping, found: ImportedWallet) -> "WalletImport":
        return cls(
            wallet=Wallet.of(found.wallet) if found.wallet else None,
            settings=builder_settings(found.checked.settings),
            action_required=[RequiredAction.of(problem) for problem in found.checked.action_required],
            mapped=[MappedField(from_=field.source, to=field.target, value=field.value) for field in mapping.mapped],
            unmapped=[UnmappedField(from_=field.source, reason=field.reason) for field in mapping.unmapped],
        )


def _examples(settings: Settings, at: int, zone: ZoneInfo) -> list[Example]:
    return [Example.of(example) for example in domain.forecast_examples(settings, at, zone)]
