"""Requests and answers about tier structures."""

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, JsonValue

from loyalty.api import answered
from loyalty.api.base import BY_VALUE, Answer, Request
from loyalty.api.earning.settings import Factor
from loyalty.api.fields import Id, Metadata, Name, PeriodInput
from loyalty.api.shown import Shown, setting
from loyalty.domain.cards.card import BALANCE_MAX
from loyalty.domain.dates import CalendarUnit, datetime_of
from loyalty.domain.tiers.document import structure_json
from loyalty.domain.tiers.structure import TierBasis, TierDowngrade, TierUpgrade, TierValidity
from loyalty.domain.tiers.structure_version import ENTITLEMENTS_MAX, LEVELS_MAX, StructureVersion

CLUB: dict[str, JsonValue] = {
    "name": "Club",
    "type": "POINTS_EARNED",
    "period": "YEAR",
    "upgrade": "IMMEDIATELY",
    "validity": "NEXT_PERIOD",
    "downgrade": "MULTI_LEVEL",
    "grace": {"every": 30, "unit": "DAY"},
    "levels": [
        {
            "tierId": "member",
            "name": "Member",
            "from": 0,
            "keepForever": True,
            "benefits": {"multiplier": "1.5", "entitlements": ["free_shipping"], "metadata": {"color": "gold"}},
        }
    ],
}

PeriodOfPoints = Literal[CalendarUnit.MONTH, CalendarUnit.QUARTER, CalendarUnit.YEAR]


class BenefitsInput(Request):
    """What customers of the tier have."""

    multiplier: Factor | None = Field(
        default=None, description="The factor for the points of campaigns, as a decimal text; null for none."
    )
    entitlements: list[Id] = Field(
        default_factory=list, max_length=ENTITLEMENTS_MAX, description="Keys of rights, such as `free_shipping`."
    )
    metadata: Metadata = Field(default_factory=dict, description="Your own data about the benefits.")


class LevelInput(Request):
    """A tier, and the points from which customers have it."""

    tier_id: Id = Field(description="Your id of the tier. A tier keeps its id when its name or its points change.")
    name: Name = Field(description="The name of the tier.")
    from_: int = Field(alias="from", ge=0, le=BALANCE_MAX, description="The fewest points of the tier.")
    keep_forever: bool = Field(
        default=False, description="Whether a customer who reached the tier never falls below it."
    )
    benefits: BenefitsInput = Field(
        default_factory=BenefitsInput, description="What customers have because of the tier; nothing, by default."
    )


class StructureSettingsRequest(Request):
    """The settings of a tier structure."""

    upgrade: Annotated[TierUpgrade, BY_VALUE] | None = Field(
        default=None,
        description=(
            "POINTS_EARNED: when a customer with enough points gets a tier. IMMEDIATELY (default): at once. "
            "NEXT_PERIOD: at the end of the period."
        ),
    )
    validity: Annotated[TierValidity, BY_VALUE] | None = Field(
        default=None,
        description=(
            "POINTS_EARNED: until when a tier that is reached at once is valid. NEXT_PERIOD (default): to the end of "
            "the next period. CURRENT_PERIOD: to the end of this period."
        ),
    )
    downgrade: Annotated[TierDowngrade, BY_VALUE] | None = Field(
        default=None,
        description=(
            "How far a customer falls who has too few points. MULTI_LEVEL (default): to the tier of the points. "
            "SINGLE_LEVEL: one tier. NO_DOWNGRADE: not at all."
        ),
    )
    grace: PeriodInput | None = Field(
        default=None,
        description=(
            "How long a customer keeps a tier with too few points: at most 366 DAY or 12 MONTH. None by default."
        ),
    )

    def document(self) -> dict[str, Any]:
        """Returns the settings that the request names."""
        return self.model_dump(mode="json", by_alias=True, include=self.model_fields_set)


class TierStructureCreateRequest(StructureSettingsRequest):
    """A tier structure to create. Settings that are left out or null get their defaults."""

    model_config = ConfigDict(json_schema_extra={"examples": [CLUB]})

    name: Name = Field(description="The name of the tier structure.")
    type: Annotated[TierBasis, BY_VALUE] = Field(
        description=(
            "POINTS_EARNED: points that became active in the period decide. POINT_BALANCE: the present points of the "
            "card decide. Fixed while a wallet has the structure."
        )
    )
    period: PeriodOfPoints = Field(
        default=CalendarUnit.YEAR,
        description="POINTS_EARNED: the calendar period in which points count. Fixed while a wallet has the structure.",
    )
    levels: list[LevelInput] = Field(
        min_length=1, max_length=LEVELS_MAX, description="The tiers, rising by their points."
    )

    def document(self) -> dict[str, Any]:
        """Returns the settings, with the default of a period that is left out."""
        return {**super().document(), "period": self.period.value}


class TierStructureUpdateRequest(StructureSettingsRequest):
    """The settings to change. Settings that are left out keep their values, and null sets the default."""

    model_config = ConfigDict(json_schema_extra={"examples": [CLUB]})

    # These settings cannot be null, because they have no default.
    name: Name = Field(default_factory=str, description="The name of the tier structure.")
    type: Annotated[TierBasis, BY_VALUE] = Field(
        default=TierBasis.POINTS_EARNED, description="Fixed while a wallet has the structure."
    )
    period: PeriodOfPoints = Field(
        default=CalendarUnit.YEAR, description="Fixed while a wallet has a structure that counts points of periods."
    )
    levels: list[LevelInput] = Field(
        default_factory=list, min_length=1, max_length=LEVELS_MAX, description="The tiers, rising by their points."
    )


class TierStructure(Answer):
    """A tier structure with its settings, which TierStructureCreateRequest describes."""

    has_etag = True
    has_location = True

    tier_structure_id: answered.TierStructureId
    version: int = Field(description="The number of the tier structure's version, which is also the ETag.")
    name: str = setting(TierStructureCreateRequest, "name")
    type: TierBasis = setting(TierStructureCreateRequest, "type")
    period: PeriodOfPoints = setting(TierStructureCreateRequest, "period")
    upgrade: TierUpgrade = setting(TierStructureCreateRequest, "upgrade")
    validity: TierValidity = setting(TierStructureCreateRequest, "validity")
    downgrade: TierDowngrade = setting(TierStructureCreateRequest, "downgrade")
    grace: Annotated[dict[str, Any], Shown(PeriodInput)] | None = setting(TierStructureCreateRequest, "grace")
    levels: list[Annotated[dict[str, Any], Shown(LevelInput, nulls=True)]] = setting(
        TierStructureCreateRequest, "levels"
    )
    created_at: answered.CreatedAt
    created_by: str = Field(description="The id of the API key that created the tier structure.")
    updated_at: answered.SavedAt

    @classmethod
    def of(cls, found: StructureVersion) -> Self:
        return cls(
            **structure_json(found.structure),
            tier_structure_id=found.structure_id,
            version=found.version,
            created_at=datetime_of(found.created_at),
            created_by=found.created_by,
            updated_at=datetime_of(found.updated_at),
        )


class TierStructureList(Answer):
    """A page of tier structures."""

    data: list[TierStructure] = Field(description="The tier structures of the page, in the order of their ids.")
    next_cursor: answered.NextCursor
