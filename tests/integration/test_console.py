"""The function of the web console: which files it serves, and with which headers."""

import base64
import importlib
import importlib.util
import json
import logging
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.stack import CONTEXT
from tests.support.template import ROOT

FUNCTION = ROOT / "functions" / "console"
FILES = {
    "index.html": b"<!doctype html>",
    "index.html.br": b"page, compressed",
    "assets/ui-abc.js": b"export {}",
    "assets/ui-abc.js.br": b"script, compressed",
    "assets/ui-abc.css": b"a {}",
    "assets/sans-abc.woff2": b"\x00\xff\xfe",
    "licences.txt": b"MIT",
}
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
}

Get = Callable[..., tuple[int, Mapping[str, str], bytes]]


@pytest.fixture(scope="module")
def get(tmp_path_factory: pytest.TempPathFactory) -> Get:
    """Requests to the function with files of this test, packaged as it is deployed. `None` asks for the folder."""
    folder = tmp_path_factory.mktemp("package")
    shutil.copy(FUNCTION / "app.py", folder)
    (folder / "secret.txt").write_text("not for the web")
    for name, content in FILES.items():
        (folder / "static" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "static" / name).write_bytes(content)
    handler = load(folder)

    def send(
        file: str | None, headers: Mapping[str, str] | None = None, path: str = "/console"
    ) -> tuple[int, Mapping[str, str], bytes]:
        route = "GET /console" if file is None else "GET /console/{file+}"
        event = {
            "rawPath": path,
            "headers": dict(headers or {}),
            "requestContext": {"requestId": "request-1", "routeKey": route},
            **({} if file is None else {"pathParameters": {"file": file}}),
        }
        answer = handler(event, CONTEXT)
        assert answer["isBase64Encoded"] is True
        return answer["statusCode"], answer["headers"], base64.b64decode(answer["body"])

    return send


def load(folder: Path) -> Callable[[Any, Any], Any]:
    spec = importlib.util.spec_from_file_location("console_of_this_test", folder / "app.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    handler: Callable[[Any, Any], Any] = module.lambda_handler
    return handler


@pytest.mark.parametrize(
    ("file", "content_type"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("assets/ui-abc.js", "text/javascript; charset=utf-8"),
        ("assets/ui-abc.css", "text/css; charset=utf-8"),
        ("assets/sans-abc.woff2", "font/woff2"),
        ("licences.txt", "text/plain; charset=utf-8"),
    ],
)
def test_a_file_is_served_byte_for_byte_with_its_type(get: Get, file: str, content_type: str) -> None:
    status, headers, body = get(file)
    assert (status, headers["content-type"], body) == (200, content_type, FILES[file])
    assert "content-encoding" not in headers


@pytest.mark.parametrize("accepted", ["br", "gzip, deflate, br, zstd", "gzip;q=0.5, br; q=0.9"])
def test_a_browser_that_accepts_brotli_gets_the_compressed_file(get: Get, accepted: str) -> None:
    status, headers, body = get("assets/ui-abc.js", {"accept-encoding": accepted})
    assert (status, body) == (200, b"script, compressed")
    assert (headers["content-encoding"], headers["vary"]) == ("br", "accept-encoding")
    assert headers["content-type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize("accepted", ["", "gzip", "br;q=0", "gzip, br; q=0.0", "brotli"])
def test_a_client_without_brotli_gets_the_raw_file_which_a_cache_keeps_apart(get: Get, accepted: str) -> None:
    _, headers, body = get("assets/ui-abc.js", {"accept-encoding": accepted})
    assert body == b"export {}"
    assert headers["vary"] == "accept-encoding"


def test_a_file_without_a_compressed_form_is_served_raw_to_everyone(get: Get) -> None:
    _, headers, body = get("assets/sans-abc.woff2", {"accept-encoding": "br"})
    assert (body, headers.keys() & {"vary", "content-encoding"}) == (FILES["assets/sans-abc.woff2"], set())


def test_a_browser_keeps_assets_for_a_year_and_asks_again_for_the_page(get: Get) -> None:
    assert get("assets/ui-abc.js")[1]["cache-control"] == "public, max-age=31536000, immutable"
    assert get("index.html")[1]["cache-control"] == get("licences.txt")[1]["cache-control"] == "no-cache"


@pytest.mark.parametrize("sent", ["{}", "W/{}", '"other", {}'])
def test_an_unchanged_page_is_not_sent_again(get: Get, sent: str) -> None:
    etag = get("index.html")[1]["etag"]
    status, headers, body = get("index.html", {"if-none-match": sent.format(etag)})
    assert (status, body, headers["etag"], headers["cache-control"]) == (304, b"", etag, "no-cache")


def test_a_changed_page_is_sent_and_each_form_of_a_file_has_its_own_etag(get: Get) -> None:
    raw, compressed = get("index.html")[1]["etag"], get("index.html", {"accept-encoding": "br"})[1]["etag"]
    assert raw != compressed
    assert get("index.html", {"if-none-match": compressed})[0] == 200


@pytest.mark.parametrize(("path", "location"), [("/console", "console/index.html"), ("/console/", "index.html")])
def test_the_folder_leads_to_its_page_below_any_prefix(get: Get, path: str, location: str) -> None:
    status, headers, _ = get(None, path=path)
    assert (status, headers["location"]) == (302, location)


@pytest.mark.parametrize(
    "file",
    ["none.js", "../secret.txt", "../app.py", "assets/../../app.py", "/etc/passwd", "assets", "", "index.html.br"],
)
def test_no_other_path_is_served(get: Get, file: str) -> None:
    status, headers, body = get(file)
    assert (status, headers["content-type"]) == (404, "application/problem+json")
    problem = json.loads(body)
    assert (problem["code"], problem["status"], problem["requestId"]) == ("route_not_found", 404, "request-1")


@pytest.mark.parametrize(
    ("file", "sent", "status"),
    [("index.html", {}, 200), ("index.html", {"if-none-match": None}, 304), (None, {}, 302), ("none.js", {}, 404)],
)
def test_every_answer_has_the_security_headers(
    get: Get, file: str | None, sent: Mapping[str, str | None], status: int
) -> None:
    known = {name: get("index.html")[1]["etag"] for name in sent}
    answered, headers, _ = get(file, known)
    assert answered == status
    assert set(headers["content-security-policy"].split("; ")) == POLICY
    assert headers["strict-transport-security"].startswith("max-age=")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["permissions-policy"] == "camera=(), geolocation=(), microphone=()"


def test_the_log_has_the_names_of_served_files_and_no_text_of_a_request(
    get: Get, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "console"):
        get("index.html")
        get("SECRET.txt")
    lines = [vars(record) for record in caplog.records]
    found = [(line["message"], line["route"], line["file"], line["status"], line["correlation_id"]) for line in lines]
    route = "GET /console/{file+}"
    assert found == [
        ("answered", route, "index.html", 200, "request-1"),
        ("answered", route, None, 404, "request-1"),
    ]


def test_every_file_of_the_build_has_a_type_and_only_the_page_and_the_licences_are_outside_assets() -> None:
    static = FUNCTION / "static"
    types = importlib.import_module("functions.console.app").TYPES
    files = [file.relative_to(static) for file in static.rglob("*") if file.is_file()]
    named = [file.with_suffix("") if file.suffix == ".br" else file for file in files]
    assert {file.suffix for file in named} <= types.keys()
    assert {str(file) for file in named if file.parts[0] != "assets"} <= {"index.html", "licences.txt"}
