"""What a wallet builder is answered before it saves: examples in dates, effects of a change, imports."""

import secrets
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from loyalty.api.base import Answer
from loyalty.api.wallets.mapping import WalletMapping
from loyalty.api.wallets.settings import Name
from loyalty.api.wallets.wallets import RequiredAction, Wallet, builder_settings
from loyalty.domain import forecast as domain
from loyalty.domain.dates import moment
from loyalty.domain.wallets.change_effects import Effect
from loyalty.domain.wallets.settings import Settings
from loyalty.usecases.wallet_preview import Change, CheckedSettings, ImportedWallet


class WalletImportRequest(BaseModel):
    """A card definition as Voucherify's API has it. But for `name`, what cannot be mapped is told, not refused."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    name: Name


class Example(Answer):
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
    def of(cls, example: domain.Example) -> "Example":
        return cls(
            event=example.event,
            rule=example.rule,
            points=example.points,
            at=None if example.at is None else moment(example.at),
            day=example.day,
            condition=example.condition,
            text=example.text,
        )


class WalletValidation(Answer):
    """What a wallet of these settings would need, what its codes would look like, what would become of its points."""

    valid: bool
    action_required: list[RequiredAction]
    code_preview: str
    possible_codes: int
    time_zone: str
    examples: list[Example]

    @classmethod
    def of(cls, found: CheckedSettings, at: int) -> "WalletValidation":
        zone = ZoneInfo(found.time_zone)
        code = found.settings.code
        return cls(
            valid=not found.action_required,
            action_required=[RequiredAction.of(problem) for problem in found.action_required],
            code_preview=code.generated(secrets.choice),
            possible_codes=code.possible,
            time_zone=found.time_zone,
            examples=_examples(found.settings, at, zone),
        )


class ChangeEffect(Answer):
    """What the change of one setting does to points already granted and to cards."""

    setting: str
    reach: str
    """KEPT: what was granted stays as it is; AT_ONCE: it changes for points of any age; REFUSED: it cannot change."""
    text: str

    @classmethod
    def of(cls, effect: Effect) -> "ChangeEffect":
        return cls(setting=effect.setting, reach=effect.reach, text=effect.text)


class ChangePreview(Answer):
    """What a change would mean. Nothing was written."""

    valid: bool
    """Whether PATCH would take it: a DRAFT may need action, other wallets may not."""
    action_required: list[RequiredAction]
    time_zone: str
    before: list[Example]
    """For points earned now, by the wallet as it is."""
    after: list[Example]
    """For points earned now, by the wallet as it would be."""
    granted: list[ChangeEffect]
    """For points already granted, by the settings that change; empty where none does."""

    @classmethod
    def of(cls, change: Change, at: int) -> "ChangePreview":
        zone = ZoneInfo(change.time_zone)
        return cls(
            valid=change.valid,
            action_required=[RequiredAction.of(problem) for problem in change.problems],
            time_zone=zone.key,
            before=_examples(change.before, at, zone),
            after=_examples(change.after, at, zone),
            granted=[ChangeEffect.of(effect) for effect in change.effects],
        )


class MappedField(Answer):
    from_: str = Field(alias="from", description="Path in the definition.")
    to: str
    """Path in the wallet's settings."""
    value: Any


class UnmappedField(Answer):
    from_: str = Field(alias="from", description="Path in the definition.")
    reason: str


class WalletImport(Answer):
    """The wallet that was made of a definition of another system's, and what became of each field."""

    wallet: Wallet | None
    """Null in a dry run."""
    settings: dict[str, Any]
    """As POST /v1/wallets takes them, each value written out."""
    action_required: list[RequiredAction]
    mapped: list[MappedField]
    unmapped: list[UnmappedField]

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
    return [Example.of(example) for example in domain.outlook(settings, at, zone)]
