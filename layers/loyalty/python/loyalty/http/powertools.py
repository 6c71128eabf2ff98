"""Powertools' resolver, made of the declared routes: it documents them and explains what is wrong with a request."""

import functools
import inspect
import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from aws_lambda_powertools import event_handler
from aws_lambda_powertools.event_handler import Depends
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.event_handler.openapi import params
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
    ResponseValidationError,
)

from loyalty.api.field_problems import code_and_message
from loyalty.errors import FieldProblem, InvalidRequest, LoyaltyError, RouteNotFound, UnsupportedContentType
from loyalty.http.problems import FIELDS_MAX, crash_response, problem_response
from loyalty.http.responses import Response
from loyalty.http.routing import Argument, Handler, Injected, Make, Route, arguments_of

PowertoolsResponse = event_handler.Response[Any]


def resolver_of(routes: Iterable[Route]) -> event_handler.APIGatewayHttpResolver:
    resolver = event_handler.APIGatewayHttpResolver(enable_validation=True, response_validation_error_http_code=500)
    resolver.use([refuse_undeclared])
    handled = {
        LoyaltyError: problem_response,
        RequestValidationError: _answer_invalid_request,
        RequestUnsupportedContentType: lambda _: problem_response(UnsupportedContentType("Send application/json.")),
        NotFoundError: lambda _: problem_response(RouteNotFound("Compare method and path with the OpenAPI document.")),
        ResponseValidationError: crash_response,
        Exception: crash_response,
    }
    for kind, answer in handled.items():
        resolver.exception_handler(kind)(_answering(answer))
    for route in routes:
        resolver.route(route.path, route.method, **route.documentation)(_with_powertools_signature(route.handler))
    return resolver


def _answer_invalid_request(error: RequestValidationError) -> Response:
    found = error.errors()[:FIELDS_MAX]
    fields = [FieldProblem(_path(_place(part)), *code_and_message(part)) for part in found]
    names = ", ".join(dict.fromkeys(field.field for field in fields))
    return problem_response(InvalidRequest(f"Not valid: {names}.", errors=fields))


def _place(part: Mapping[str, Any]) -> tuple[str | int, ...]:
    """Returns the path of the error. A check of several fields names one of them in its context."""
    field = part.get("ctx", {}).get("field")
    return (*part["loc"], field) if isinstance(field, str) else tuple(part["loc"])


def _path(location: tuple[str | int, ...]) -> str:
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def refuse_undeclared(app: event_handler.ApiGatewayResolver, next_middleware: NextMiddleware) -> PowertoolsResponse:
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


def _with_powertools_signature(handler: Handler) -> Any:
    """Returns the handler with Powertools' own kinds of parameters, and with its kind of answer."""
    call: Any = functools.wraps(handler)(_answering(handler))
    annotations = {argument.name: _annotation(argument) for argument in arguments_of(handler)}
    signature = inspect.signature(handler)
    parameters = [one.replace(annotation=annotations[one.name]) for one in signature.parameters.values()]
    call.__signature__ = signature.replace(parameters=parameters, return_annotation=PowertoolsResponse)
    call.__annotations__ = {**annotations, "return": PowertoolsResponse}
    return call


def _annotation(argument: Argument) -> Any:
    match argument.marker:
        case None:
            return argument.kind
        case Injected(make):
            return Annotated[argument.kind, Depends(_dependency(make))]
        case marker:
            kind = getattr(params, type(marker).__name__)
            return Annotated[(argument.kind, *argument.constraints, kind(alias=marker.alias, **marker.declared))]


def _dependency(make: Make) -> Any:
    def made(request: event_handler.Request) -> Any:
        event = request.resolved_event.raw_event
        return make(event, json.loads(event.get("body") or "null"))

    return made


def _answering(handler: Any) -> Any:
    def call(*arguments: Any, **named: Any) -> PowertoolsResponse:
        answer: Response = handler(*arguments, **named)
        return event_handler.Response(answer.status, answer.content_type, answer.body, headers=answer.headers)

    return call
