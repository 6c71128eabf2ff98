"""The numbers of formulas: at most 10^18 in both directions, computed to 36 decimals, answered with 18."""

import re
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

DIGITS_MAX = 18
"""The most digits of a number on either side of the point."""
VALUE_MAX = Decimal(10) ** DIGITS_MAX
WORKING_STEP = Decimal(1).scaleb(-36)
COMPARISON_STEP = Decimal(1).scaleb(-20)
RESULT_STEP = Decimal(1).scaleb(-DIGITS_MAX)
CONTEXT = Context(
    # A product of two values has at most 110 digits: results are exact until `working_number` rounds them.
    prec=160,
    rounding=ROUND_HALF_EVEN,
    Emin=-199,
    Emax=199,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[InvalidOperation, DivisionByZero, Overflow],
)

PLAIN_NUMBER = re.compile(r"-?[0-9]{1,19}(\.[0-9]{1,18})?", re.ASCII)


def working_number(value: Decimal) -> Decimal | None:
    """Returns the number to 36 decimals; None if it is beyond the range of formulas."""
    if not value.is_finite() or value.copy_abs() > VALUE_MAX:
        return None
    return value if _decimals(value) <= _decimals(WORKING_STEP) else _round(value, WORKING_STEP)


def comparable_number(value: Decimal) -> Decimal:
    """Returns the number without the noise of divisions, for comparing and rounding: three times a third is 1."""
    return value if _decimals(value) <= _decimals(COMPARISON_STEP) else _round(value, COMPARISON_STEP)


def result_number(value: Decimal) -> Decimal:
    """Returns the number cut to 18 decimals: at two thirds of a point, 3 units take 2 points, not 3."""
    value = comparable_number(value)
    return value if _decimals(value) <= DIGITS_MAX else value.quantize(RESULT_STEP, ROUND_DOWN, CONTEXT)


def number_in(value: Any) -> Decimal | None:
    """Returns the number in a parsed JSON value: an integer, a `Decimal`, or a text of plain digits; else None.

    true and false are not numbers. Shops often send amounts as text, which keeps their decimals.
    """
    if isinstance(value, str):
        return working_number(Decimal(value)) if PLAIN_NUMBER.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return working_number(Decimal(value))


def plain(value: Decimal) -> str:
    """Returns the number in digits, without exponent or trailing zeros: `0.5`, `-1250`."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _round(value: Decimal, step: Decimal) -> Decimal:
    return value.quantize(step, context=CONTEXT)


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int), "the numbers of formulas are finite"
    return -exponent
