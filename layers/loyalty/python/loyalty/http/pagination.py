"""Cursors of lists."""

import base64
import json
import re
from typing import Any

from loyalty.api.fields import CUSTOMER_ID
from loyalty.errors import (
    FieldProblem,
    InvalidCursor,
)
from loyalty.http.gateway import canonical

POSITION_MAX = 10**15


def cursor_of(values: list[Any]) -> str:
    """Where the next page begins, opaque to the caller."""
    return base64.urlsafe_b64encode(canonical(values)).decode().rstrip("=")


def from_cursor(text: str | None, *kinds: type) -> list[Any] | None:
    """The values of a cursor that `cursor` made, of the kinds expected; None where there is no cursor."""
    if text is None:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        values = None
    if (
        not isinstance(values, list)
        or [type(value) for value in values] != list(kinds)
        or not all(map(_may_be_position, values))
    ):
        problem = FieldProblem("query.cursor", "invalid_cursor", "Send a nextCursor as it was given.")
        raise InvalidCursor("The cursor is not one that this list gave.", errors=[problem])
    return values


def _may_be_position(value: Any) -> bool:
    """Whether DynamoDB takes the value as part of a key: what callers made up must not reach it."""
    if isinstance(value, int):
        return 0 <= value <= POSITION_MAX
    return re.fullmatch(CUSTOMER_ID, value) is not None
