"""The functions of formulas, for the parser and for the builders of formulas."""

from dataclasses import dataclass
from enum import StrEnum

from loyalty.domain.formulas.tree import CARD_METADATA, ORDER_AMOUNT, ORDER_METADATA


class ParameterKind(StrEnum):
    """The kind of value that a formula gives to a parameter."""

    NUMBER = "NUMBER"
    CONDITION = "CONDITION"
    """A comparison of two numbers."""
    DECIMALS = "DECIMALS"
    """A number of 0 to 18, as digits."""
    NAME = "NAME"
    """A text in double quotes."""


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    kind: ParameterKind = ParameterKind.NUMBER
    optional: bool = False
    repeats: bool = False
    """Whether the parameter may be repeated."""


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    parameters: tuple[Parameter, ...]
    description: str
    example: str


EXPRESSION = "EXPRESSION"
IF = "IF"
ROUND = "ROUND"
_NUMBERS = (Parameter("number", repeats=True),)
_NUMBER = (Parameter("number"),)
_PROPERTY = (Parameter("property", ParameterKind.NAME),)

FUNCTIONS = {
    function.name: function
    for function in (
        Function("MIN", _NUMBERS, "The smallest of the numbers.", "MIN(ORDER_AMOUNT(), 500)"),
        Function("MAX", _NUMBERS, "The largest of the numbers.", 'MAX(1, ORDER_METADATA("rate"))'),
        Function(
            ROUND,
            (Parameter("number"), Parameter("decimals", ParameterKind.DECIMALS, optional=True)),
            "The number rounded to the given decimals, or to a whole number; halves are rounded away from zero.",
            "ROUND(2 / 3, 2)",
        ),
        Function("FLOOR", _NUMBER, "The largest whole number that is not above the number.", "FLOOR(-1.5)"),
        Function("CEIL", _NUMBER, "The smallest whole number that is not below the number.", "CEIL(1.2)"),
        Function(
            IF,
            (Parameter("condition", ParameterKind.CONDITION), Parameter("then"), Parameter("otherwise")),
            "One of two numbers. The number that is not chosen is not computed and needs no input.",
            "IF(ORDER_AMOUNT() >= 10000, 0.8, 1)",
        ),
        Function(ORDER_AMOUNT, (), "The order's amount in minor units.", "ORDER_AMOUNT() / 100"),
        Function(ORDER_METADATA, _PROPERTY, "A number of the order's metadata.", 'ORDER_METADATA("rate")'),
        Function(CARD_METADATA, _PROPERTY, "A number of the card's metadata.", '1 / CARD_METADATA("level")'),
        Function(
            EXPRESSION,
            (Parameter("name", ParameterKind.NAME),),
            "The result of the formula with this name, as it was when the wallet was saved.",
            '2 * EXPRESSION("base.rate")',
        ),
    )
}
"""Functions by their name. Formulas may write a name in any case."""
