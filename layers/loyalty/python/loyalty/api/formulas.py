"""Requests and answers about formulas and named expressions."""

from typing import Annotated

from pydantic import ConfigDict, Field

from loyalty.api import answered
from loyalty.api.base import Answer, Request
from loyalty.api.fields import Metadata, MinorUnits
from loyalty.domain.dates import datetime_of
from loyalty.domain.formulas.expression import ExpressionDefinition
from loyalty.domain.formulas.functions import Function, ParameterKind
from loyalty.domain.formulas.parser import LENGTH_MAX, Formula, Result
from loyalty.domain.formulas.tree import Inputs
from loyalty.domain.formulas.values import plain
from loyalty.domain.schema import metadata_text

FormulaText = Annotated[str, Field(min_length=1, max_length=LENGTH_MAX)]


class FunctionParameter(Answer):
    """A parameter of a formula function."""

    name: str = Field(description="The name of the parameter, for people: formulas give arguments by place.")
    kind: ParameterKind = Field(
        description=(
            "What a formula writes: a NUMBER, a CONDITION that compares two numbers, DECIMALS from 0 to 18, or a "
            "NAME in quotes."
        )
    )
    optional: bool = Field(description="Whether the parameter may be left out.")
    repeats: bool = Field(description="Whether the parameter may be repeated.")


class FormulaFunction(Answer):
    """A function that formulas can use."""

    name: str = Field(description="The name of the function, as formulas write it.")
    parameters: list[FunctionParameter] = Field(description="The parameters, in their order.")
    description: str = Field(description="The result of the function, in words.")
    example: str = Field(description="A formula with the function.")

    @classmethod
    def of(cls, function: Function) -> "FormulaFunction":
        return cls(
            name=function.name,
            parameters=[
                FunctionParameter(name=one.name, kind=one.kind, optional=one.optional, repeats=one.repeats)
                for one in function.parameters
            ],
            description=function.description,
            example=function.example,
        )


class FunctionList(Answer):
    """The functions that formulas can use."""

    data: list[FormulaFunction] = Field(description="All functions that formulas can use.")


class EvaluationOrderInput(Request):
    """The parts of an order that formulas read."""

    amount: MinorUnits = Field(description="The gross value in minor units, including the part paid with points.")
    metadata: Metadata | None = Field(default=None, description="Your own data about the order.")


class EvaluationRequest(Request):
    """A formula and its inputs. Omit inputs that the formula does not use."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "formula": "ROUND(ORDER_AMOUNT() * 0.05)",
                    "order": {"amount": 4_990, "metadata": {"channel": "web"}},
                    "cardMetadata": {"tier": "gold"},
                }
            ]
        }
    )

    formula: FormulaText = Field(description="The formula, as text. The result is a number.")
    order: EvaluationOrderInput | None = Field(
        default=None, description="The order whose amount and metadata the formula reads."
    )
    card_metadata: Metadata | None = Field(default=None, description="The card's metadata that the formula reads.")

    @property
    def inputs(self) -> Inputs:
        card = metadata_text(self.card_metadata)
        if self.order is None:
            return Inputs(card_metadata=card)
        return Inputs(self.order.amount, metadata_text(self.order.metadata), card)


class Evaluation(Answer):
    """The result of a formula."""

    value: str = Field(description="The result, a number with at most 18 decimals.")
    inputs: dict[str, str] = Field(description="The values that the formula read, by the calls that read them.")
    nodes: int = Field(description="The number of numbers, operators and calls, including those of named expressions.")

    @classmethod
    def of(cls, formula: Formula, result: Result) -> "Evaluation":
        return cls(value=plain(result.value), inputs=result.plain_inputs, nodes=formula.nodes)


class ExpressionRequest(Request):
    """A formula that other formulas use by its name. The formula may not use an expression."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"formula": "0.05", "description": "Points for one cent"}]}
    )

    formula: FormulaText = Field(description="The formula, as text.")
    description: Annotated[str, Field(max_length=1_000)] = Field(
        default="", description="The purpose of the expression."
    )


class Expression(Answer):
    """A formula that is saved under a name."""

    has_etag = True

    name: str = Field(description='The name that formulas use: `EXPRESSION("name")`.')
    formula: str = Field(description="The formula, as text.")
    description: str = Field(description="The purpose of the expression.")
    version: int = Field(description="The number of times that the expression was saved.")
    updated_at: answered.SavedAt

    @classmethod
    def of(cls, definition: ExpressionDefinition) -> "Expression":
        return cls(
            name=definition.name,
            formula=definition.formula,
            description=definition.description,
            version=definition.version,
            updated_at=datetime_of(definition.updated_at),
        )


class ExpressionList(Answer):
    """All expressions of the project."""

    data: list[Expression] = Field(description="All expressions of the project.")
