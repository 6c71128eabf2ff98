"""Formulas and named expressions as requests and answers."""

from datetime import datetime
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import Field

from loyalty import api, bodies
from loyalty.domain.dates import moment
from loyalty.domain.formulas.functions import Function
from loyalty.domain.formulas.parser import LENGTH_MAX, NAME_MAX, Formula, Result
from loyalty.domain.formulas.tree import Inputs
from loyalty.domain.formulas.values import plain
from loyalty.store import ExpressionDefinition

ExpressionName = Annotated[str, Path(alias="name", pattern=rf"^[A-Za-z0-9._~:-]{{1,{NAME_MAX}}}$")]
FormulaText = Annotated[str, Field(min_length=1, max_length=LENGTH_MAX)]


class ParameterShape(api.Shape):
    name: str
    kind: str = Field(description="NUMBER, CONDITION (two numbers compared), DECIMALS (0 to 18) or NAME (in quotes).")
    optional: bool
    repeats: bool = Field(description="Whether there may be more of it.")


class FunctionShape(api.Shape):
    name: str
    parameters: list[ParameterShape]
    description: str
    example: str

    @classmethod
    def of(cls, function: Function) -> "FunctionShape":
        return cls(
            name=function.name,
            parameters=[
                ParameterShape(name=one.name, kind=one.kind, optional=one.optional, repeats=one.repeats)
                for one in function.parameters
            ],
            description=function.description,
            example=function.example,
        )


class FunctionList(api.Shape):
    data: list[FunctionShape]


class Evaluation(api.Body):
    """A formula and what it may ask for. What it does not use may be left out."""

    formula: FormulaText
    order: bodies.OrderBody | None = None
    card_metadata: bodies.Metadata | None = None

    @property
    def inputs(self) -> Inputs:
        card = api.metadata_text(self.card_metadata)
        if self.order is None:
            return Inputs(card_metadata=card)
        return Inputs(self.order.amount, api.metadata_text(self.order.metadata), card)


class EvaluationShape(api.Shape):
    value: str = Field(description="A decimal number of at most 18 decimals.")
    inputs: dict[str, str] = Field(description="What the value depends on, by the calls that asked for it.")
    nodes: int = Field(description="Numbers, operators and calls, those of named expressions among them.")

    @classmethod
    def of(cls, formula: Formula, result: Result) -> "EvaluationShape":
        return cls(value=plain(result.value), inputs=result.plain_inputs, nodes=formula.nodes)


class ExpressionForm(api.Body):
    """A formula to be named in others. It names no expression itself."""

    formula: FormulaText
    description: Annotated[str, Field(max_length=1_000)] = ""


class ExpressionShape(api.Shape):
    name: str
    formula: str
    description: str
    version: int
    updated_at: datetime

    @classmethod
    def of(cls, definition: ExpressionDefinition) -> "ExpressionShape":
        return cls(
            name=definition.name,
            formula=definition.formula,
            description=definition.description,
            version=definition.version,
            updated_at=moment(definition.updated_at),
        )


class ExpressionList(api.Shape):
    data: list[ExpressionShape]
