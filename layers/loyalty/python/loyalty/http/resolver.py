"""A function's routes: validation, problems, and the Lambda handler that runs them."""

import json
from collections.abc import Callable
from typing import Any, cast

from aws_lambda_powertools import event_handler
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.utilities.typing import LambdaContext

from loyalty.errors import FieldProblem, InvalidRequest, LoyaltyError
from loyalty.http.gateway import admit, authorizer_context, ids_of, require_scope, with_template_path
from loyalty.http.problems import FIELDS_MAX, PROBLEM, current, problem_response, router
from loyalty.telemetry import logger, logs_without_contents, metrics

LambdaHandler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]


class APIGatewayHttpResolver(event_handler.APIGatewayHttpResolver):
    """A function's routes: requests and answers are validated, refusals and crashes become problems.

    The class has the name of Powertools' class, because Powertools' OpenAPI generator finds resolvers by this name.
    """

    def __init__(self) -> None:
        super().__init__(enable_validation=True, response_validation_error_http_code=500)
        self.include_router(router)
        self.use([refuse_undeclared])


def refuse_undeclared(app: event_handler.ApiGatewayResolver, next_middleware: NextMiddleware) -> Response[Any]:
    """Refuses query parameters that the route does not declare, and fields of a body that the route does not take.

    The model of a body refuses its own unknown fields. Without this check a misspelled `dryRun` would have no effect.
    """
    takes = app.context["_route"].dependant
    event = app.current_event
    unknown = [
        FieldProblem(f"query.{name}", "unknown_parameter", "The route has no such query parameter.")
        for name in sorted(event.query_string_parameters.keys() - {field.alias for field in takes.query_params})
    ]
    if not takes.body_params:
        body = json.loads(event.body or "null") or {}
        unknown += [FieldProblem(f"body.{name}", "unknown_field", "The route takes no body.") for name in body]
    if unknown:
        names = ", ".join(problem.field for problem in unknown[:FIELDS_MAX])
        raise InvalidRequest(f"The route does not take: {names}.", errors=unknown[:FIELDS_MAX])
    return next_middleware(app)


def entry_point(app: APIGatewayHttpResolver) -> LambdaHandler:
    """Returns the Lambda handler of a resolver, which checks scope and body before it routes."""

    @logs_without_contents
    @metrics.log_metrics
    def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        request = event["requestContext"]
        logger.append_keys(route=request["routeKey"], key_id=authorizer_context(event).get("keyId"), **ids_of(event))
        current.id = request["requestId"]
        try:
            require_scope(event)
            answer = app.resolve(with_template_path(admit(event)), context)
        except LoyaltyError as error:
            problem = problem_response(error)
            headers = {"Content-Type": PROBLEM, **problem.headers}
            answer = {"statusCode": int(error.status), "headers": headers, "body": problem.body}
        logger.info("answered", status=answer["statusCode"])
        return answer

    return cast("LambdaHandler", lambda_handler)
