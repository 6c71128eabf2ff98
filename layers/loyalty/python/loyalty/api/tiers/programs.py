"""Requests and answers about programs."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints

from loyalty.api import answered
from loyalty.api.base import Answer, Request
from loyalty.api.fields import CARD_CODE, ID_MAX, Id, Metadata, Name
from loyalty.domain.dates import datetime_of
from loyalty.domain.schema import metadata_text
from loyalty.domain.tiers import program as domain
from loyalty.domain.tiers.program import WALLETS_MAX, ProgramStatus
from loyalty.domain.tiers.recalculation import Recalculation, RecalculationStatus
from loyalty.usecases.programs.programs import ProgramSettings

SETTINGS: dict[str, Any] = {
    "name": "Coffee club",
    "description": "For everyone",
    "wallets": [{"walletId": "wal_5f3c8a2b9d1e4f7a6b0c", "tierStructureId": "trs_0c4a7d1e9b2f5a8c3d6e"}],
    "metadata": {"team": "crm"},
}
ProgramId = Annotated[str, StringConstraints(pattern=CARD_CODE, max_length=ID_MAX)]


class ProgramWalletInput(Request):
    """A wallet of the program."""

    wallet_id: Id = Field(description="The wallet. It belongs to any number of programs.")
    tier_structure_id: Id | None = Field(
        default=None,
        description="The tier structure that the points of this wallet decide about. A program has at most one.",
    )


class ProgramSettingsRequest(Request):
    """The settings of a program."""

    description: Annotated[str, StringConstraints(max_length=1_000)] | None = Field(
        default=None, description="What the program is for."
    )
    wallets: Annotated[list[ProgramWalletInput], Field(max_length=WALLETS_MAX)] | None = Field(
        default=None, description="The wallets of the program. A program refers to wallets and never copies them."
    )
    metadata: Metadata | None = Field(default=None, description="Your own data about the program.")

    def settings(self, name: str | None) -> ProgramSettings:
        """Returns the settings that the request names; null sets the default."""
        named = self.model_fields_set
        wallets = tuple(domain.ProgramWallet(one.wallet_id, one.tier_structure_id) for one in self.wallets or ())
        return ProgramSettings(
            name=name,
            description=self.description or "" if "description" in named else None,
            wallets=wallets if "wallets" in named else None,
            metadata=metadata_text(self.metadata or {}) if "metadata" in named else None,
        )


class ProgramCreateRequest(ProgramSettingsRequest):
    """A program to create. Settings that are left out or null get their defaults."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"programId": "club", "status": "ACTIVE", **SETTINGS}]})

    program_id: ProgramId | None = Field(
        default=None, description="Your id of the program; without one, the product makes an id."
    )
    name: Name = Field(description="The name of the program.")
    status: Literal[ProgramStatus.ACTIVE, ProgramStatus.DRAFT] = Field(
        default=ProgramStatus.ACTIVE, description="DRAFT saves a program that has no effect yet."
    )


class ProgramUpdateRequest(ProgramSettingsRequest):
    """The settings to change. Settings that are left out keep their values, and null sets the default."""

    model_config = ConfigDict(json_schema_extra={"examples": [SETTINGS]})

    # A name cannot be null, because it has no default.
    name: Name = Field(default_factory=str, description="The name of the program.")


class WalletAssignmentRequest(Request):
    """How the wallet belongs to the program."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"tierStructureId": "trs_0c4a7d1e9b2f5a8c3d6e"}]})

    tier_structure_id: Id | None = Field(
        default=None,
        description=(
            "The tier structure that the points of this wallet decide about; without one, the wallet has none in this "
            "program."
        ),
    )


class ProgramWallet(Answer):
    """A wallet of the program."""

    wallet_id: answered.WalletId
    tier_structure_id: str | None = Field(
        description="The tier structure that the points of this wallet decide about; null for none."
    )


class Program(Answer):
    """A program."""

    has_etag = True
    has_location = True

    program_id: answered.ProgramId
    version: int = Field(description="The number of the program's version, which is also the ETag.")
    status: ProgramStatus = Field(
        description="The stage in the life of the program: only an ACTIVE program has an effect."
    )
    name: str = Field(description="The name of the program.")
    description: str = Field(description="What the program is for; an empty text by default.")
    wallets: list[ProgramWallet] = Field(description="The wallets of the program, in the order of assignment.")
    metadata: dict[str, Any] = Field(description="Your own data about the program.")
    created_at: answered.CreatedAt
    created_by: str = Field(description="The id of the API key that created the program.")
    updated_at: answered.SavedAt

    @classmethod
    def of(cls, program: domain.Program) -> Self:
        wallets = [
            ProgramWallet(wallet_id=one.wallet_id, tier_structure_id=one.structure_id) for one in program.wallets
        ]
        return cls(
            program_id=program.program_id,
            version=program.version,
            status=program.status,
            name=program.name,
            description=program.description,
            wallets=wallets,
            metadata=json.loads(program.metadata),
            created_at=datetime_of(program.created_at),
            created_by=program.created_by,
            updated_at=datetime_of(program.updated_at),
        )


class ProgramList(Answer):
    """A page of programs."""

    data: list[Program] = Field(description="The programs of the page, in the order of their ids.")
    next_cursor: answered.NextCursor


class TierRecalculation(Answer):
    """The computation of the tiers of all members, after a tier structure was attached or changed."""

    wallet_id: answered.WalletId
    wallet_version: int = Field(description="The version of the wallet that attached or changed the tier structure.")
    tier_structure_id: answered.TierStructureId
    status: RecalculationStatus = Field(description="Whether members still get their tier.")
    shards: int = Field(description="The number of parts in which the members are read.")
    finished_shards: int = Field(description="The parts that are finished. The counts are those of finished parts.")
    members: int = Field(description="The members that were read.")
    calculated: int = Field(description="The members whose tier was computed from their transactions.")
    changed: int = Field(
        description="Other members with a new transaction: the tier structure or time has changed their tier or points."
    )
    started_at: datetime = Field(description="The instant of the change. Work on members begins 30 seconds later.")
    completed_at: datetime | None = Field(description="Null while the recalculation is not completed.")

    @classmethod
    def of(cls, run: Recalculation) -> Self:
        return cls(
            wallet_id=run.identity.wallet_id,
            wallet_version=run.identity.wallet_version,
            tier_structure_id=run.structure_id,
            status=run.status,
            shards=run.shards,
            finished_shards=len(run.finished),
            members=run.counts.seen,
            calculated=run.counts.calculated,
            changed=run.counts.changed,
            started_at=datetime_of(run.identity.started_at),
            completed_at=datetime_of(run.completed_at) if run.completed_at else None,
        )


class TierRecalculationList(Answer):
    """A page of a program's recalculations, newest first."""

    data: list[TierRecalculation] = Field(description="The recalculations of the page, newest first.")
    next_cursor: answered.NextCursor
