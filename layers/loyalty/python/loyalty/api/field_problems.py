"""The codes and the messages with which pydantic's errors reach callers: a small, stable set, in plain words."""

import re
from collections.abc import Mapping
from typing import Any, get_args

from pydantic_core import core_schema

from loyalty.api.fields import FORMATS

ENUM_VALUE = re.compile(r"<\w+\.\w+: ('[^']*')>")

MESSAGES: Mapping[str, tuple[str, str]] = {
    "missing": ("required", "Send this field."),
    "union_tag_not_found": ("required", "Send the field {discriminator}."),
    "extra_forbidden": ("unknown_field", "The request has no such field."),
    "literal_error": ("invalid_value", "Send {expected}."),
    "enum": ("invalid_value", "Send {expected}."),
    "union_tag_invalid": ("invalid_value", "Send as {discriminator} one of {expected_tags}."),
    "string_too_short": ("too_short", "The text must have {min_length} or more characters."),
    "string_too_long": ("too_long", "The text must have at most {max_length} characters."),
    "too_short": ("too_short", "Send {min_length} or more entries; this request has {actual_length}."),
    "too_long": ("too_long", "Send at most {max_length} entries."),
    "greater_than_equal": ("too_small", "Send {ge} or more."),
    "greater_than": ("too_small", "Send more than {gt}."),
    "less_than_equal": ("too_large", "Send {le} or less."),
    "less_than": ("too_large", "Send less than {lt}."),
    "int_type": ("wrong_type", "Send an integer."),
    "int_from_float": ("wrong_type", "Send an integer."),
    "int_parsing": ("wrong_type", "Send an integer."),
    "int_parsing_size": ("too_large", "The number is too large."),
    "string_type": ("wrong_type", "Send a text."),
    "bool_type": ("wrong_type", "Send true or false."),
    "bool_parsing": ("wrong_type", "Send true or false."),
    "list_type": ("wrong_type", "Send a list."),
    "tuple_type": ("wrong_type", "Send a list."),
    "dict_type": ("wrong_type", "Send an object."),
    "model_type": ("wrong_type", "Send an object."),
    "model_attributes_type": ("wrong_type", "Send an object."),
    "float_type": ("wrong_type", "Send a number."),
    "date_parsing": ("wrong_format", "Send a day that exists, such as 2027-01-31."),
    "date_from_datetime_parsing": ("wrong_format", "Send a day that exists, such as 2027-01-31."),
    "datetime_parsing": ("wrong_format", "Send an instant that exists, such as 2027-01-31T12:00:00Z."),
    "datetime_from_date_parsing": ("wrong_format", "Send an instant that exists, such as 2027-01-31T12:00:00Z."),
    "string_pattern_mismatch": ("wrong_format", "Send a text of the form that the documentation describes."),
}
"""The code and the message for each kind of pydantic's errors that a request can have."""
MISSING: Mapping[str, str] = {"query": "Send this query parameter.", "header": "Send this header."}
"""The message about a missing value of the query or the headers. Other missing values are fields."""
UNEXPECTED = ("invalid_value", "The value is not valid.")
BUILT_IN = frozenset(get_args(core_schema.ErrorType))


def code_and_message(error: Mapping[str, Any]) -> tuple[str, str]:
    """Returns the code of a validation error, and its message for people. Our own errors keep theirs."""
    kind, context = error["type"], error.get("ctx") or {}
    # Our own error about several fields names one of them, and has the same name as pydantic's in some cases.
    if kind not in BUILT_IN or "field" in context:
        return kind, error["msg"]
    code, message = MESSAGES.get(kind, UNEXPECTED)
    if kind == "missing":
        place = tuple(error["loc"])
        message = "Send a JSON object." if place == ("body",) else MISSING.get(place[0], message)
    if kind == "string_pattern_mismatch":
        message = FORMATS.get(context.get("pattern", ""), message)
    values = {name: ENUM_VALUE.sub(r"\1", str(value)) for name, value in context.items()}
    return code, message.format_map(values)
