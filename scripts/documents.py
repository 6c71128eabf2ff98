"""Generates documents from the code: the OpenAPI document, the schemas of events and the table of problems.

`write` writes the documents to docs/. `check` exits with 1 if docs/ differs from the code.
"""

import argparse
import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler.openapi import OpenAPIMerge

from loyalty.http.routes import ROUTE_SCOPES
from loyalty.messaging.detail_types import DETAILS
from loyalty.messaging.events import SOURCE
from scripts.error_document import error_document

os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "Loyalty")
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "loyalty")

ROOT = Path(__file__).parents[1]
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
DESCRIPTION = (
    "Point wallets: how points are earned, stored, spent and expire. An answer is final: what it reports is committed. "
    "Refusals are RFC 9457 problem documents with a stable `code`; docs/errors.md lists the codes in the order in "
    'which a request is checked. The gateway\'s own answers have the body `{"message": ...}`: 401 without a key, '
    "403 for an unknown or revoked key, and 404, 413, 429 and 503."
)


def documents() -> dict[Path, str]:
    """Returns every generated document by its path below the root."""
    made = {Path("docs/openapi.json"): _json(openapi()), Path("docs/errors.md"): error_document()}
    for name, model in DETAILS.items():
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **model.model_json_schema(mode="serialization"),
        }
        document = {**schema, "title": name, "x-source": SOURCE, "x-detail-type": name}
        made[Path("docs/events") / f"{name.lower().replace(' ', '-')}.json"] = _json(document)
    return made


def openapi() -> dict[str, Any]:
    """Returns the resolvers' document, with the gateway's security and scopes, and with the API's own problems."""
    # A handler that cannot be imported, or two models of one name, would otherwise pass with a warning.
    warnings.simplefilter("error")
    merge = OpenAPIMerge(title="Loyalty Wallets", version="1", description=DESCRIPTION, on_conflict="error")
    merge.discover(ROOT / "functions", pattern="app.py", recursive=True, project_root=ROOT)
    document: dict[str, Any] = json.loads(merge.get_openapi_json_schema())
    document["servers"] = [
        {"url": "https://{api}.execute-api.{region}.amazonaws.com", "variables": _server_variables()}
    ]
    document["security"] = [{"ApiKey": []}]
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError", "ResponseValidationError"):
        schemas.pop(name, None)
    document["components"]["securitySchemes"] = {"ApiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}}
    names: set[str] = set()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            operation["operationId"] = operation["operationId"].split("_v1_")[0]
            if operation["operationId"] in names:
                raise ValueError(f"two operations have the name {operation['operationId']}")
            names.add(operation["operationId"])
            operation["x-scope"] = ROUTE_SCOPES[f"{method.upper()} {path}"]
            operation["responses"] = dict(sorted(_own_problems(operation["responses"]).items()))
    return document


def main() -> int:
    """Returns exit code 1 if a check finds a difference."""
    parser = argparse.ArgumentParser(prog="documents", description=__doc__)
    parser.add_argument("command", choices=("write", "check"))
    made = documents()
    if parser.parse_args().command == "write":
        for path, text in made.items():
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_text(text)
        print(f"wrote {len(made)} documents")
        return 0
    stale = [path for path, text in made.items() if not (ROOT / path).exists() or (ROOT / path).read_text() != text]
    stale += [path for path in (ROOT / "docs" / "events").glob("*.json") if path.relative_to(ROOT) not in made]
    for path in stale:
        print(f"{path} differs from the code: run `make openapi`")
    return 1 if stale else 0


def _own_problems(responses: dict[str, Any]) -> dict[str, Any]:
    """Removes the 422 and 500 that Powertools adds to routes without them."""
    ours = {
        status: response
        for status, response in responses.items()
        if "ValidationError" not in json.dumps(response.get("content", {}))
    }
    return {**ours, "500": {"description": "`internal_error`", "content": PROBLEM}}


def _server_variables() -> dict[str, Any]:
    return {"api": {"default": "ApiId output of the stack"}, "region": {"default": "us-east-1"}}


def _json(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
