"""/v1/formulas… and /v1/expressions…: list functions, evaluate a formula, and save formulas under a name."""

from http import HTTPStatus

from loyalty import errors
from loyalty.api.formulas import (
    Evaluation,
    EvaluationRequest,
    Expression,
    ExpressionList,
    ExpressionRequest,
    FormulaFunction,
    FunctionList,
)
from loyalty.domain.formulas.functions import FUNCTIONS
from loyalty.http.calls import CallOf
from loyalty.http.parameters import ExpressionName
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, answer, document_answers
from loyalty.usecases import expressions

app = APIGatewayHttpResolver()


@app.get(
    "/v1/formulas/functions",
    summary="List formula functions",
    description="The answer has the parameters and an example of each function.",
    responses=document_answers(HTTPStatus.OK, FunctionList),
    tags=["Formulas"],
)
def list_functions() -> Response:
    return answer(FunctionList(data=[FormulaFunction.of(function) for function in FUNCTIONS.values()]))


@app.post(
    "/v1/formulas/evaluate",
    summary="Evaluate a formula",
    description="Uses the current formulas of the named expressions. Writes nothing.",
    responses=document_answers(
        HTTPStatus.OK,
        Evaluation,
        errors.InvalidFormula,
        errors.FormulaInputMissing,
        errors.FormulaNotComputable,
    ),
    tags=["Formulas"],
)
def evaluate_formula(
    call: CallOf,
    body: EvaluationRequest,
) -> Response:
    formula, result = expressions.evaluate(call.store, body.formula, body.inputs)
    return answer(Evaluation.of(formula, result))


@app.get(
    "/v1/expressions",
    summary="List expressions",
    description="The list is complete on one page.",
    responses=document_answers(HTTPStatus.OK, ExpressionList),
    tags=["Formulas"],
)
def list_expressions(
    call: CallOf,
) -> Response:
    return answer(ExpressionList(data=[Expression.of(one) for one in expressions.all_expressions(call.store)]))


@app.get(
    "/v1/expressions/<name>",
    summary="Read an expression",
    description=(
        "The answer is the saved formula. A wallet that uses it may have an earlier copy, in its `expressions`."
    ),
    responses=document_answers(HTTPStatus.OK, Expression, errors.ExpressionNotFound),
    tags=["Formulas"],
)
def read_expression(
    call: CallOf,
    name: ExpressionName,
) -> Response:
    expression = expressions.read(call.store, name)
    return answer(Expression.of(expression), etag=expression.version)


@app.put(
    "/v1/expressions/<name>",
    summary="Create or replace an expression",
    description=(
        "A wallet copies the formula when its `payWithPoints` is saved, and keeps the copy until the next save."
    ),
    responses=document_answers(HTTPStatus.OK, Expression, errors.InvalidFormula),
    tags=["Formulas"],
)
def save_expression(
    call: CallOf,
    name: ExpressionName,
    body: ExpressionRequest,
) -> Response:
    expression = expressions.save(call.store, name, body.formula, body.description, call.now)
    return answer(Expression.of(expression), etag=expression.version)


lambda_handler = entry_point(app)
