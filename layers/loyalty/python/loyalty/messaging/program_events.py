"""Events on the bus of programs: one for each version of a program and of a tier structure."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from loyalty.domain.dates import datetime_of
from loyalty.domain.tiers.program import Program
from loyalty.domain.tiers.structure_version import StructureVersion
from loyalty.messaging.events import Detail, Event


class EventProgramWallet(BaseModel):
    """A wallet of a program."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, frozen=True)

    wallet_id: str = Field(description="The id of the wallet.")
    tier_structure_id: str | None = Field(description="The tier structure that the points of the wallet decide about.")


class ProgramEvent(Detail):
    """A new version of a program."""

    program_id: str = Field(description="The id of the program.")
    version: int = Field(description="The number of the version.")
    status: str = Field(description="The status of the program.")
    name: str = Field(description="The name of the program.")
    wallets: list[EventProgramWallet] = Field(description="The wallets of the program.")
    actor: str = Field(description="The id of the API key that made the change.")
    changed_at: datetime = Field(description="The instant of the change.")


class TierStructureEvent(Detail):
    """A new version of a tier structure."""

    tier_structure_id: str = Field(description="The id of the tier structure.")
    version: int = Field(description="The number of the version.")
    name: str = Field(description="The name of the tier structure.")
    type: str = Field(description="What decides about a tier: POINTS_EARNED or POINT_BALANCE.")
    actor: str = Field(description="The id of the API key that made the change.")
    changed_at: datetime = Field(description="The instant of the change.")


PROGRAM_TYPES = ("Created", "Changed", "Activated", "Deactivated")
STRUCTURE_TYPES = ("Created", "Changed")
PROGRAM_DETAILS: dict[str, type[Detail]] = {
    **{f"Program {change}": ProgramEvent for change in PROGRAM_TYPES},
    **{f"Tier Structure {change}": TierStructureEvent for change in STRUCTURE_TYPES},
}
"""Every detail type of programs with its model."""


def program_event(program: Program) -> Event:
    changed_at = datetime_of(program.updated_at)
    detail = ProgramEvent(
        event_id=f"{program.program_id}.v{program.version}",
        program_id=program.program_id,
        version=program.version,
        status=program.status,
        name=program.name,
        wallets=[
            EventProgramWallet(wallet_id=one.wallet_id, tier_structure_id=one.structure_id) for one in program.wallets
        ],
        actor=program.changed_by,
        changed_at=changed_at,
    )
    return Event(detail_type=f"Program {program.change}", time=changed_at, detail=detail)


def structure_event(found: StructureVersion) -> Event:
    changed_at = datetime_of(found.updated_at)
    detail = TierStructureEvent(
        event_id=f"{found.structure_id}.v{found.version}",
        tier_structure_id=found.structure_id,
        version=found.version,
        name=found.structure.name,
        type=found.structure.type,
        actor=found.changed_by,
        changed_at=changed_at,
    )
    return Event(detail_type=f"Tier Structure {found.change}", time=changed_at, detail=detail)
