"""The OpenAPI document: the resolvers' own, completed by what the gateway adds and clients need."""

import json
import os
import warnings
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler.openapi import OpenAPIMerge

from loyalty.errors import BodyTooLarge, UnsupportedContentType
from loyalty.http.routes import ROUTE_SCOPES

os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "Loyalty")
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "loyalty")

# Documents are trees of JSON, hence Any.
Json = Any

ROOT = Path(__file__).parents[1]
DESCRIPTION = (
    "Point wallets: how points are earned, stored, spent and expire. An answer is final: what it reports is committed. "
    "Refusals are RFC 9457 problem documents (`Problem`) with a stable `code`; docs/errors.md lists the codes in the "
    "order in which a request is checked. The gateway's own answers are a `GatewayMessage`. It answers 401 without a "
    "key, 403 for an unknown or revoked key, and 404 for a path without a route. It answers 413 above 10 MB, 429 above "
    "the limit of requests, and 500 or 503 for a function that fails or takes too long."
)
TAGS = {
    "Access": "API keys, and what the key of a request may do.",
    "Audit": "Past and future balances, explanations of transactions, and the verification of cards.",
    "Campaigns": "Rules that give points for events.",
    "Cards": "Cards: one for each customer of a wallet.",
    "Corrections": "Adjustments, reversals and other expiries, by hand.",
    "Coupons": "Codes that campaigns accept, and their redemption.",
    "Customers": "Profiles, segments, referral codes and the erasure of texts about a person.",
    "Events": "Events of your systems, and their definitions.",
    "Formulas": "Named expressions, functions, and the evaluation of formulas.",
    "Points": "Movements of points: credits, debits, payments, holds, transfers and refunds.",
    "Programs": "Tiers: their structures, their programs, and the tiers of customers.",
    "Project": "Time zone, currency and schemas of metadata.",
    "Redemptions": "Redeemed rewards, and the rights of customers.",
    "Rewards": "Rewards that customers redeem for points.",
    "Search": "Customers, cards, orders and transactions by what identifies them.",
    "Transactions": "The ledger of a card, and single transactions.",
    "Wallets": "Wallets and their settings.",
}
SERVERS = [
    {
        "url": "https://{api}.execute-api.{region}.amazonaws.com",
        "description": "A deployed stack.",
        "variables": {
            "api": {"default": "a1b2c3d4e5", "description": "The stack's output ApiId."},
            "region": {"default": "us-east-1", "description": "The region of the stack."},
        },
    },
    {
        "url": "http://127.0.0.1:{port}/_aws/execute-api/{api}",
        "description": "A stack on this machine. `make run` prints its URL.",
        "variables": {
            "port": {"default": "4566", "description": "The port of the stack."},
            "api": {"default": "a1b2c3d4e5", "description": "The id of the API, as in the printed URL."},
        },
    },
]
GATEWAY_MESSAGE = {
    "type": "object",
    "description": "An answer of the gateway. The request did not reach the product, or the product did not answer.",
    "properties": {"message": {"type": "string", "description": "The cause, in words, such as `Forbidden`."}},
    "required": ["message"],
}
PROBLEM_OR_MESSAGE = {
    "description": "A problem of the product (`application/problem+json`) or of the gateway (`application/json`).",
    "oneOf": [{"$ref": "#/components/schemas/Problem"}, {"$ref": "#/components/schemas/GatewayMessage"}],
}
FREE_OBJECT = {"type": "object", "additionalProperties": True}
OF_GATEWAY = {
    "401": "The request has no `X-Api-Key`.",
    "403": "The gateway: the key is unknown or revoked.",
    "429": "The gateway: more requests than the limit of the API. Send the request again later.",
    "500": "The gateway: the function failed.",
    "503": "The gateway: the function took too long.",
}
"""The answers that any request may get from the gateway, by status."""
OF_BODIES = {
    "413": f"`{BodyTooLarge.code}`. The gateway: the body has more than 10 MB.",
    "415": f"`{UnsupportedContentType.code}`",
}
"""The refusals of a body that any route may get, also a route without a body."""

HEADERS = {
    "ETag": "The version of what the answer shows, in quotes. Send it as `If-Match` with a change.",
    "Location": "The path of what the request created, or of the transaction that it recorded.",
    "Idempotent-Replayed": "`true` if an earlier request with this key has done this. Otherwise, the header is absent.",
    "Retry-After": "The seconds after which to send the same request again. Answers of the gateway lack this header.",
}
OPTIONAL = {"Idempotent-Replayed", "Retry-After"}
"""The headers that only some answers of a status have."""


def document() -> dict[str, Json]:
    """Returns the resolvers' document, with the gateway's security, scopes and answers."""
    # A handler that cannot be imported, or two models of one name, would otherwise pass with a warning.
    warnings.simplefilter("error")
    merge = OpenAPIMerge(title="Loyalty Wallets", version="1", description=DESCRIPTION, on_conflict="error")
    merge.discover(ROOT / "functions", pattern="app.py", recursive=True, project_root=ROOT)
    made: dict[str, Json] = json.loads(merge.get_openapi_json_schema(), parse_float=_number)
    made["info"]["license"] = {"name": "MIT", "identifier": "MIT"}
    made["servers"] = SERVERS
    made["security"] = [{"ApiKey": []}]
    made["tags"] = [{"name": name, "description": description} for name, description in TAGS.items()]
    components = made["components"]
    for name in ("HTTPValidationError", "ValidationError", "ResponseValidationError"):
        components["schemas"].pop(name, None)
    components["schemas"] |= {"GatewayMessage": GATEWAY_MESSAGE, "ProblemOrMessage": PROBLEM_OR_MESSAGE}
    for name, schema in components["schemas"].items():
        _with_plain_names(schema)
        schema["title"] = name
    components["schemas"]["FreeObject"] = {**FREE_OBJECT, "description": "An object with any fields."}
    components["responses"] = _shared_responses()
    components["headers"] = _headers()
    components["securitySchemes"] = {"ApiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}}
    names: set[str] = set()
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            operation["operationId"] = operation["operationId"].split("_v1_")[0]
            if operation["operationId"] in names:
                raise ValueError(f"two operations have the name {operation['operationId']}")
            names.add(operation["operationId"])
            operation["x-scope"] = ROUTE_SCOPES[f"{method.upper()} {path}"]
            operation["responses"] = _responses(operation)
            components["schemas"] |= _one_success(operation["responses"])
            for parameter in operation.get("parameters", ()):
                _with_plain_names(parameter["schema"])
                # The parameter itself has the same description.
                parameter["schema"].pop("description", None)
    return made


def _headers() -> dict[str, Json]:
    return {
        name: {"description": description, "required": name not in OPTIONAL, "schema": {"type": "string"}}
        for name, description in HEADERS.items()
    }


def _header(name: str) -> dict[str, Json]:
    return {name: {"$ref": f"#/components/headers/{name}"}}


def _shared_responses() -> dict[str, Json]:
    problem, message, either = (
        {"schema": {"$ref": f"#/components/schemas/{name}"}}
        for name in ("Problem", "GatewayMessage", "ProblemOrMessage")
    )
    return {
        "Problem": {"description": "A refusal.", "content": {"application/problem+json": problem}},
        "GatewayMessage": {"description": "The gateway's answer.", "content": {"application/json": message}},
        # Many generators read the first media type alone, so each of the two has the schema for both.
        "ProblemOrMessage": {
            "description": "A refusal, or the gateway's answer.",
            "content": {"application/problem+json": either, "application/json": either},
        },
        "Unavailable": {
            "description": "A refusal that the same request can avoid later, or the gateway's answer.",
            "headers": _header("Retry-After"),
            "content": {"application/problem+json": either, "application/json": either},
        },
    }


def _responses(operation: Json) -> dict[str, Json]:
    """Returns the successes as they are, and each other status with its reasons and one of the shared shapes."""
    successes = {status: response for status, response in operation["responses"].items() if status < "300"}
    if "204" in successes:
        # Powertools describes an answer without content by an empty schema.
        successes["204"].pop("content", None)
    if any(parameter["name"].lower() == "idempotency-key" for parameter in operation.get("parameters", ())):
        # A dry run answers 200 where the command answers 201.
        made = successes[max(successes)]
        made["headers"] = {**made.get("headers", {}), **_header("Idempotent-Replayed")}
    # Powertools adds a 422 of its own to routes without one.
    reasons = {
        status: [response["description"]]
        for status, response in operation["responses"].items()
        if status >= "300" and "ValidationError" not in json.dumps(response.get("content", {}))
    }
    reasons["500"] = ["`internal_error`"]
    for status, reason in {**OF_GATEWAY, **OF_BODIES}.items():
        reasons.setdefault(status, []).append(reason)
    refusals = {
        status: {"$ref": f"#/components/responses/{_shape(status)}", "description": ". ".join(parts)}
        for status, parts in reasons.items()
    }
    return dict(sorted({**successes, **refusals}.items()))


def _one_success(responses: Json) -> dict[str, Json]:
    """Describes both successes with the lower status, where a dry run and the command have different answers.

    Some generators parse every success by the schema of the lowest status. Returns the schema by its name.
    """
    found = [responses[status]["content"]["application/json"] for status in ("200", "201") if status in responses]
    if len(found) < 2 or found[0]["schema"] == found[1]["schema"]:  # noqa: PLR2004
        return {}
    dry_run, command = (content["schema"] for content in found)
    name = "Or".join(schema["$ref"].rsplit("/", maxsplit=1)[-1] for schema in (command, dry_run))
    found[0]["schema"] = {"$ref": f"#/components/schemas/{name}"}
    return {name: {"description": "The answer, or the effect of a dry run (200).", "oneOf": [command, dry_run]}}


def _with_plain_names(schema: Json) -> None:
    """Removes what generators make unreadable names of.

    These are titles, such as `Expiresat` for `expiresAt`, and objects with any fields: each property with such an
    object would get a class of its own.
    """
    if isinstance(schema, list):
        for part in schema:
            _with_plain_names(part)
    elif isinstance(schema, dict):
        if isinstance(schema.get("title"), str):
            del schema["title"]
        if FREE_OBJECT.items() <= schema.items() and "properties" not in schema:
            for key in FREE_OBJECT:
                del schema[key]
            schema["$ref"] = "#/components/schemas/FreeObject"
        for key, part in schema.items():
            if key == "properties":
                _with_plain_names(list(part.values()))
            elif key not in ("default", "enum", "examples"):
                _with_plain_names(part)


def _number(text: str) -> int | float:
    """Returns a bound as it was declared: Powertools writes the bound 1 as 1.0."""
    number = float(text)
    return int(number) if number.is_integer() else number


def _shape(status: str) -> str:
    if status in ("401", "429"):
        return "GatewayMessage"
    if status == "503":
        return "Unavailable"
    return "ProblemOrMessage" if status in (*OF_GATEWAY, "404", "413") else "Problem"
