"""The custom events that a project knows."""

import json
from collections.abc import Iterator

from loyalty.domain.custom_event import EventDefinition
from loyalty.store import keys
from loyalty.store.attributes import SCHEMA, Item, number, string
from loyalty.store.schemas import schema_from, schema_json
from loyalty.store.table import Table, put


class EventDefinitionStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, name: str) -> EventDefinition | None:
        item = self._table.get(keys.EVENTS, keys.event_definition(name))
        return _from(item) if item else None

    def all(self) -> Iterator[EventDefinition]:
        """In order of their names."""
        return map(_from, self._table.query("pk = :pk", {":pk": string(keys.EVENTS)}))

    def save(self, definition: EventDefinition) -> None:
        """A new definition, or the next version of one; `Cancelled` where another came first."""
        item: Item = {
            "pk": string(keys.EVENTS),
            "sk": string(keys.event_definition(definition.name)),
            "s": string(SCHEMA),
            "v": number(definition.version),
            "d": string(definition.description),
            "sch": string(json.dumps(schema_json(definition.schema))),
            "u": number(definition.updated_at),
        }
        if definition.version == 1:
            self._table.transact([put("definition", item)])
        else:
            self._table.transact([put("definition", item, "v = :v", {":v": number(definition.version - 1)})])


def _from(item: Item) -> EventDefinition:
    return EventDefinition(
        name=keys.after_first_hash(item["sk"]["S"]),
        description=item["d"]["S"],
        schema=schema_from(json.loads(item["sch"]["S"])),
        version=int(item["v"]["N"]),
        updated_at=int(item["u"]["N"]),
    )
