"""Requests and answers about the project."""

from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from loyalty.api.base import Answer, Request
from loyalty.api.schemas import Properties, Property
from loyalty.domain import project as domain


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise PydanticCustomError("time_zone", "Send a time zone of the IANA database, such as Europe/Berlin.")
    return name


class MetadataSchemaInput(Request):
    """The properties in the metadata of wallets and of cards. Other properties are kept as they are."""

    wallet: Properties = Field(default_factory=list)
    card: Properties = Field(default_factory=list)


class ProjectRequest(Request):
    """The whole project. A schema that is left out is empty. The first active wallet fixes zone and currency."""

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

    time_zone: Annotated[str, AfterValidator(_known_zone), Field(max_length=64)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    metadata_schema: MetadataSchemaInput = Field(default_factory=MetadataSchemaInput)

    @property
    def project(self) -> domain.Project:
        return domain.Project(
            self.time_zone,
            self.currency,
            wallet_schema=tuple(known.property for known in self.metadata_schema.wallet),
            card_schema=tuple(known.property for known in self.metadata_schema.card),
        )


class MetadataSchema(Answer):
    wallet: list[Property]
    card: list[Property]


class Project(Answer):
    """The project. `fixed`: a wallet was active, so zone and currency stay. `version` is 0 before the first change."""

    time_zone: str
    currency: str
    fixed: bool
    metadata_schema: MetadataSchema
    version: int

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
