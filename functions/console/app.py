"""GET /console…: serves the built files of the web console. Only the standard library: the function has no layers."""

import base64
import json
import logging
import re
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any

STATIC = Path(__file__).parent / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
# The build gives a file in assets/ another name whenever its content changes.
FOREVER = "public, max-age=31536000, immutable"
SECURITY = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
}

logger = logging.getLogger("console")


# Only these names are ever opened, so no path can leave the folder. A file `x.br` is the compressed form of `x`.
FILES = frozenset(file.relative_to(STATIC).as_posix() for file in STATIC.rglob("*") if file.is_file())
NAMES = frozenset(name for name in FILES if not name.endswith(".br"))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    request = event["requestContext"]
    name = (event.get("pathParameters") or {}).get("file")
    if name is None:
        # The location is relative, so any prefix of the path stays. After a final slash it is another location.
        location = "index.html" if event["rawPath"].endswith("/") else "console/index.html"
        status, headers, body = HTTPStatus.FOUND, {"location": location, "cache-control": "no-cache"}, b""
    elif name in NAMES:
        status, headers, body = _file(name, event.get("headers") or {})
    else:
        status, headers, body = _not_found(request["requestId"])
        # The name may be any text, and the log has no contents of requests.
        name = None
    ids = {"correlation_id": request["requestId"], "route": request["routeKey"], "file": name}
    logger.info("answered", extra={**ids, "status": int(status)})
    encoded = base64.b64encode(body).decode()
    return {"statusCode": int(status), "headers": SECURITY | headers, "body": encoded, "isBase64Encoded": True}


def _file(name: str, sent: Mapping[str, str]) -> tuple[HTTPStatus, dict[str, str], bytes]:
    headers = {"cache-control": FOREVER if name.startswith("assets/") else "no-cache"}
    path = name
    if f"{name}.br" in FILES:
        headers["vary"] = "accept-encoding"
        if _accepts_brotli(sent.get("accept-encoding", "")):
            headers["content-encoding"] = "br"
            path = f"{name}.br"
    body, headers["etag"] = _content(path)
    if headers["etag"] in re.findall(r'"[^"]*"', sent.get("if-none-match", "")):
        return HTTPStatus.NOT_MODIFIED, headers, b""
    return HTTPStatus.OK, headers | {"content-type": TYPES[Path(name).suffix]}, body


def _accepts_brotli(accepted: str) -> bool:
    codings = accepted.lower().replace(" ", "").split(",")
    return any(coding.split(";")[0] == "br" and not re.fullmatch(r"br;q=0(\.0*)?", coding) for coding in codings)


@cache
def _content(path: str) -> tuple[bytes, str]:
    """Returns the bytes of the file and their ETag."""
    body = (STATIC / path).read_bytes()
    return body, f'"{sha256(body).hexdigest()[:32]}"'


def _not_found(request_id: str) -> tuple[HTTPStatus, dict[str, str], bytes]:
    """Answers like an unknown route of the API."""
    problem = {
        "type": "urn:loyalty:problem:route_not_found",
        "title": "There is no such route",
        "status": 404,
        "detail": "The console has no file of this name. Open console/index.html.",
        "code": "route_not_found",
        "requestId": request_id,
        "errors": [],
    }
    headers = {"content-type": "application/problem+json", "cache-control": "no-cache"}
    return HTTPStatus.NOT_FOUND, headers, json.dumps(problem).encode()
