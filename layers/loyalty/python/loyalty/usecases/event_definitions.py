"""Event definitions: the names of custom events, and the properties that they have."""

from collections.abc import Sequence
from datetime import datetime

from loyalty.domain.custom_event import EventDefinition
from loyalty.domain.dates import instant
from loyalty.domain.earning.event import RESERVED_PREFIX
from loyalty.domain.schema import Property
from loyalty.errors import EventDefinitionNotFound, ReservedName
from loyalty.store.store import Store
from loyalty.usecases import definitions


def define(store: Store, name: str, description: str, schema: Sequence[Property], at: datetime) -> EventDefinition:
    """Creates the definition, or replaces an existing one. Raises `ReservedName`."""
    require_own_name(name, "path.name")

    def version_of(version: int) -> EventDefinition:
        return EventDefinition(name, description, tuple(schema), version, instant(at))

    return definitions.save(store.event_definitions, name, version_of)


def read(store: Store, name: str) -> EventDefinition:
    return definitions.read(store.event_definitions, name, EventDefinitionNotFound)


def all_definitions(store: Store) -> list[EventDefinition]:
    """Returns all of them, in order of their names."""
    return list(store.event_definitions.all())


def require_own_name(name: str, field: str) -> None:
    """Raises `ReservedName` for the name of an event that only the product itself records."""
    if name.startswith(RESERVED_PREFIX):
        message = f"Names that begin with {RESERVED_PREFIX} belong to the product's own events. Use another name."
        raise ReservedName.of_field(field, message)
