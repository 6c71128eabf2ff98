"""A function's routes, and the Lambda handler that runs them."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from aws_lambda_powertools.utilities.typing import LambdaContext

from loyalty import config
from loyalty.errors import LoyaltyError
from loyalty.http.gateway import Admitted, admit, authorizer_context, event_for_powertools, ids_of, require_scope
from loyalty.http.problems import crash_response, current, problem_response
from loyalty.http.routing import Handler, Route
from loyalty.store.store import connected_store
from loyalty.telemetry import logger, logs_without_contents, metrics

if TYPE_CHECKING:
    from aws_lambda_powertools import event_handler

LambdaHandler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]
Declare = Callable[[Handler], Handler]


class APIGatewayHttpResolver:
    """A function's routes: requests and answers are validated, refusals and crashes become problems.

    The class has the name of Powertools' class, because Powertools' OpenAPI generator finds resolvers by this name.
    """

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}
        """By the gateway's key of the route."""

    def get(self, path: str, **documentation: Any) -> Declare:
        return self._declare("GET", path, documentation)

    def post(self, path: str, **documentation: Any) -> Declare:
        return self._declare("POST", path, documentation)

    def put(self, path: str, **documentation: Any) -> Declare:
        return self._declare("PUT", path, documentation)

    def patch(self, path: str, **documentation: Any) -> Declare:
        return self._declare("PATCH", path, documentation)

    def delete(self, path: str, **documentation: Any) -> Declare:
        return self._declare("DELETE", path, documentation)

    def _declare(self, method: str, path: str, documentation: dict[str, Any]) -> Declare:
        def declare(handler: Handler) -> Handler:
            route = Route(method, path, handler, documentation)
            self.routes[route.key] = route
            return handler

        return declare

    def prepare(self) -> None:
        """Makes what the first request would make otherwise."""
        connected_store()
        for route in self.routes.values():
            route.compile()

    def get_openapi_schema(self) -> Any:
        return self.powertools.get_openapi_schema()

    @cached_property
    def powertools(self) -> "event_handler.APIGatewayHttpResolver":
        """Powertools' resolver of the same routes. A valid request does not need it, and its import is expensive."""
        from loyalty.http.powertools import resolver_of  # noqa: PLC0415  # at its first use

        return resolver_of(self.routes.values())

    def answer(self, request: Admitted, context: LambdaContext) -> dict[str, Any]:
        """Answers a valid request. Powertools' resolver answers all others: it explains what is wrong."""
        route = self.routes.get(request.event["requestContext"]["routeKey"])
        try:
            values = route.values_of(request) if route else None
            if route and values is not None:
                return route.handler(**values).for_gateway()
        except LoyaltyError as refusal:
            return problem_response(refusal).for_gateway()
        except Exception as error:  # noqa: BLE001  # whatever failed, the caller gets a problem
            return crash_response(error).for_gateway()
        return self.powertools.resolve(event_for_powertools(request), context)


def entry_point(app: APIGatewayHttpResolver) -> LambdaHandler:
    """Returns the Lambda handler of a resolver, which checks scope and body before it routes."""
    if config.is_deployed():
        # The start of an environment has a whole processor, the first request only a part of one.
        app.prepare()

    @logs_without_contents
    @metrics.log_metrics
    def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        request = event["requestContext"]
        logger.append_keys(route=request["routeKey"], key_id=authorizer_context(event).get("keyId"), **ids_of(event))
        current.id = request["requestId"]
        try:
            require_scope(event)
            answer = app.answer(admit(event), context)
        except LoyaltyError as error:
            answer = problem_response(error).for_gateway()
        logger.info("answered", status=answer["statusCode"])
        return answer

    return cast("LambdaHandler", lambda_handler)
