"""What a wallet builder is answered before it saves: examples in dates, effects of a change, imports."""

import secrets
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from loyalty.api.base import Shape
from loyalty.api.wallets.mapping import Conversion
from loyalty.api.wallets.settings import Name
from loyalty.api.wallets.wallets import ActionShape, WalletShape, builder_settings
from loyalty.domain.dates import moment
from loyalty.domain.forecast import Example, outlook
from loyalty.domain.wallets.activation_rules import Known, action_required
from loyalty.domain.wallets.change_effects import Effect
from loyalty.domain.wallets.settings import Settings
from loyalty.domain.wallets.wallet import Wallet
from loyalty.usecases.wallet_preview import Change


class VoucherifyDefinition(BaseModel):
    """A card definition as Voucherify's API has it. But for `name`, what cannot be mapped is told, not refused."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    name: Name


class ExampleShape(Shape):
    """One thing that would happen to points earned now, or one limit that applies to them."""

    event: str
    """GRANTED, REFUSED, ACTIVATES, CANCELED, EXPIRES, NEVER_EXPIRES, NOTICE, EARNING_LIMIT, SPENDING_LIMIT or
    UNKNOWN."""
    rule: str
    """Path of the setting that it follows from."""
    points: int
    """Of a hundred, how many it happens to, or pass."""
    at: datetime | None
    """When; null where nobody knows yet. Of a limit: when its count begins anew."""
    day: date | None
    """In the project's zone: the day of `at`; of an expiry the last usable day, of a limit the last day that counts."""
    condition: str | None
    """EVENT: if an event of the wallet comes; NO_EVENT, NO_ACTIVITY: unless one does. Null: in any case."""
    text: str

    @classmethod
    def of(cls, example: Example) -> "ExampleShape":
        return cls(
            event=example.event,
            rule=example.rule,
            points=example.points,
            at=None if example.at is None else moment(example.at),
            day=example.day,
            condition=example.condition,
            text=example.text,
        )


class Validation(Shape):
    """What a wallet of these settings would need, what its codes would look like, what would become of its points."""

    valid: bool
    action_required: list[ActionShape]
    code_preview: str
    possible_codes: int
    time_zone: str
    examples: list[ExampleShape]

    @classmethod
    def of(cls, settings: Settings, known: Known, at: int, zone: ZoneInfo) -> "Validation":
        problems = action_required(settings, known)
        return cls(
            valid=not problems,
            action_required=[ActionShape.of(problem) for problem in problems],
            code_preview=settings.code.generated(secrets.choice),
            possible_codes=settings.code.possible,
            time_zone=zone.key,
            examples=_examples(settings, at, zone),
        )


class EffectShape(Shape):
    """What the change of one setting does to points already granted and to cards."""

    setting: str
    reach: str
    """KEPT: what was granted stays as it is; AT_ONCE: it changes for points of any age; REFUSED: it cannot change."""
    text: str

    @classmethod
    def of(cls, effect: Effect) -> "EffectShape":
        return cls(setting=effect.setting, reach=effect.reach, text=effect.text)


class ChangePreview(Shape):
    """What a change would mean. Nothing was written."""

    valid: bool
    """Whether PATCH would take it: a DRAFT may need action, other wallets may not."""
    action_required: list[ActionShape]
    time_zone: str
    before: list[ExampleShape]
    """For points earned now, by the wallet as it is."""
    after: list[ExampleShape]
    """For points earned now, by the wallet as it would be."""
    granted: list[EffectShape]
    """For points already granted, by the settings that change; empty where none does."""

    @classmethod
    def of(cls, change: Change, at: int) -> "ChangePreview":
        zone = ZoneInfo(change.time_zone)
        return cls(
            valid=change.valid,
            action_required=[ActionShape.of(problem) for problem in change.problems],
            time_zone=zone.key,
            before=_examples(change.before, at, zone),
            after=_examples(change.after, at, zone),
            granted=[EffectShape.of(effect) for effect in change.effects],
        )


class MappedField(Shape):
    from_: str = Field(alias="from", description="Path in the definition.")
    to: str
    """Path in the wallet's settings."""
    value: Any


class UnmappedField(Shape):
    from_: str = Field(alias="from", description="Path in the definition.")
    reason: str


class WalletImport(Shape):
    """The wallet that was made of a definition of another system's, and what became of each field."""

    wallet: WalletShape | None
    """Null in a dry run."""
    settings: dict[str, Any]
    """As POST /v1/wallets takes them, each value written out."""
    action_required: list[ActionShape]
    mapped: list[MappedField]
    unmapped: list[UnmappedField]

    @classmethod
    def of(cls, conversion: Conversion, settings: Settings, wallet: Wallet | None, known: Known) -> "WalletImport":
        return cls(
            wallet=WalletShape.of(wallet, known) if wallet else None,
            settings=builder_settings(settings),
            action_required=[ActionShape.of(problem) for problem in action_required(settings, known)],
            mapped=[MappedField(from_=field.source, to=field.target, value=field.value) for field in conversion.mapped],
            unmapped=[UnmappedField(from_=field.source, reason=field.reason) for field in conversion.unmapped],
        )


def _examples(settings: Settings, at: int, zone: ZoneInfo) -> list[ExampleShape]:
    return [ExampleShape.of(example) for example in outlook(settings, at, zone)]
