"""The functions of a deployed stack: `python -m scripts.local_stack.functions STACK_NAME COMMAND …`.

Runs in the emulator's environment, which has boto3 and PyYAML. `invoke` and `logs` are those of the Makefile;
`containers` writes what functions in containers need.
"""

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import yaml

from scripts.local_stack.gateway import Client, folders_of_routes, physical_ids
from scripts.local_stack.names import folder_of

POLL_SECONDS = 1
OVERLAP_MILLISECONDS = 5_000
"""A line may appear later than a newer line of another function."""
HISTORY_MILLISECONDS = 600_000
OF_LAMBDA = ("START RequestId", "END RequestId", "REPORT RequestId")
"""Lines that AWS does not write either, because the template sets SystemLogLevel to WARN."""
OMITTED = {
    "level",
    "message",
    "timestamp",
    "cold_start",
    "function_name",
    "function_request_id",
    "exception",
    "stack_trace",
}


def main() -> int:
    arguments = _parser().parse_args()
    names = physical_ids(boto3.client("cloudformation"), arguments.stack)
    if arguments.command == "logs":
        with contextlib.suppress(KeyboardInterrupt):
            reader = Reader(folders_of_routes(boto3.client("apigatewayv2"), names["Api"]), arguments.function)
            _follow(boto3.client("logs"), arguments.group, reader, is_endless=arguments.follow)
        return 0
    functions = boto3.client("lambda")
    if arguments.command == "invoke":
        return _invoke(functions, names[arguments.function], arguments.event)
    built = yaml.safe_load(arguments.template.read_text())
    variables = {
        name: functions.get_function_configuration(FunctionName=names[name]).get("Environment", {}).get("Variables", {})
        for name, resource in built["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    arguments.variables.write_text(json.dumps(for_containers(variables, arguments.endpoint), indent=2))
    local = arguments.template.with_name("local.yaml")
    local.write_text(yaml.safe_dump(with_endpoint(built), sort_keys=False))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.local_stack.functions", description=__doc__)
    parser.add_argument("stack")
    commands = parser.add_subparsers(dest="command", required=True)
    invoke = commands.add_parser("invoke")
    invoke.add_argument("function")
    invoke.add_argument("event", type=Path)
    logs = commands.add_parser("logs")
    logs.add_argument("group")
    logs.add_argument("--function")
    logs.add_argument("--no-follow", dest="follow", action="store_false")
    containers = commands.add_parser("containers")
    containers.add_argument("template", type=Path)
    containers.add_argument("variables", type=Path)
    containers.add_argument("endpoint")
    return parser


def _invoke(functions: Client, name: str, event: Path) -> int:
    """Prints the function's answer; 1 if the function failed."""
    answer = functions.invoke(FunctionName=name, Payload=event.read_bytes())
    text = answer["Payload"].read().decode()
    print(json.dumps(json.loads(text), indent=2, ensure_ascii=False) if text else text)
    return 1 if "FunctionError" in answer else 0


def for_containers(variables: Mapping[str, Mapping[str, str]], endpoint: str) -> dict[str, dict[str, str]]:
    """Returns the variables of each function, with the emulator's address as a container sees it."""
    return {
        name: {"AWS_ENDPOINT_URL": endpoint, **{key: with_host(value, endpoint) for key, value in of_function.items()}}
        for name, of_function in variables.items()
    }


def with_host(value: str, endpoint: str) -> str:
    """Replaces the emulator's address in a URL such as that of a queue."""
    if not value.startswith("http://"):
        return value
    _, _, path = value.removeprefix("http://").partition("/")
    return f"{endpoint}/{path}"


def with_endpoint(template: Any) -> Any:
    """Declares the variable of the emulator's address: SAM passes only variables that the template declares."""
    template["Globals"]["Function"]["Environment"]["Variables"]["AWS_ENDPOINT_URL"] = ""
    return template


@dataclass
class Reader:
    """Makes lines for people of what the functions log, each line once."""

    routes: Mapping[str, str]
    """The folder of each route's function."""
    function: str | None = None
    """The folder of the one function to show."""
    _seen: set[tuple[str, int, str]] = field(default_factory=set)
    _functions: dict[str, str] = field(default_factory=dict)
    """The function of each log stream, for lines that do not identify it."""

    def lines(self, events: Iterable[Mapping[str, Any]]) -> Iterator[str]:
        known, self._seen = self._seen, set()
        for event in events:
            key = (event["logStreamName"], event["timestamp"], event["message"])
            self._seen.add(key)
            if key not in known and (line := self._line(*key)):
                yield line

    def _line(self, stream: str, at: int, text: str) -> str | None:
        text = text.rstrip()
        try:
            said = json.loads(text)
        except ValueError:
            said = text
        if not isinstance(said, dict):
            said = {"level": "", "message": text}
        elif route := said.get("route"):
            self._functions[stream] = self.routes.get(route, "")
        elif name := said.get("function_name"):
            self._functions[stream] = folder_of(name)
        elif "correlation_id" in said:
            self._functions[stream] = "authorize"
        function = self._functions.get(stream, "")
        # Metrics are lines for CloudWatch.
        if "_aws" in said or text.startswith(OF_LAMBDA) or self.function not in (None, function):
            return None
        clock = datetime.fromtimestamp(at / 1_000, UTC)
        members = " ".join(f"{name}={value}" for name, value in said.items() if name not in OMITTED)
        line = f"{clock:%H:%M:%S}.{clock.microsecond // 1_000:03d} {function:<18} {said['level']:<5} {said['message']}"
        return "\n    ".join([f"{line} {members}".rstrip(), *str(said.get("exception", "")).splitlines()])


def _follow(logs: Client, group: str, reader: Reader, *, is_endless: bool) -> None:
    since = int(time.time() * 1_000) - HISTORY_MILLISECONDS
    while True:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since)
        events = sorted((event for page in pages for event in page["events"]), key=lambda event: event["timestamp"])
        for line in reader.lines(events):
            print(line, flush=True)
        if not is_endless:
            return
        if events:
            since = max(since, events[-1]["timestamp"] - OVERLAP_MILLISECONDS)
        time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
