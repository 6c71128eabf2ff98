"""/v1/formulas… and /v1/expressions…: what formulas may say, what one comes to, and formulas that have a name."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty import api, errors, expressions
from loyalty import formula_form as form
from loyalty.domain.formulas.functions import FUNCTIONS
from loyalty.domain.formulas.parser import compiled

app = api.APIGatewayHttpResolver()


@app.get(
    "/v1/formulas/functions",
    summary="List the functions of formulas",
    responses=api.responses(HTTPStatus.OK, form.FunctionList),
    tags=["Formulas"],
)
def list_functions() -> Response[Any]:
    return api.answered(form.FunctionList(data=[form.FunctionShape.of(function) for function in FUNCTIONS.values()]))


@app.post(
    "/v1/formulas/evaluate",
    summary="See what a formula comes to",
    description="With the expressions that it names as they are now. Writes nothing.",
    responses=api.responses(
        HTTPStatus.OK,
        form.EvaluationShape,
        errors.InvalidFormula,
        errors.FormulaInputMissing,
        errors.FormulaNotComputable,
    ),
    tags=["Formulas"],
)
def evaluate_formula(body: form.Evaluation, store: api.StoreOf) -> Response[Any]:
    formula = compiled(body.formula, expressions.copied(store, body.formula))
    return api.answered(form.EvaluationShape.of(formula, formula.evaluated(body.inputs)))


@app.get(
    "/v1/expressions",
    summary="List expressions",
    responses=api.responses(HTTPStatus.OK, form.ExpressionList),
    tags=["Formulas"],
)
def list_expressions(store: api.StoreOf) -> Response[Any]:
    return api.answered(form.ExpressionList(data=[form.ExpressionShape.of(one) for one in store.expressions.all()]))


@app.get(
    "/v1/expressions/<name>",
    summary="Read an expression",
    responses=api.responses(HTTPStatus.OK, form.ExpressionShape, errors.ExpressionNotFound),
    tags=["Formulas"],
)
def read_expression(name: form.ExpressionName, store: api.StoreOf) -> Response[Any]:
    expression = expressions.read(store, name)
    return api.answered(form.ExpressionShape.of(expression), etag=expression.version)


@app.put(
    "/v1/expressions/<name>",
    summary="Name a formula, or change it",
    description="Wallets keep the formula that they copied until their payWithPoints is saved again.",
    responses=api.responses(HTTPStatus.OK, form.ExpressionShape, errors.InvalidFormula, errors.Busy),
    tags=["Formulas"],
)
def save_expression(name: form.ExpressionName, body: form.ExpressionForm, store: api.StoreOf) -> Response[Any]:
    expression = expressions.save(store, name, body.formula, body.description, datetime.now(UTC))
    return api.answered(form.ExpressionShape.of(expression), etag=expression.version)


lambda_handler = api.entry_point(app)
