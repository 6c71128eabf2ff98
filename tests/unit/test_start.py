"""What an environment makes before its first request."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import answer_nothing
from loyalty.http.routing import Route
from loyalty.store.store import connected_store


class Compiled(Route):
    """A route that shows whether it is compiled."""

    compiled = False

    def compile(self) -> None:
        super().compile()
        self.compiled = True


@pytest.fixture(autouse=True)
def no_store() -> Iterator[None]:
    connected_store.cache_clear()
    yield
    connected_store.cache_clear()


@pytest.mark.parametrize("variables", [{}, {"AWS_LAMBDA_FUNCTION_NAME": "credit"}], ids=["elsewhere", "in Lambda"])
def test_lambda_makes_the_client_and_the_routes_at_its_start(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    app, route = APIGatewayHttpResolver(), Compiled("GET", "/v1/session", answer_nothing, {})
    app.routes[route.key] = route

    entry_point(app)

    assert (connected_store.cache_info().currsize == 1, route.compiled) == (bool(variables), bool(variables))


def test_the_garbage_collector_is_off_while_lambda_imports_a_function_and_on_afterwards() -> None:
    statements = """
import gc, loyalty
print(gc.isenabled())
from loyalty.telemetry import logs_without_contents
print(gc.isenabled())
logs_without_contents(lambda event, context: None)
print(gc.isenabled(), gc.get_freeze_count() > 0)
"""
    environment = {**os.environ, "AWS_LAMBDA_FUNCTION_NAME": "credit", "PYTHONPATH": os.pathsep.join(sys.path)}
    printed = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", statements], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert printed.split("\n")[:3] == ["False", "False", "True True"]
