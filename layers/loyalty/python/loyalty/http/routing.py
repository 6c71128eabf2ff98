"""Declared routes, and the validation of their requests.

A route is declared once, by the signature of its handler. Valid requests are validated here. The module `powertools`
makes Powertools' resolver of the same declarations, for OpenAPI and for all other requests.
"""

import inspect
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from inspect import Parameter as Unset
from typing import Annotated, Any, NamedTuple, get_args, get_origin

from pydantic import Field, TypeAdapter, ValidationError

from loyalty.http.gateway import Admitted, encode_id
from loyalty.http.responses import Response

Handler = Callable[..., Response]
Make = Callable[[Mapping[str, Any], Any], Any]
"""Makes an argument of a handler of the gateway's event and the JSON of the body."""
BODY = "body"


class Parameter:
    """A parameter of a request: its name, and what pydantic checks and OpenAPI documents."""

    place: str

    def __init__(self, alias: str | None = None, **declared: Any) -> None:
        self.alias = alias
        self.declared = declared


class Path(Parameter):
    place = "path"


class Query(Parameter):
    place = "query"


class Header(Parameter):
    place = "header"


class Injected(NamedTuple):
    """Marks an argument of a handler that is made of the request as a whole."""

    make: Make


class Argument(NamedTuple):
    """An argument of a handler, as the signature declares it."""

    name: str
    marker: Parameter | Injected | None
    """None for the body."""
    kind: Any
    constraints: tuple[Any, ...]
    default: Any
    """`Unset.empty` for an argument without a default."""


def arguments_of(handler: Handler) -> list[Argument]:
    return [_argument(parameter) for parameter in inspect.signature(handler).parameters.values()]


def _argument(parameter: inspect.Parameter) -> Argument:
    kind = parameter.annotation
    if get_origin(kind) is not Annotated:
        return Argument(parameter.name, None, kind, (), parameter.default)
    kind, *metadata = get_args(kind)
    marker = next((part for part in metadata if isinstance(part, Parameter | Injected)), None)
    constraints = tuple(part for part in metadata if part is not marker)
    return Argument(parameter.name, marker, kind, constraints, parameter.default)


class Route:
    """A route with its handler, and with its documentation for Powertools."""

    def __init__(self, method: str, path: str, handler: Handler, documentation: Mapping[str, Any]) -> None:
        self.method = method
        self.path = path
        self.handler = handler
        self.documentation = documentation

    @property
    def key(self) -> str:
        """The gateway's key of the route."""
        return f"{self.method} {self.path.replace('<', '{').replace('>', '}')}"

    def compile(self) -> None:
        """Makes the validation of the route, which the first request would make otherwise."""
        _ = self._validation

    def values_of(self, request: Admitted) -> dict[str, Any] | None:
        """Returns the arguments of the handler, or None if any part of the request is not valid."""
        checks, made, names = self._validation
        if not request.query.keys() <= names["query"] or (request.document and not names[BODY]):
            return None
        sent: dict[str, Mapping[str, Any]] = {
            "path": {name: encode_id(value) for name, value in request.ids.items()},
            "query": request.query,
            "header": request.headers,
            BODY: {BODY: request.document},
        }
        values = {}
        for name, place, alias, default, validate in checks:
            value = sent[place].get(alias)
            if value is None:
                if default is Unset.empty:
                    return None
                values[name] = default
                continue
            try:
                values[name] = validate(value)
            except ValidationError:
                return None
        for name, make in made:
            values[name] = make(request.event, request.document)
        return values

    @cached_property
    def _validation(self) -> "_Validation":
        arguments = arguments_of(self.handler)
        made = [(one.name, one.marker.make) for one in arguments if isinstance(one.marker, Injected)]
        checks = [_check(one, one.marker) for one in arguments if not isinstance(one.marker, Injected)]
        places = ("query", BODY)
        return _Validation(
            checks, made, {place: {check.alias for check in checks if check.place == place} for place in places}
        )


class _Check(NamedTuple):
    name: str
    place: str
    alias: str
    default: Any
    validate: Callable[[Any], Any]


class _Validation(NamedTuple):
    checks: list[_Check]
    made: list[tuple[str, Make]]
    names: Mapping[str, set[str]]
    """The names that the route takes, by their place."""


def _check(argument: Argument, marker: Parameter | None) -> _Check:
    if marker is None:
        return _Check(argument.name, BODY, BODY, argument.default, _validator(argument.kind))
    alias = marker.alias or argument.name
    # Powertools applies the checks of the parameter last too.
    kind: Any = Annotated[(argument.kind, *argument.constraints, Field(**marker.declared))]
    # The names of sent headers are in lower case.
    alias = alias.lower() if isinstance(marker, Header) else alias
    return _Check(argument.name, marker.place, alias, argument.default, _validator(kind))


@cache
def _validator(kind: Any) -> Callable[[Any], Any]:
    return TypeAdapter(kind).validator.validate_python
