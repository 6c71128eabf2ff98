"""A formula as a tree of parts, and its evaluation. Parts never change; one `Run` has all that is computed."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Protocol

from loyalty.domain.formulas.values import CONTEXT, comparable_number, number_in, working_number
from loyalty.errors import FormulaInputMissing, FormulaNotComputable

ORDER_AMOUNT = "ORDER_AMOUNT"
ORDER_METADATA = "ORDER_METADATA"
CARD_METADATA = "CARD_METADATA"

ARITHMETIC: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": CONTEXT.add,
    "-": CONTEXT.subtract,
    "*": CONTEXT.multiply,
    "/": CONTEXT.divide,
}
COMPARISONS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
    "=": eq,
    "!=": ne,
}
REDUCTIONS: dict[str, Callable[[Sequence[Decimal]], Decimal]] = {
    "MIN": min,
    "MAX": max,
    "FLOOR": lambda values: comparable_number(values[0]).to_integral_value(ROUND_FLOOR, CONTEXT),
    "CEIL": lambda values: comparable_number(values[0]).to_integral_value(ROUND_CEILING, CONTEXT),
}
"""Functions of numbers alone; all arguments are evaluated first."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of a formula: the order's amount in minor units, and metadata as JSON texts."""

    order_amount: int | None = None
    order_metadata: str | None = None
    card_metadata: str | None = None


@dataclass(slots=True)
class Run:
    """One evaluation: the inputs, and those of them that were used."""

    inputs: Inputs
    used: dict[str, Decimal] = field(default_factory=dict)
    _documents: dict[str, Any] = field(default_factory=dict)

    def raw_value(self, source: str, name: str) -> Any:
        """Returns the input as it was given; None if it is absent."""
        if source == ORDER_AMOUNT:
            return self.inputs.order_amount
        if source not in self._documents:
            text = self.inputs.order_metadata if source == ORDER_METADATA else self.inputs.card_metadata
            self._documents[source] = {} if text is None else json.loads(text, parse_float=Decimal)
        return self._documents[source].get(name)


@dataclass(frozen=True, slots=True)
class Place:
    """The place where a part begins, counted from 1: in the formula, or in the expression that the formula names."""

    position: int
    expression: str | None = None

    def __str__(self) -> str:
        return f"character {self.position}" + (f" of expression {self.expression}" if self.expression else "")

    @property
    def extensions(self) -> dict[str, Any]:
        """The place as fields of a problem document."""
        extensions = {"position": self.position}
        return {**extensions, "expression": self.expression} if self.expression else extensions


class Term(Protocol):
    """A part whose value is a number."""

    @property
    def place(self) -> Place: ...

    def value(self, run: Run) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class Number:
    place: Place
    number: Decimal

    def value(self, run: Run) -> Decimal:
        return self.number


@dataclass(frozen=True, slots=True)
class Input:
    place: Place
    source: str
    name: str = ""
    """The name of a property of metadata."""

    @property
    def label(self) -> str:
        return f'{self.source}("{self.name}")' if self.name else f"{self.source}()"

    @property
    def _field(self) -> str | None:
        """The field of the request with the input; None for the card's metadata, which a payment reads itself."""
        return {ORDER_AMOUNT: "body.order.amount", ORDER_METADATA: f"body.order.metadata.{self.name}"}.get(self.source)

    def value(self, run: Run) -> Decimal:
        given = run.raw_value(self.source, self.name)
        number = number_in(given)
        if number is None:
            lack = "is missing" if given is None else "is not a number that a formula can use"
            raise FormulaInputMissing.of_field(
                self._field, f"{self.label} at {self.place} {lack}.", input=self.label, **self.place.extensions
            )
        run.used[self.label] = number
        return number


@dataclass(frozen=True, slots=True)
class Negative:
    place: Place
    term: Term

    def value(self, run: Run) -> Decimal:
        return self.term.value(run).copy_negate()


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`place` is the place of the operator."""

    place: Place
    operator: str
    left: Term
    right: Term

    def value(self, run: Run) -> Decimal:
        left, right = self.left.value(run), self.right.value(run)
        if self.operator == "/" and not right:
            raise FormulaNotComputable(f"At {self.place} the formula divides by zero.", **self.place.extensions)
        value = working_number(ARITHMETIC[self.operator](left, right))
        if value is None:
            raise FormulaNotComputable(f"At {self.place} the result is beyond 10^18.", **self.place.extensions)
        return value


@dataclass(frozen=True, slots=True)
class Comparison:
    """The condition of a choice: true or false, not a number."""

    place: Place
    operator: str
    left: Term
    right: Term

    def is_true(self, run: Run) -> bool:
        return COMPARISONS[self.operator](
            comparable_number(self.left.value(run)), comparable_number(self.right.value(run))
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """IF: only the chosen part is evaluated."""

    place: Place
    condition: Comparison
    then: Term
    otherwise: Term

    def value(self, run: Run) -> Decimal:
        return (self.then if self.condition.is_true(run) else self.otherwise).value(run)


@dataclass(frozen=True, slots=True)
class Reduction:
    """MIN, MAX, FLOOR or CEIL of its arguments."""

    place: Place
    function: str
    arguments: tuple[Term, ...]

    def value(self, run: Run) -> Decimal:
        return REDUCTIONS[self.function]([argument.value(run) for argument in self.arguments])


@dataclass(frozen=True, slots=True)
class RoundedTerm:
    """ROUND: halves are rounded away from zero."""

    place: Place
    term: Term
    decimals: int

    def value(self, run: Run) -> Decimal:
        value = comparable_number(self.term.value(run))
        return value.quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP, CONTEXT)
