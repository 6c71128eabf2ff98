"""Requests and answers about the project."""

from typing import Annotated

from pydantic import ConfigDict, Field

from loyalty.api.access import Role, Roles, rights_by_role
from loyalty.api.base import Answer, Request
from loyalty.api.fields import CURRENCY, TimeZone
from loyalty.api.schemas import Properties, Property
from loyalty.domain import project as domain


class MetadataSchemaInput(Request):
    """The properties in the metadata of wallets and of cards. Other properties are kept as they are."""

    wallet: Properties = Field(default_factory=list, description="The schema of the metadata of wallets.")
    card: Properties = Field(default_factory=list, description="The schema of the metadata of cards.")


class ProjectRequest(Request):
    """The whole project. The first active wallet fixes zone and currency."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "timeZone": "Europe/Berlin",
                    "currency": "EUR",
                    "metadataSchema": {
                        "wallet": [{"name": "region", "type": "STRING", "required": True}],
                        "card": [{"name": "store", "type": "STRING", "required": False}],
                    },
                    "roles": [{"role": "cashier", "scopes": ["cards:read", "points:credit"], "adjustmentMax": 500}],
                }
            ]
        }
    )

    time_zone: TimeZone = Field(description="The project's time zone, as a name of the IANA database.")
    currency: Annotated[str, Field(pattern=CURRENCY)] = Field(
        description="The project's currency, as an ISO 4217 code."
    )
    metadata_schema: MetadataSchemaInput = Field(
        default_factory=MetadataSchemaInput,
        description="The schemas of metadata; a schema that is left out becomes empty.",
    )

    roles: Roles = Field(
        default_factory=list,
        description="Roles beside the built-in roles, or that replace them. A role that is left out does not exist.",
    )

    @property
    def project(self) -> domain.Project:
        return domain.Project(
            self.time_zone,
            self.currency,
            wallet_schema=tuple(known.property for known in self.metadata_schema.wallet),
            card_schema=tuple(known.property for known in self.metadata_schema.card),
            roles=rights_by_role(self.roles),
        )


class MetadataSchema(Answer):
    """The properties in the metadata of wallets and of cards."""

    wallet: list[Property] = Field(description="The schema of the metadata of wallets.")
    card: list[Property] = Field(description="The schema of the metadata of cards.")


class Project(Answer):
    """The project: the time zone, currency and metadata schemas of all wallets, and the roles of API keys."""

    has_etag = True

    time_zone: str = Field(description="The project's time zone, as a name of the IANA database.")
    currency: str = Field(description="The project's currency, as an ISO 4217 code.")
    fixed: bool = Field(description="Whether zone and currency are fixed, because a wallet was active.")
    metadata_schema: MetadataSchema = Field(description="The schemas of the metadata of wallets and of cards.")
    roles: list[Role] = Field(description="All roles: the built-in roles, and those of the project.")
    version: int = Field(description="The number of changes, which is also the ETag; 0 before the first change.")

    @classmethod
    def of(cls, project: domain.Project) -> "Project":
        return cls(
            time_zone=project.time_zone,
            currency=project.currency,
            fixed=project.fixed,
            metadata_schema=MetadataSchema(
                wallet=[Property.of(known) for known in project.wallet_schema],
                card=[Property.of(known) for known in project.card_schema],
            ),
            roles=Role.all_of(project.roles),
            version=project.version,
        )
