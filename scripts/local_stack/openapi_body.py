"""Reads an HttpApi's OpenAPI body into the terms of the API Gateway v2 API.

CloudFormation on AWS imports the body that SAM makes of an HttpApi; the emulator leaves this out.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

# Templates and bodies are trees of JSON, hence Any.
Json = Any

ANY_METHOD = "x-amazon-apigateway-any-method"
AUTHORIZER = "x-amazon-apigateway-authorizer"
CORS = "x-amazon-apigateway-cors"
INTEGRATION = "x-amazon-apigateway-integration"
METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", ANY_METHOD})


@dataclass(frozen=True, slots=True)
class Route:
    key: str
    integration_uri: str
    payload_format: str
    # The name of the authorizer; None if the route is open.
    authorizer: str | None


@dataclass(frozen=True, slots=True)
class HttpApi:
    routes: tuple[Route, ...]
    # Arguments of CreateAuthorizer by name.
    authorizers: Mapping[str, Mapping[str, Json]]
    # Argument of UpdateApi; empty if the API has no CORS.
    cors: Mapping[str, Json]


def read(body: Mapping[str, Json]) -> HttpApi:
    """Reads a body whose intrinsic functions are resolved."""
    schemes = body.get("components", {}).get("securitySchemes", {})
    found = {name: scheme[AUTHORIZER] for name, scheme in schemes.items() if AUTHORIZER in scheme}
    authorizers = {name: _authorizer(name, scheme) for name, scheme in found.items()}
    routes = [
        _route(path, method, operation, authorizers)
        for path, operations in body.get("paths", {}).items()
        for method, operation in operations.items()
        if method in METHODS
    ]
    return HttpApi(tuple(routes), authorizers, body.get(CORS, {}))


def _route(path: str, method: str, operation: Mapping[str, Json], authorizers: Mapping[str, Json]) -> Route:
    integration = operation[INTEGRATION]
    if integration["type"].lower() != "aws_proxy":
        raise ValueError(f"{method} {path}: only Lambda integrations are supported here, not {integration['type']}")
    names = [name for requirement in operation.get("security", []) for name in requirement if name in authorizers]
    verb = "ANY" if method == ANY_METHOD else method.upper()
    return Route(
        key="$default" if path == "/$default" else f"{verb} {path}",
        integration_uri=integration["uri"],
        payload_format=str(integration.get("payloadFormatVersion", "2.0")),
        authorizer=names[0] if names else None,
    )


def _authorizer(name: str, scheme: Mapping[str, Json]) -> dict[str, Json]:
    if scheme["type"].lower() != "request":
        raise ValueError(f"authorizer {name}: only Lambda authorizers are supported here, not {scheme['type']}")
    sources = scheme.get("identitySource", [])
    arguments = {
        "AuthorizerType": "REQUEST",
        "AuthorizerUri": scheme["authorizerUri"],
        "AuthorizerPayloadFormatVersion": str(scheme.get("authorizerPayloadFormatVersion", "2.0")),
        "EnableSimpleResponses": bool(scheme.get("enableSimpleResponses", False)),
        # OpenAPI has one string with commas; SAM writes a list.
        "IdentitySource": [source.strip() for source in (sources.split(",") if isinstance(sources, str) else sources)],
    }
    if "authorizerResultTtlInSeconds" in scheme:
        arguments["AuthorizerResultTtlInSeconds"] = int(scheme["authorizerResultTtlInSeconds"])
    return arguments


class Resolver:
    """The intrinsic functions that occur in bodies, over the values of a deployed stack."""

    def __init__(self, values: Mapping[str, str], arn: Callable[[str], str], conditions: Mapping[str, Json]) -> None:
        self._values = values
        self._arn = arn
        self._conditions = conditions

    def resolve(self, node: Json) -> Json:
        if isinstance(node, list):
            return [item for item in map(self.resolve, node) if item is not _NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((name, argument),) = node.items()
            if name in ("Ref", "Condition") or name.startswith("Fn::"):
                return self._call(name, argument)
        resolved = {key: self.resolve(value) for key, value in node.items()}
        return {key: value for key, value in resolved.items() if value is not _NO_VALUE}

    def _call(self, name: str, argument: Json) -> Json:
        functions: dict[str, Callable[[Json], Json]] = {
            "Ref": lambda target: _NO_VALUE if target == "AWS::NoValue" else self._value(target),
            "Fn::GetAtt": lambda path: self._attribute(path if isinstance(path, str) else ".".join(path)),
            "Fn::Sub": self._substitute,
            "Fn::Join": lambda parts: parts[0].join(map(str, self.resolve(parts[1]))),
            "Fn::Split": lambda parts: self.resolve(parts[1]).split(parts[0]),
            "Fn::If": lambda parts: self.resolve(parts[1] if self._is_true(parts[0]) else parts[2]),
            "Fn::Equals": lambda sides: len({str(side) for side in self.resolve(sides)}) == 1,
            "Fn::Not": lambda terms: not self.resolve(terms[0]),
            "Fn::And": lambda terms: all(self.resolve(terms)),
            "Fn::Or": lambda terms: any(self.resolve(terms)),
            "Condition": self._is_true,
        }
        if name not in functions:
            raise ValueError(f"{name} in the API's definition is not supported here")
        return functions[name](argument)

    def _substitute(self, argument: Json) -> str:
        text, extra = (argument, {}) if isinstance(argument, str) else argument

        def value(found: re.Match[str]) -> str:
            literal, name = found.groups()
            if literal:
                return "${" + name + "}"
            if name in extra:
                return str(self.resolve(extra[name]))
            return self._attribute(name) if "." in name else str(self._value(name))

        return re.sub(r"\$\{(!?)([^}]+)\}", value, text)

    def _value(self, name: str) -> str:
        if name not in self._values:
            raise ValueError(f"the stack has no parameter or resource {name}")
        return self._values[name]

    def _attribute(self, path: str) -> str:
        resource, _, attribute = path.partition(".")
        if attribute != "Arn":
            raise ValueError(f"attribute {path} is not supported here")
        return self._arn(self._value(resource))

    def _is_true(self, condition: str) -> bool:
        return bool(self.resolve(self._conditions[condition]))


_NO_VALUE = object()
