"""docs/openapi.json and docs/events/: summaries and descriptions are complete, and their sentences are short."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.support.requests import DOCUMENT, ROUTES, SCHEMAS, operation
from tests.support.template import ROOT

EVENTS = {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "docs" / "events").glob("*.json"))}
OPERATIONS = {route: operation(route) for route in ROUTES}
MODELS: dict[str, Any] = {
    **SCHEMAS,
    **{f"event {name}": schema for name, schema in EVENTS.items()},
    **{name: schema for document in EVENTS.values() for name, schema in document.get("$defs", {}).items()},
}

VERBS = {
    "Examine",
    "Activate",
    "Add",
    "Assign",
    "Cancel",
    "Capture",
    "Change",
    "Copy",
    "Create",
    "Credit",
    "Deactivate",
    "Debit",
    "Delete",
    "End",
    "Enrol",
    "Erase",
    "Evaluate",
    "Explain",
    "Find",
    "Import",
    "List",
    "Pause",
    "Pay",
    "Quote",
    "Preview",
    "Read",
    "Remove",
    "Record",
    "Redeem",
    "Refund",
    "Release",
    "Reserve",
    "Resume",
    "Revoke",
    "Reverse",
    "Set",
    "Transfer",
    "Validate",
    "Verify",
}
DESCRIPTION_MAX, WORDS_MAX = 400, 30


def properties(place: str, schema: Any) -> Iterator[tuple[str, Any]]:
    """Every property of the schema and of the schemas in it, with its place."""
    for name, part in schema.get("properties", {}).items():
        yield f"{place}.{name}", part
        yield from properties(f"{place}.{name}", part)
    inner = (schema.get("items"), schema.get("additionalProperties"))
    for part in (*inner, *schema.get("anyOf", ()), *schema.get("allOf", ()), *schema.get("oneOf", ())):
        if isinstance(part, dict):
            yield from properties(place, part)


def descriptions() -> Iterator[tuple[str, str]]:
    yield "info", DOCUMENT["info"]["description"]
    for name, described in OPERATIONS.items():
        if "description" in described:
            yield name, described["description"]
        for parameter in described.get("parameters", ()):
            yield f"{name} {parameter['name']}", parameter.get("description", "")
    for model, schema in MODELS.items():
        yield model, schema.get("description", "")
        for name, part in schema.get("properties", {}).items():
            if "description" in part:
                yield f"{model}.{name}", part["description"]


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.:;])\s+", text)


def test_each_summary_is_a_command_without_a_full_stop() -> None:
    summaries = [one["summary"] for one in OPERATIONS.values()]
    assert [text for text in summaries if text.split()[0] not in VERBS] == []
    assert [text for text in summaries if len(text.split()) == 1 or text.endswith(".")] == []


def test_every_verb_of_the_list_is_used() -> None:
    assert {one["summary"].split()[0] for one in OPERATIONS.values()} == VERBS


def test_every_parameter_and_every_schema_has_a_description() -> None:
    assert [place for place, text in descriptions() if not text] == []


def test_every_property_of_the_api_has_a_description() -> None:
    """Also a property that refers to a schema: the schema describes every place, the property its own."""
    found = [one for name, schema in SCHEMAS.items() for one in properties(name, schema)]
    assert [place for place, part in found if not part.get("description")] == []
    assert len(found) > 1_000


def test_every_operation_has_a_description() -> None:
    assert [name for name, one in OPERATIONS.items() if not one.get("description")] == []


OPEN = {
    "TierChange.to": "a tier's id",
    "Transaction.reason": "the caller's words",
    "Transaction.event": "a name of the business",
    "AfterSettings.event": "a name of the business",
    "TriggerSettings.event": "a name of the business",
    "HoursSettings.to": "a time",
    "MappedField.to": "a path",
    "UnmappedField.reason": "a sentence",
    "CodeSettings.charset": "a name, or the characters themselves",
    "RewardSettings.of": "a path",
    "JudgedCoupon.reason": "also the code of a refusal",
    "SkippedCampaign.reason": "also the code of a refusal",
    "Availability.reason": "also the code of a refusal",
    "RequiredAction.step": "a step of the wallet builder, or a group of other settings",
    "ApiKey.role": "a name of the project",
    "ApiKeyCreated.role": "a name of the project",
    "Role.role": "a name of the project",
    "Session.role": "a name of the project",
}
"""Texts in answers that look like one of a few values and are free, with what they are."""
CLOSED = {"status", "type", "kind", "source", "operation", "bucket", "state", "unit", "reason", "cause", "change"} | {
    *("cappedBy", "limitedBy", "scopes", "event", "condition", "happens", "check", "period", "whenExceeded", "reach"),
    *("role", "step", "limit", "to"),
}
"""Names of properties whose values are usually a closed set."""


LISTED = re.compile(r"\b[A-Z_]{3,}\b.*\b[A-Z_]{3,}\b|`\w+`,? or `\w+`")
"""A description that lists values: two words in capitals, or two texts with an `or` between them."""


def is_free_text(part: Any) -> bool:
    if "items" in part:
        return is_free_text(part["items"])
    return (part.get("type") == "string" and not part.keys() & {"enum", "const", "format"}) or any(
        map(is_free_text, part.get("anyOf", ()))
    )


def test_a_property_of_an_answer_with_few_values_is_an_enum() -> None:
    """By its name, or because its description lists values: such as `ACTIVE`, or in backticks."""
    found = {
        place
        for name, schema in SCHEMAS.items()
        if not name.endswith(("Request", "Input")) and not name.startswith("Problem")
        for place, part in properties(name, schema)
        if is_free_text(part) and (place.split(".")[-1] in CLOSED or LISTED.search(part.get("description", "")))
    }
    assert found == OPEN.keys()


def test_every_description_is_made_of_short_sentences_with_a_full_stop() -> None:
    texts = [(place, text) for place, text in descriptions() if place != "info"]
    assert [place for place, text in texts if not text.endswith(".")] == []
    assert [place for place, text in texts if len(text) > DESCRIPTION_MAX] == []
    long = [part for _, text in descriptions() for part in sentences(text) if len(part.split()) > WORDS_MAX]
    assert long == []


JSON_SCHEMA = {
    *("$defs", "$ref", "$schema", "additionalProperties", "anyOf", "const", "default", "description", "enum"),
    *("examples", "format", "items", "maxItems", "maxLength", "maximum", "minItems", "minLength", "minimum"),
    *("pattern", "prefixItems", "properties", "required", "title", "type", "uniqueItems", "allOf", "oneOf"),
    *("exclusiveMinimum", "exclusiveMaximum", "discriminator", "maxProperties", "minProperties"),
}
"""Keywords of JSON Schema 2020-12, and OpenAPI's discriminator. Pydantic writes others for a bound in a wrong place."""


def keywords(schema: Any) -> Iterator[str]:
    """Every keyword of the schema, at every level. Names of properties and values are no keywords."""
    if isinstance(schema, list):
        for part in schema:
            yield from keywords(part)
    elif isinstance(schema, dict):
        for keyword, value in schema.items():
            yield keyword
            if keyword in ("properties", "$defs"):
                yield from keywords(list(value.values()))
            elif keyword not in ("const", "default", "enum", "examples", "required", "discriminator"):
                yield from keywords(value)


def test_each_schema_has_only_keywords_of_json_schema() -> None:
    words = {(name, word) for name, schema in MODELS.items() for word in keywords(schema)}
    assert [(name, word) for name, word in words if word not in JSON_SCHEMA and not word.startswith("x-")] == []


def parameters() -> Iterator[Any]:
    for name in ROUTES:
        yield from operation(name).get("parameters", [])


def test_the_schema_of_a_parameter_has_only_keywords_of_json_schema() -> None:
    assert {word for parameter in parameters() for word in keywords(parameter["schema"])} <= JSON_SCHEMA
