"""Versioned definitions by name: one partition for each kind, one item for each name. The newest version is kept."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar, Generic, TypeVar

from loyalty.domain.custom_event import EventDefinition
from loyalty.domain.definition import Definition
from loyalty.domain.formulas.expression import ExpressionDefinition
from loyalty.store import keys
from loyalty.store.attributes import ITEM_FORM, Item, number, string
from loyalty.store.generation import generation_rise
from loyalty.store.schemas import schema_from, schema_json
from loyalty.store.table import Table, WriteAction, put

D = TypeVar("D", bound=Definition)


class DefinitionStore(ABC, Generic[D]):
    """A kind of definition. A subclass says where its items are and what they have besides name and version."""

    noun: ClassVar[str]
    """The kind in a sentence."""
    partition: ClassVar[str]

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, name: str) -> D | None:
        item = self._table.get(self.partition, self.sort_key(name))
        return self.unpack(item) if item else None

    def all(self) -> Iterator[D]:
        """Returns all definitions in the order of their names."""
        return map(self.unpack, self._table.query("pk = :pk", {":pk": string(self.partition)}))

    def save(self, definition: D) -> None:
        """A new definition, or the next version of one; `TransactionCanceled` after a lost race."""
        item: Item = {
            "pk": string(self.partition),
            "sk": string(self.sort_key(definition.name)),
            "s": string(ITEM_FORM),
            "v": number(definition.version),
            "u": number(definition.updated_at),
            **self.pack(definition),
        }
        if definition.version == 1:
            write = put("definition", item)
        else:
            write = put("definition", item, "v = :v", {":v": number(definition.version - 1)})
        self._table.transact([write, *self.companions()])

    def companions(self) -> list[WriteAction]:
        """The writes that belong to every save of a definition of this kind."""
        return []

    @abstractmethod
    def sort_key(self, name: str) -> str: ...

    @abstractmethod
    def pack(self, definition: D) -> Item:
        """The attributes that only this kind has."""

    @abstractmethod
    def unpack(self, item: Item) -> D: ...


class EventDefinitionStore(DefinitionStore[EventDefinition]):
    noun = "the event definition"
    partition = keys.EVENTS

    def sort_key(self, name: str) -> str:
        return keys.event_definition(name)

    def companions(self) -> list[WriteAction]:
        return [generation_rise()]

    def pack(self, definition: EventDefinition) -> Item:
        schema = json.dumps(schema_json(definition.schema))
        return {"d": string(definition.description), "sch": string(schema)}

    def unpack(self, item: Item) -> EventDefinition:
        return EventDefinition(
            name=keys.after_first_hash(item["sk"]["S"]),
            description=item["d"]["S"],
            schema=schema_from(json.loads(item["sch"]["S"])),
            version=int(item["v"]["N"]),
            updated_at=int(item["u"]["N"]),
        )


class ExpressionStore(DefinitionStore[ExpressionDefinition]):
    noun = "the expression"
    partition = keys.EXPRESSIONS

    def sort_key(self, name: str) -> str:
        return keys.expression(name)

    def pack(self, definition: ExpressionDefinition) -> Item:
        return {"f": string(definition.formula), "d": string(definition.description)}

    def unpack(self, item: Item) -> ExpressionDefinition:
        return ExpressionDefinition(
            name=keys.after_first_hash(item["sk"]["S"]),
            formula=item["f"]["S"],
            description=item["d"]["S"],
            version=int(item["v"]["N"]),
            updated_at=int(item["u"]["N"]),
        )
