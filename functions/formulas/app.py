"""/v1/formulas… and /v1/expressions…: what formulas may say, what one comes to, and formulas that have a name."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty import errors
from loyalty.api.formulas import (
    Evaluation,
    EvaluationShape,
    ExpressionForm,
    ExpressionList,
    ExpressionShape,
    FunctionList,
    FunctionShape,
)
from loyalty.domain.formulas.functions import FUNCTIONS
from loyalty.domain.formulas.parser import compiled
from loyalty.http.calls import StoreOf
from loyalty.http.parameters import ExpressionName
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import answered, responses
from loyalty.usecases import expressions

app = APIGatewayHttpResolver()


@app.get(
    "/v1/formulas/functions",
    summary="List the functions of formulas",
    responses=responses(HTTPStatus.OK, FunctionList),
    tags=["Formulas"],
)
def list_functions() -> Response[Any]:
    return answered(FunctionList(data=[FunctionShape.of(function) for function in FUNCTIONS.values()]))


@app.post(
    "/v1/formulas/evaluate",
    summary="See what a formula comes to",
    description="With the expressions that it names as they are now. Writes nothing.",
    responses=responses(
        HTTPStatus.OK,
        EvaluationShape,
        errors.InvalidFormula,
        errors.FormulaInputMissing,
        errors.FormulaNotComputable,
    ),
    tags=["Formulas"],
)
def evaluate_formula(body: Evaluation, store: StoreOf) -> Response[Any]:
    formula = compiled(body.formula, expressions.copied(store, body.formula))
    return answered(EvaluationShape.of(formula, formula.evaluated(body.inputs)))


@app.get(
    "/v1/expressions",
    summary="List expressions",
    responses=responses(HTTPStatus.OK, ExpressionList),
    tags=["Formulas"],
)
def list_expressions(store: StoreOf) -> Response[Any]:
    return answered(ExpressionList(data=[ExpressionShape.of(one) for one in store.expressions.all()]))


@app.get(
    "/v1/expressions/<name>",
    summary="Read an expression",
    responses=responses(HTTPStatus.OK, ExpressionShape, errors.ExpressionNotFound),
    tags=["Formulas"],
)
def read_expression(name: ExpressionName, store: StoreOf) -> Response[Any]:
    expression = expressions.read(store, name)
    return answered(ExpressionShape.of(expression), etag=expression.version)


@app.put(
    "/v1/expressions/<name>",
    summary="Name a formula, or change it",
    description="Wallets keep the formula that they copied until their payWithPoints is saved again.",
    responses=responses(HTTPStatus.OK, ExpressionShape, errors.InvalidFormula, errors.Busy),
    tags=["Formulas"],
)
def save_expression(name: ExpressionName, body: ExpressionForm, store: StoreOf) -> Response[Any]:
    expression = expressions.save(store, name, body.formula, body.description, datetime.now(UTC))
    return answered(ExpressionShape.of(expression), etag=expression.version)


lambda_handler = entry_point(app)
