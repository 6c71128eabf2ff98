"""Cursors of lists."""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from loyalty.api.fields import CUSTOMER_ID
from loyalty.errors import FieldProblem, InvalidCursor
from loyalty.http.gateway import canonical

POSITION_MAX = 10**15


def cursor_of(values: list[Any]) -> str:
    """Encodes the position of the next page. Callers must not interpret the cursor."""
    return base64.urlsafe_b64encode(canonical(values)).decode().rstrip("=")


def from_cursor(text: str | None, *kinds: type) -> list[Any] | None:
    """Returns the values of a cursor, which must have the expected types, or None without a cursor."""
    if text is None:
        return None
    values = _values_of(text)
    if [type(value) for value in values] != list(kinds) or not all(map(_may_be_position, values)):
        raise foreign_cursor()
    return values


def cursor_of_positions(positions: Mapping[str, int]) -> str:
    """Encodes several positions, each by the id of what it is a position in."""
    return cursor_of([value for position in positions.items() for value in position])


def positions_from_cursor(text: str | None) -> dict[str, int] | None:
    """Returns the positions of a cursor, or None without a cursor."""
    if text is None:
        return None
    kinds = (str, int) * max(len(_values_of(text)) // 2, 1)
    values = from_cursor(text, *kinds) or []
    return dict(zip(values[::2], values[1::2], strict=True))


def _values_of(text: str) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, list):
        raise foreign_cursor()
    return values


def foreign_cursor() -> InvalidCursor:
    problem = FieldProblem("query.cursor", "invalid_cursor", "Send a nextCursor of this list, unchanged.")
    return InvalidCursor("The cursor does not belong to this list.", errors=[problem])


def _may_be_position(value: Any) -> bool:
    """Checks that the value may be part of a key, so that invented cursors do not reach DynamoDB."""
    if isinstance(value, int):
        return 0 <= value <= POSITION_MAX
    return re.fullmatch(CUSTOMER_ID, value) is not None
