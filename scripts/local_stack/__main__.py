"""`python3 -m scripts.local_stack`: the commands."""

import argparse
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from scripts.local_stack import api, containers, deployment, emulator, environments, names, project
from scripts.local_stack.console import StackError, say, step
from scripts.local_stack.environments import ROOT
from scripts.local_stack.stack import Stack


def main() -> int:
    arguments = _parser().parse_args()
    # Python must not write bytecode next to code that gets packaged.
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    try:
        environments.check_python()
        if arguments.command == "environments":
            wanted = arguments.names or [environment.name for environment in environments.ALL]
            environments.make_all([environment for environment in environments.ALL if environment.name in wanted])
            return 0
        stack = Stack(arguments.state_dir)
        if arguments.command == "status":
            return _status(stack)
        if arguments.command in ("logs", "invoke", "api"):
            return _use(stack, arguments)
        with stack.command():
            if arguments.command == "stop":
                say("stopped" if emulator.stop(stack, keep_log=arguments.keep_log) else "nothing was running")
            else:
                _start(stack, arguments.port, dict(arguments.parameter))
    except StackError as error:
        say(f"\n{error}")
        return 1
    except KeyboardInterrupt:
        if arguments.command == "start":
            say("\ninterrupted; `make run` continues from here, `make stop` ends the stack")
        return 130
    return 0


def _start(stack: Stack, port: int | None, named: Mapping[str, str]) -> None:
    if stack.is_running and not environments.EMULATOR.is_current:
        # The emulator would lose the files on which it runs.
        emulator.stop(stack)
    environments.make_all(environments.ALL)
    project.require_valid(named)
    if not stack.is_running:
        with step("emulator"):
            emulator.start(stack, port)
    else:
        emulator.start(stack, port)
    facts = stack.facts()
    if facts.deployed:
        project.require_same(api.get(stack, "/v1/project"), named)
    facts.parameters |= named
    parameters = deployment.DEV_PARAMETERS | facts.parameters
    wanted = deployment.fingerprint(parameters)
    if facts.deployed != wanted:
        deployment.build(stack, parameters)
        deployment.deploy(stack, parameters)
        facts.outputs = deployment.complete(stack)
        stack.remember(facts)
        facts.api_key = facts.api_key or api.create_key(stack)
        stack.remember(facts)
        with step("first request"):
            # A deployed stack may fail to answer: a function that cannot be imported is found here.
            api.get(stack, "/v1/project")
        facts.deployed = wanted
        stack.remember(facts)
    variables = stack.variables()
    stack.write_env_file(variables)
    url = variables["LOYALTY_API_URL"]
    has = api.get(stack, "/v1/project")
    say(f"\nThe stack is up: {has['timeZone']}, {has['currency']}. Its variables are in {stack.env_file}.")
    print(url)
    print(f"curl -s -H 'X-Api-Key: {facts.api_key}' {shlex.quote(url + '/v1/wallets')}")
    # A browser sends no fragment, so the key is in no request and in no log.
    print(f"{variables['LOYALTY_CONSOLE_URL']}#key={facts.api_key}")


def _status(stack: Stack) -> int:
    if not stack.is_running:
        say("not running")
        return 1
    facts = stack.facts()
    say(f"running, process {facts.pid}, {stack.endpoint()}" + ("" if facts.deployed else ", nothing deployed"))
    return 0


def _use(stack: Stack, arguments: argparse.Namespace) -> int:
    """Runs a command that needs a running stack, to its end."""
    if not stack.is_running or not stack.facts().deployed:
        raise StackError("This command needs a running stack: use `make run` first.")
    if arguments.command == "logs":
        group = stack.facts().outputs["FunctionLogGroup"]
        only = ["--function", arguments.function] if arguments.function and names.logical_id(arguments.function) else []
        once = [] if arguments.follow else ["--no-follow"]
        return _exit_code(stack, ["logs", group, *only, *once])
    if arguments.command == "invoke":
        function, event = names.logical_id(arguments.function), arguments.event
        event = (event or ROOT / "events" / f"{arguments.function}.json").resolve()
        if not event.is_file():
            raise StackError(f"There is no file {event}.")
        if containers.has_docker():
            return containers.run_sam(stack, ["invoke", function, "--event", event])
        say("No Docker engine runs: the function of the local stack gets the event, without `sam local invoke`.")
        return _exit_code(stack, ["invoke", function, event])
    if containers.has_docker():
        return containers.run_sam(stack, ["start-api"])
    say("No Docker engine runs, so `sam local start-api` cannot start. The local stack serves the same routes:")
    print(stack.variables()["LOYALTY_API_URL"])
    return 0


def _exit_code(stack: Stack, words: Sequence[str | Path]) -> int:
    """Runs a command over the functions with the terminal of this process."""
    command = [*deployment.module("functions"), deployment.STACK_NAME, *words]
    return subprocess.run([str(word) for word in command], env=stack.aws_env(), cwd=ROOT, check=False).returncode  # noqa: S603


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m scripts.local_stack", description="The product on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    names = [environment.name for environment in environments.ALL]
    making = commands.add_parser("environments", help="make the Python environments that are missing or outdated")
    making.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(names)}; all if none is given")
    for name, text in (
        ("start", "start the stack, or update a running one"),
        ("stop", "stop the stack and remove its leftovers"),
        ("status", "show whether the stack runs; exits with 1 if it does not"),
        ("logs", "follow the logs of the functions, from the last ten minutes on"),
        ("invoke", "give an event to a function, in a container if Docker runs"),
        ("api", "serve the API from containers if Docker runs, or name the URL of the stack"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument(
            "--state-dir", type=Path, default=ROOT / ".local", help="the stack's folder; two stacks need two (.local)"
        )
        if name == "logs":
            command.add_argument("--function", metavar="FOLDER", help="only this function, such as credit_points")
            command.add_argument("--no-follow", dest="follow", action="store_false", help="end after the lines so far")
        if name == "invoke":
            command.add_argument("function", metavar="FOLDER", help="the function, such as credit_points")
            command.add_argument("--event", type=Path, metavar="FILE", help="by default events/FOLDER.json")
        if name == "stop":
            command.add_argument("--keep-log", action="store_true", help="keep emulator.log")
        if name == "start":
            command.add_argument("--port", type=int, help="0 for any free port; by default 4566, if it is free")
            command.add_argument(
                *("--parameter", "-p"),
                type=_assignment,
                action="append",
                default=[],
                metavar="NAME=VALUE",
                help="a parameter of the template",
            )
    return parser


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


if __name__ == "__main__":
    sys.exit(main())
