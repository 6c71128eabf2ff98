"""Texts of requests and events: no control characters, wherever a text is.

Such characters hide or reorder what an operator, a log or a page shows. The marks and joiners that languages and emoji
need (U+061C, U+200C to U+200F) are allowed.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from loyalty.errors import FieldProblem, InvalidRequest
from loyalty.http.problems import FIELDS_MAX

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters except tab and line breaks, and the bidirectional embeddings, overrides and isolates."""
IN_NAME = re.compile(f"[\t\n\r]|{CONTROL.pattern}")


def require_texts(parts: Mapping[str, Any]) -> None:
    """Refuses values with a control character, each by its path. `parts` are JSON values by the start of their paths.

    A tab or line break is allowed in a text, but not in the name of a field. The problem of a name is at its object.
    """
    bad = sorted({path for part, value in parts.items() for path in _paths_of_controls(part, value)})[:FIELDS_MAX]
    if bad:
        message = "Remove the control characters and the bidirectional control characters."
        problems = [FieldProblem(path, "control_character", message) for path in bad]
        raise InvalidRequest(f"Control characters are in: {', '.join(bad)}.", errors=problems)


def _paths_of_controls(place: str, document: Any) -> Iterator[str]:
    remaining = [(place, document)]
    while remaining:
        path, value = remaining.pop()
        if isinstance(value, str):
            if CONTROL.search(value):
                yield path
        elif isinstance(value, list):
            remaining += [(f"{path}[{index}]", part) for index, part in enumerate(value)]
        elif isinstance(value, dict):
            if any(IN_NAME.search(name) for name in value):
                yield path
            else:
                remaining += [(f"{path}.{name}", part) for name, part in value.items()]
