"""The wallet builder's schema: steps, fields, values, maximum values, defaults and activation rules.

The request models give types, values and the purpose of each field. The guide gives steps and rules.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field

from loyalty.api.base import Answer
from loyalty.api.wallets.guide import STEP_OF, STEPS, RuleInWords, rules_in_words, title_of, title_of_value
from loyalty.api.wallets.settings import SETTINGS_EXAMPLES
from loyalty.api.wallets.wallets import WalletCreateRequest
from loyalty.domain.dates import EVERY_MAX
from loyalty.domain.wallets.activation_rules import USED_WHEN
from loyalty.domain.wallets.codes import CHARSETS, POSSIBLE_CODES_MIN
from loyalty.domain.wallets.document import settings_json
from loyalty.domain.wallets.settings import Settings

Step = Annotated[str, Field(json_schema_extra={"enum": [*STEPS]})]


class UsedWhen(Answer):
    """A value that another setting must have."""

    path: str = Field(description="The path of the other setting.")
    values: list[Any] | None = Field(
        description=(
            "The values, one of which is enough; null in the list means no value. A list must contain one of them. "
            "Null instead of a list means any value."
        )
    )


class Setting(Answer):
    """One field of the builder, with everything that a form needs to show and check it."""

    path: str = Field(description="The path of the field in the wallet's settings.")
    title: str = Field(description="The name of the field in a form, in English.")
    type: Literal["string", "integer", "boolean", "object", "array"] = Field(
        description="The type of the value, as in JSON Schema."
    )
    required: bool = Field(description="Whether the field is required within its object.")
    nullable: bool = Field(description="Whether null is allowed.")
    default: Any = Field(description="The value without the field; null for an object.")
    description: str = Field(description="The purpose of the field.")
    used_when: list[UsedWhen] = Field(
        description=(
            "The conditions, all of which other settings must meet so that the field has an effect; a form hides the "
            "field otherwise, and does not send it. Empty for a field that always has an effect."
        )
    )
    enum: list[Any] | None = Field(description="The allowed values; null if the field has no list of values.")
    enum_titles: dict[str, str] | None = Field(description="The names of the allowed values in a form, in English.")
    examples: list[Any] = Field(description="Examples of values; possibly none.")
    minimum: int | None = Field(description="The smallest number; null without a minimum.")
    maximum: int | None = Field(
        description="The largest number; null without a maximum. A period has `maximumByUnit` too."
    )
    maximum_by_unit: dict[str, int] | None = Field(description="The maximum for each unit of a period.")
    min_length: int | None = Field(description="The fewest characters of a text; null without a minimum.")
    max_length: int | None = Field(description="The most characters of a text; null without a maximum.")
    max_items: int | None = Field(description="The most items of an array; null without a maximum.")
    pattern: str | None = Field(description="The regular expression that a text must match; null without one.")
    fields: list["Setting"] | None = Field(
        description=(
            "The fields of an object, or of each item of an array of objects; null if the caller chooses the fields."
        )
    )
    items: "Setting | None" = Field(description="For an array of plain values: the schema of each value.")


class ActivationRule(Answer):
    """A rule that settings must meet before the wallet may be ACTIVE."""

    step: Step = Field(description="The step of the wallet builder that has the setting.")
    field: str = Field(description="The path of the setting to correct.")
    code: str = Field(description="The code of the entry in `actionRequired`.")
    rule: str = Field(description="The rule, in words.")


class BuilderStep(Answer):
    """A step of the wallet builder."""

    step: Step = Field(description="The name of the step.")
    title: str = Field(description="The purpose of the step.")
    fields: list[Setting] = Field(description="The fields of the step.")
    activation_rules: list[ActivationRule] = Field(description="The activation rules of the step.")


class Charset(Answer):
    """A named set of characters for codes."""

    name: str = Field(description="The name that `code.charset` uses.")
    characters: str = Field(description="All characters of the set, each once.")


class SettingsSchema(Answer):
    """The settings of the wallet builder, for a form."""

    steps: list[BuilderStep] = Field(description="The steps of the builder, in their order.")
    every_max: dict[str, int] = Field(description="The longest period of each unit.")
    charsets: list[Charset] = Field(description="The charsets that `code.charset` can name.")
    possible_codes_min: int = Field(description="The number of different codes that the settings must allow.")

    @classmethod
    def current(cls) -> "SettingsSchema":
        fields = settings()
        return cls(
            steps=[
                BuilderStep(
                    step=step,
                    title=title,
                    fields=[field for field in fields if _step(field) == step],
                    activation_rules=[_rule(rule) for rule in rules_in_words() if rule.step == step],
                )
                for step, title in STEPS.items()
            ],
            every_max={unit.value: most for unit, most in EVERY_MAX.items()},
            charsets=[Charset(name=name, characters=characters) for name, characters in CHARSETS.items()],
            possible_codes_min=POSSIBLE_CODES_MIN,
        )


@cache
def settings() -> tuple[Setting, ...]:
    """Returns every field of the builder in the order of the steps, from the model of `POST /v1/wallets`."""
    schema = WalletCreateRequest.model_json_schema(by_alias=True)
    defaults = {name: value for name, value in settings_json(Settings(name="")).items() if name != "name"}
    fields: list[Setting] = []
    for field in _fields("", schema, schema["$defs"], defaults):
        # The fields of a step's groups belong directly to the step.
        grouped = field.path in STEPS or field.path in STEP_OF
        fields += field.fields if grouped and field.fields is not None else [field]
    # The sort is stable. Only `name` moves to the front: its model has it after the inherited fields.
    return tuple(sorted(fields, key=lambda field: (list(STEPS).index(_step(field)), field.path != "name")))


def every_setting() -> Iterator[Setting]:
    """Yields all fields at any depth."""
    waiting = list(settings())
    while waiting:
        field = waiting.pop(0)
        yield field
        waiting += field.fields or []


def _fields(path: str, schema: Any, models: Any, defaults: Mapping[str, Any]) -> list[Setting]:
    required = schema.get("required", [])
    return [
        _shape(f"{path}.{name}" if path else name, part, models, defaults.get(name), required=name in required)
        for name, part in schema["properties"].items()
        if not _is_fixed(part)
    ]


def _is_fixed(schema: Any) -> bool:
    """Returns whether the bounds leave one number, so that a form has nothing to ask."""
    return "minimum" in schema and schema["minimum"] == schema.get("maximum")


def _shape(path: str, schema: Any, models: Any, default: Any, *, required: bool) -> Setting:
    options = schema.get("anyOf", [schema])
    (option,) = [_resolve(option, models) for option in options if option.get("type") != "null"]
    kind = option["type"]
    item = _resolve(option["items"], models) if kind == "array" else None
    fields = None
    if "properties" in option:
        fields = _fields(path, option, models, default or {})
    elif item and item["type"] == "object":
        fields = _fields(f"{path}[]", item, models, {})
    if default is None and kind != "object":
        default = schema.get("default", [] if kind == "array" else None)
    values = option.get("enum") or ([option["const"]] if "const" in option else None)
    return Setting(
        path=path,
        title=title_of(path),
        type=kind,
        required=required,
        nullable=len(options) > 1,
        default=None if kind == "object" else default,
        description=schema.get("description") or option.get("description", ""),
        used_when=[
            UsedWhen(path=one.path, values=None if one.values is None else list(one.values))
            for one in USED_WHEN.get(path, ())
        ],
        enum=values,
        enum_titles={value: title_of_value(value) for value in values} if values else None,
        examples=[] if kind == "object" else list(_examples(path)),
        minimum=option.get("minimum"),
        maximum=option.get("maximum"),
        maximum_by_unit={unit.value: most for unit, most in EVERY_MAX.items()} if path.endswith(".every") else None,
        min_length=option.get("minLength"),
        max_length=option.get("maxLength"),
        max_items=option.get("maxItems"),
        pattern=option.get("pattern"),
        fields=fields,
        items=_shape(f"{path}[]", item, models, None, required=True) if item and fields is None else None,
    )


def _examples(path: str) -> Iterator[Any]:
    """Yields the different values of the field in the examples of the settings."""
    found: list[Any] = SETTINGS_EXAMPLES
    for name in path.replace("[]", ".[]").split("."):
        if name == "[]":
            found = [one for values in found for one in values]
        else:
            found = [one[name] for one in found if name in one]
    return (one for place, one in enumerate(found) if one not in found[:place])


def _resolve(schema: Any, models: Any) -> Any:
    return models[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def _step(field: Setting) -> str:
    head = field.path.split(".")[0]
    return head if head in STEPS else STEP_OF.get(head, "general")


def _rule(rule: RuleInWords) -> ActivationRule:
    return ActivationRule(step=rule.step, field=rule.field, code=rule.code, rule=rule.rule)
