"""Named formulas that a project's wallets share."""

from collections.abc import Iterator

from loyalty.domain.formulas.expression import ExpressionDefinition
from loyalty.store import keys
from loyalty.store.attributes import SCHEMA, Item, number, string
from loyalty.store.table import Table, put


class ExpressionStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, name: str) -> ExpressionDefinition | None:
        item = self._table.get(keys.EXPRESSIONS, keys.expression(name))
        return _from(item) if item else None

    def all(self) -> Iterator[ExpressionDefinition]:
        """In order of their names."""
        return map(_from, self._table.query("pk = :pk", {":pk": string(keys.EXPRESSIONS)}))

    def save(self, definition: ExpressionDefinition) -> None:
        """A new expression, or the next version of one; `Cancelled` where another came first."""
        item: Item = {
            "pk": string(keys.EXPRESSIONS),
            "sk": string(keys.expression(definition.name)),
            "s": string(SCHEMA),
            "v": number(definition.version),
            "f": string(definition.formula),
            "d": string(definition.description),
            "u": number(definition.updated_at),
        }
        if definition.version == 1:
            self._table.transact([put("expression", item)])
        else:
            self._table.transact([put("expression", item, "v = :v", {":v": number(definition.version - 1)})])


def _from(item: Item) -> ExpressionDefinition:
    return ExpressionDefinition(
        name=keys.after_first_hash(item["sk"]["S"]),
        formula=item["f"]["S"],
        description=item["d"]["S"],
        version=int(item["v"]["N"]),
        updated_at=int(item["u"]["N"]),
    )
