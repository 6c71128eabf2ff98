"""Named formulas: kept for all wallets, and copied into each formula that names one."""

from collections.abc import Sequence
from datetime import datetime

from loyalty.domain.dates import instant
from loyalty.domain.formulas.expression import Expression, ExpressionDefinition
from loyalty.domain.formulas.parser import Formula, Result, compiled, expression_names
from loyalty.domain.formulas.tree import Inputs
from loyalty.errors import Busy, ExpressionNotFound
from loyalty.retry import attempts
from loyalty.store.store import Store
from loyalty.store.table import Cancelled


def save(store: Store, name: str, formula: str, description: str, at: datetime) -> ExpressionDefinition:
    """The expression as given, new or changed; `InvalidFormula` where its formula is none or names another expression.

    Wallets that copied it keep their copy.
    """
    compiled(formula, None)
    for _ in attempts():
        known = store.expressions.get(name)
        version = known.version + 1 if known else 1
        definition = ExpressionDefinition(name, formula, description, version, instant(at))
        try:
            store.expressions.save(definition)
        except Cancelled:
            continue
        return definition
    raise Busy("Others kept changing the expression.")


def read(store: Store, name: str) -> ExpressionDefinition:
    found = store.expressions.get(name)
    if found is None:
        raise ExpressionNotFound(f"There is no expression {name}.")
    return found


def copied(store: Store, formula: str, copies: Sequence[Expression] = ()) -> tuple[Expression, ...]:
    """What the formula names of the expressions that exist: as already copied, else as they are now."""
    known = {copy.name: copy for copy in copies}
    for name in expression_names(formula):
        definition = None if name in known else store.expressions.get(name)
        if definition:
            known[name] = Expression(name, definition.formula, definition.version)
    return tuple(known.values())


def listed(store: Store) -> list[ExpressionDefinition]:
    """All of them, in order of their names."""
    return list(store.expressions.all())


def evaluate(store: Store, formula: str, inputs: Inputs) -> tuple[Formula, Result]:
    """The formula with the expressions that it names as they are now, and what it gives for the inputs."""
    whole = compiled(formula, copied(store, formula))
    return whole, whole.evaluated(inputs)
