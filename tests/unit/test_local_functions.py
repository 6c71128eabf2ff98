"""The functions of the local stack: their names, their logs, and their containers if Docker runs."""

import json
import os
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scripts.local_stack import containers
from scripts.local_stack.console import StackError
from scripts.local_stack.functions import Reader, for_containers, with_endpoint
from scripts.local_stack.names import folder_of, logical_id
from tests.support.template import RESOURCES, TEMPLATE

FOLDERS = {
    resource["Properties"]["CodeUri"].rstrip("/").rpartition("/")[2]: name
    for name, resource in RESOURCES.items()
    if resource["Type"] == "AWS::Serverless::Function"
}


def test_every_function_is_found_by_its_folder_and_by_its_name_in_a_stack() -> None:
    assert {folder: logical_id(folder) for folder in FOLDERS} == FOLDERS
    assert {folder_of(f"loyalty-wallets-{name}-183CB0533302E") for name in FOLDERS.values()} == FOLDERS.keys()
    with pytest.raises(StackError, match="no function 'credit'"):
        logical_id("credit")


def logged(message: Mapping[str, Any] | str, *, stream: str = "a", at: int = 1_795_671_769_551) -> dict[str, Any]:
    text = message if isinstance(message, str) else json.dumps(message)
    return {"logStreamName": stream, "timestamp": at, "message": text}


ROUTES = {"POST /credits": "credit_points"}
ANSWERED = {
    "level": "INFO",
    "message": "answered",
    "timestamp": "2026-11-26T05:42:49.551+00:00",
    "cold_start": True,
    "correlation_id": "e56553a1",
    "route": "POST /credits",
    "status": 201,
}
IDENTIFIED = {"level": "INFO", "message": "identified", "correlation_id": "e56553a1", "key_id": "key_1"}
FAILED = {
    "level": "ERROR",
    "message": "failed",
    "exception": "Traceback\n  KeyError",
    "function_name": "loyalty-wallets-SettleCardsFunction-183CB0533302E",
}


def test_a_log_has_one_line_for_each_message_with_its_function_and_what_matters() -> None:
    events = [
        logged("START RequestId: 1"),
        logged(ANSWERED),
        logged(IDENTIFIED, stream="b"),
        logged({"_aws": {}, "level": ""}),
        logged("END RequestId: 1"),
    ]
    assert list(Reader(ROUTES).lines(events)) == [
        "05:42:49.551 credit_points      INFO  answered correlation_id=e56553a1 route=POST /credits status=201",
        "05:42:49.551 authorize          INFO  identified correlation_id=e56553a1 key_id=key_1",
    ]


def test_a_log_shows_each_line_once_and_an_exception_below_its_line() -> None:
    reader = Reader(ROUTES)
    assert len(list(reader.lines([logged(ANSWERED)]))) == 1
    (line,) = reader.lines([logged(ANSWERED), logged(FAILED, stream="b")])
    assert line.splitlines()[1:] == ["    Traceback", "      KeyError"]


def test_a_log_of_one_function_has_its_lines_that_are_not_json_too() -> None:
    events = [logged(ANSWERED), logged(FAILED, stream="b"), logged("Task timed out"), logged("Other", stream="b")]
    shown = list(Reader(ROUTES, "credit_points").lines(events))
    assert [line.split()[-1] for line in shown] == ["status=201", "out"]


def test_a_container_gets_the_variables_of_the_function_and_the_address_that_it_can_reach() -> None:
    deployed = {"SettleCardsFunction": {"LOYALTY_TABLE": "table", "QUEUE_URL": "http://localhost:4566/000000000000/q"}}
    assert for_containers(deployed, "http://172.17.0.1:40000") == {
        "SettleCardsFunction": {
            "AWS_ENDPOINT_URL": "http://172.17.0.1:40000",
            "LOYALTY_TABLE": "table",
            "QUEUE_URL": "http://172.17.0.1:40000/000000000000/q",
        }
    }


def test_the_template_for_containers_declares_the_address_because_sam_passes_no_other_variable() -> None:
    declared = with_endpoint(json.loads(json.dumps(TEMPLATE)))["Globals"]["Function"]["Environment"]["Variables"]
    assert declared.keys() == {*TEMPLATE["Globals"]["Function"]["Environment"]["Variables"], "AWS_ENDPOINT_URL"}


def test_connections_of_containers_reach_the_emulator_on_loopback() -> None:
    with socket.create_server(("127.0.0.1", 0)) as emulator:

        def answer() -> None:
            connection, _ = emulator.accept()
            with connection:
                connection.sendall(connection.recv(100).upper())

        threading.Thread(target=answer, daemon=True).start()
        # On Linux, every address of this network is the machine's own.
        with containers.reachable(emulator.getsockname()[1], "127.0.0.2") as url:
            host, _, port = url.removeprefix("http://").partition(":")
            with socket.create_connection((host, int(port))) as client:
                client.sendall(b"credit")
                assert client.recv(100) == b"CREDIT"
    assert host == "127.0.0.2"


def test_docker_desktop_reaches_loopback_by_its_host_name() -> None:
    with containers.reachable(4566, None) as url:
        assert url == "http://host.docker.internal:4566"


@pytest.mark.parametrize(("exit_code", "runs"), [(0, True), (1, False), (None, False)])
def test_docker_counts_if_its_engine_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exit_code: int | None, runs: bool
) -> None:
    """The command `docker` may be installed without an engine."""
    if exit_code is not None:
        docker = tmp_path / "docker"
        docker.write_text(f"#!/bin/sh\nexit {exit_code}\n")
        docker.chmod(0o755)
    monkeypatch.setitem(os.environ, "PATH", str(tmp_path))
    assert containers.has_docker() is runs


def test_sam_gets_the_function_the_event_the_template_the_variables_and_no_configuration_for_aws() -> None:
    words = containers.command_of(
        ["invoke", "CreditPointsFunction", "--event", "event.json"],
        Path("local.yaml"),
        Path("v.json"),
        Path("empty.toml"),
    )
    assert [str(word) for word in words[1:]] == [
        *("local", "invoke", "CreditPointsFunction", "--event", "event.json"),
        *("--template-file", "local.yaml", "--env-vars", "v.json", "--region", "us-east-1"),
        *("--config-file", "empty.toml"),
    ]
