"""Requests and answers about the project."""

from typing import Annotated

from pydantic import ConfigDict, Field

from loyalty.api.base import Answer, Request
from loyalty.api.fields import TimeZone
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
                }
            ]
        }
    )

    time_zone: TimeZone = Field(description="The project's time zone, as a name of the IANA database.")
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = Field(
        description="The project's currency, as an ISO 4217 code."
    )
    metadata_schema: MetadataSchemaInput = Field(
        default_factory=MetadataSchemaInput,
        description="The schemas of metadata; a schema that is left out becomes empty.",
    )

    @property
    def project(self) -> domain.Project:
        return domain.Project(
            self.time_zone,
            self.currency,
            wallet_schema=tuple(known.property for known in self.metadata_schema.wallet),
            card_schema=tuple(known.property for known in self.metadata_schema.card),
        )


class MetadataSchema(Answer):
    """The properties in the metadata of wallets and of cards."""

    wallet: list[Property] = Field(description="The schema of the metadata of wallets.")
    card: list[Property] = Field(description="The schema of the metadata of cards.")


class Project(Answer):
    """The project: the time zone, currency and metadata schemas of all wallets."""

    time_zone: str = Field(description="The project's time zone, as a name of the IANA database.")
    currency: str = Field(description="The project's currency, as an ISO 4217 code.")
    fixed: bool = Field(description="Whether zone and currency are fixed, because a wallet was active.")
    metadata_schema: MetadataSchema
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
            version=project.version,
        )
