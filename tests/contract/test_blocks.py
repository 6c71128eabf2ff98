"""Every block of every document is run or checked. A block that cannot be run has the language `text`."""

import re
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.model import OperationModel, Shape

from loyalty.http.routes import ROUTE_SCOPES
from scripts import audit, key, release, reminders
from scripts.demo import __main__ as demo
from scripts.demo import orders
from scripts.local_stack import containers
from scripts.local_stack.environments import SAM
from scripts.replay import __main__ as replay
from tests.bench import __main__ as bench
from tests.support.documents import DOCUMENTS, FENCE, Block, blocks_of, commands_of
from tests.support.template import ROOT

BLOCKS = [block for path in DOCUMENTS for block in blocks_of(path)]
FOR_CONTRIBUTORS = {"CONTRIBUTING.md", "tests/README.md"}
LANGUAGES = {"sh", "json", "http", "text"}

RUN = {
    "README.md": "tests/integration/test_start_doc.py",
    "docs/start.md": "tests/integration/test_start_doc.py",
    "docs/recipes.md": "tests/integration/test_recipes.py",
    "docs/events/README.md": "tests/integration/test_events_doc.py",
}
"""The documents whose requests are sent and whose answers are compared, block by block, and the test that does so."""
EXAMPLES = {
    "docs/errors.md": ("test_code", "PROBLEMS"),
    "docs/guides/access.md": ("test_access_doc", "EXAMPLES"),
    "docs/guides/campaigns.md": ("test_campaigns_doc", "EXAMPLES"),
    "docs/guides/coupons.md": ("test_coupons_doc", "EXAMPLES"),
    "docs/guides/customers.md": ("test_customers_doc", "EXAMPLES"),
    "docs/guides/programs.md": ("test_programs_doc", "EXAMPLES"),
    "docs/guides/replay.md": ("test_replay_doc", "EXAMPLES"),
    "docs/guides/rewards.md": ("test_rewards_doc", "EXAMPLES"),
    "docs/guides/using-the-api.md": ("test_api_doc", "EXAMPLES"),
    "docs/guides/wallet-settings.md": ("test_wallet_settings_doc", "BLOCKS"),
    "docs/reference/patterns.md": ("test_patterns_doc", "EXAMPLES"),
}
"""The documents whose JSON is checked by their own contract tests, and the list that has it."""

MAKEFILE = (ROOT / "Makefile").read_text()
RULES = dict(re.findall(r"^([a-z-]+):.*\n((?:\t.*\n?)*)", MAKEFILE, re.MULTILINE))
PARSERS: dict[str, Callable[[Sequence[str]], Any]] = {
    "scripts.audit": audit.arguments,
    "scripts.demo": demo.arguments,
    "scripts.demo.orders": orders.arguments,
    "scripts.key": key.arguments,
    "scripts.reminders": reminders.arguments,
    "scripts.replay": replay.arguments,
    "tests.bench": bench.arguments,
}
GLOBAL_OPTIONS = {"--query", "--output", "--region", "--profile", "--cli-binary-format"}
AWS = botocore.session.get_session()


def named(blocks: Sequence[Block]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("block", blocks, ids=str)


def of_language(language: str) -> list[Block]:
    return [block for block in BLOCKS if block.language == language]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_block_is_fenced_and_names_its_language(path: Path) -> None:
    assert {block.language for block in blocks_of(path)} <= LANGUAGES
    rest = FENCE.sub("", path.read_text())
    assert "```" not in rest
    assert re.findall(r"(?:^|\n\n)(    .*)", rest) == [], "an indented block is not checked: fence it"


def test_every_json_block_is_compared_or_checked_by_the_test_of_its_document() -> None:
    found = {block.document for block in of_language("json")}
    assert found == RUN.keys() | EXAMPLES.keys()
    for document, (module, name) in EXAMPLES.items():
        checked = getattr(import_module(f"tests.contract.{module}"), name)
        assert len(checked) == sum(block.document == document for block in of_language("json")), document
    for document, test in RUN.items():
        assert Path(document).name in (ROOT / test).read_text()


@named(of_language("http"))
def test_every_listed_route_exists(block: Block) -> None:
    missing = [route for route in routes_of(block.text) if route not in ROUTE_SCOPES]
    assert missing == []


def routes_of(text: str) -> Iterator[str]:
    """The routes of a list: `POST /v1/a/{id}/open, …/close` has another last part for the same path and method."""
    for line in text.splitlines():
        head, path = re.findall(r"^([A-Z, ]+) (/v1/[\w{}/-]+)", line)[0]
        for method in re.findall("[A-Z]+", head):
            yield f"{method} {path}"
            for last in re.findall(r"…(/[\w{}-]+)", line):
                yield f"{method} {path.rpartition('/')[0]}{last}"


def test_commands_have_no_comments() -> None:
    """An interactive zsh, the shell of macOS, takes a pasted comment for a command or for arguments."""
    pasted = [block for block in of_language("sh") if block.document not in FOR_CONTRIBUTORS]
    lines = [(str(block), line) for block in pasted for line in block.text.splitlines()]
    assert [place for place in lines if re.search(r"(^|\s)# ", place[1])] == []


@named(of_language("sh"))
def test_every_command_exists_with_its_arguments(block: Block) -> None:
    for words in commands_of(block.text):
        check(words, block.document)


def test_every_command_in_a_sentence_exists() -> None:
    for path in DOCUMENTS:
        for code in re.findall(r"`((?:make|aws|sam) [^`]+)`", FENCE.sub("", path.read_text())):
            for words in commands_of(code.replace(" …", "").replace("\n", " ")):
                check(words, str(path.relative_to(ROOT)), is_whole=False)


def test_the_commands_that_run_functions_in_containers_exist_with_their_options() -> None:
    for words in (["invoke", "CreditPointsFunction", "--event", "event.json"], ["start-api"]):
        path = Path("file")
        check_sam([str(word) for word in containers.command_of(words, path, path, path)[1:]])


def check(words: list[str], document: str, *, is_whole: bool = True) -> None:
    """Requires that a command exists with its options. In a sentence, options may be missing."""
    program, *rest = words
    if (
        re.match(r"\w+=\$\(", program)
        or program in ("curl", "api", "api()", ".", "set")
        or program == "CARD=/wallets/$WALLET/cards/ann"
    ):
        assert document in RUN, f"no test runs {words}"
    elif re.match(r"\w+=", program):
        check(rest, document)
    elif program == "make":
        check_make(rest)
    elif program == "aws":
        check_aws(rest, is_whole=is_whole)
    elif program in ("sam", ".envs/sam/bin/sam"):
        check_sam(rest)
    elif program == "docker":
        assert rest[-2:] == ["--install", "arm64"], "another command of Docker needs a check"
    elif program == "bash":
        assert (ROOT / rest[0]).is_file()
    else:
        assert program == ".venv/bin/python", words
        check_module(rest[1], rest[2:])


def check_make(words: list[str]) -> None:
    targets = [word for word in words if "=" not in word]
    assert targets
    for target in targets:
        recipe = RULES[target]
        for variable, value in (word.split("=", 1) for word in words if "=" in word):
            assert f"$({variable})" in recipe or f"$(or $({variable})" in recipe or f"$(if $({variable})" in recipe, (
                words
            )
            module = re.search(r"-m ([\w.]+)", recipe)
            if variable == "ARGS" and module:
                check_module(
                    module[1], [*(["orders.jsonl"] if "$(ORDERS)" in recipe else []), *next(commands_of(value))]
                )


def check_module(module: str, words: list[str]) -> None:
    if module in ("pytest", "scripts.test_suites"):
        assert all((ROOT / word).exists() for word in words if word.startswith("tests/"))
    elif module == "scripts.replay.shopify":
        assert (ROOT / "scripts" / "replay" / "shopify.py").exists()
    elif module == "scripts.release":
        _, of_sam = release.arguments(words)
        check_sam(["deploy", *of_sam])
    else:
        PARSERS[module]([word for word in words if word != "…"])


def check_sam(words: list[str]) -> None:
    """SAM's commands take a second to import, so their options are looked up in their sources."""
    sources = sorted((SAM.path / "lib").glob("python*/site-packages/samcli"))
    if not sources:
        pytest.skip("`make setup` has not made the environment of SAM")
    folder = sources[0] / "commands"
    for word in words[: 2 if words[0] == "local" else 1]:
        folder = folder / word.replace("-", "_")
    assert (folder / "command.py").exists() or (folder / "cli.py").exists(), words
    text = "".join(
        path.read_text()
        for path in (
            *folder.glob("*.py"),
            *sources[0].glob("commands/_utils/*.py"),
            *sources[0].glob("commands/local/cli_common/*.py"),
            *sources[0].glob("cli/*.py"),
        )
    )
    for option in options_of(words):
        assert f'"{option}"' in text, option


def options_of(words: Sequence[str]) -> list[str]:
    return [word.partition("=")[0] for word in words if word.startswith("-") and len(word) > 1]


def check_aws(words: list[str], *, is_whole: bool) -> None:
    """Requires the service, the operation, its parameters and the fields of structures, by the models of the SDK."""
    service, command, *rest = words
    if command == "wait":
        waiters = AWS.get_waiter_model(service)
        command = xform_name(waiters.get_waiter(camel(rest.pop(0))).operation, "-")
    model = AWS.get_service_model(service)
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    assert command in operations, words
    operation = model.operation_model(operations[command])
    members = operation.input_shape.members if operation.input_shape else {}
    parameters = {f"--{xform_name(name, '-')}": shape for name, shape in members.items()}
    given = options_of(rest)
    for place, option in enumerate(rest):
        if option.startswith("--") and option not in GLOBAL_OPTIONS:
            shape = parameters.get(option) or parameters[option.replace("--no-", "--")]
            check_value(shape, rest[place + 1 : place + 2])
    if is_whole:
        required = {f"--{xform_name(name, '-')}" for name in required_of(operation)}
        assert required <= set(given), words


def camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))


def required_of(operation: OperationModel) -> Sequence[str]:
    return operation.input_shape.required_members if operation.input_shape else []


def check_value(shape: Shape, value: Sequence[str]) -> None:
    """Requires the names of a structure's fields in the short form `Name=value,Other={…}`."""
    if shape.type_name in ("structure", "list") and value and "=" in value[0]:
        assert set(re.findall(r"(\w+)=", value[0])) <= set(fields_of(shape)), value


def fields_of(shape: Any) -> Iterator[str]:
    if shape.type_name == "list":
        yield from fields_of(shape.member)
    elif shape.type_name == "structure":
        for name, member in shape.members.items():
            yield name
            yield from fields_of(member)
