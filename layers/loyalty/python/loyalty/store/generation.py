"""The generation: a number that rises with every change of the definitions that events are evaluated with.

An environment reads the definitions again only if the number has changed.
"""

from loyalty.store import keys
from loyalty.store.attributes import Item, int_from, number, string
from loyalty.store.table import Table, WriteAction, update

LABEL = "generation"
KEY: Item = {"pk": string(keys.LIVE), "sk": string(keys.GENERATION)}


def current_generation(table: Table) -> int:
    """Returns the generation; 0 before the first change."""
    return int_from(table.get(keys.LIVE, keys.GENERATION) or {}, "g")


def generation_rise(read: int | None = None) -> WriteAction:
    """Returns the write that raises the generation.

    With `read`, the write fails under the label `generation` if the generation has risen since it was read.
    """
    values: Item = {":none": number(0), ":one": number(1)}
    if read is None:
        condition = "attribute_not_exists(g) OR g > :none"
    elif read == 0:
        condition = "attribute_not_exists(g)"
    else:
        condition = "g = :read"
        values[":read"] = number(read)
    return update(LABEL, KEY, "SET g = if_not_exists(g, :none) + :one", condition, values)
