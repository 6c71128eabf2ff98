"""Named formulas: stored for all wallets, and copied by each wallet whose formula names one."""

from collections.abc import Sequence
from datetime import datetime

from loyalty.domain.dates import instant
from loyalty.domain.formulas.expression import Expression, ExpressionDefinition
from loyalty.domain.formulas.parser import Formula, Result, expression_names, formula_from
from loyalty.domain.formulas.tree import Inputs
from loyalty.errors import ExpressionNotFound
from loyalty.store.store import Store
from loyalty.usecases import definitions


def save(store: Store, name: str, formula: str, description: str, at: datetime) -> ExpressionDefinition:
    """Creates the expression, or replaces an existing one. Wallets that copied it keep their copy.

    Raises `InvalidFormula` if the formula is not valid or names another expression.
    """
    formula_from(formula, None)

    def version_of(version: int) -> ExpressionDefinition:
        return ExpressionDefinition(name, formula, description, version, instant(at))

    return definitions.save(store.expressions, name, version_of)


def read(store: Store, name: str) -> ExpressionDefinition:
    return definitions.read(store.expressions, name, ExpressionNotFound)


def expression_copies(store: Store, formula: str, copies: Sequence[Expression] = ()) -> tuple[Expression, ...]:
    """Returns the existing expressions that the formula names: the copies, or else the expressions as they are now."""
    known = {copy.name: copy for copy in copies}
    for name in expression_names(formula):
        definition = None if name in known else store.expressions.get(name)
        if definition:
            known[name] = Expression(name, definition.formula, definition.version)
    return tuple(known.values())


def all_expressions(store: Store) -> list[ExpressionDefinition]:
    """All of them, in order of their names."""
    return list(store.expressions.all())


def evaluate(store: Store, formula: str, inputs: Inputs) -> tuple[Formula, Result]:
    """The formula with the expressions that it names as they are now, and what it gives for the inputs."""
    whole = formula_from(formula, expression_copies(store, formula))
    return whole, whole.evaluate(inputs)
