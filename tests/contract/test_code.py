"""What import-linter cannot check: a pure domain, no scan, one error table, names of the contract."""

import ast
import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from loyalty import errors
from loyalty.api.base import Answer, Request
from loyalty.api.field_problems import MESSAGES, UNEXPECTED
from loyalty.api.fields import FORMATS
from loyalty.domain.catalogue.activation_rules import RULES as REWARD_RULES
from loyalty.domain.catalogue.availability import Unavailable
from loyalty.domain.earning.activation_rules import RULES as CAMPAIGN_RULES
from loyalty.domain.earning.skips import SkipReason
from loyalty.domain.wallets.activation_rules import RULES as WALLET_RULES
from loyalty.errors import LoyaltyError
from tests.support.requests import DOCUMENT, ROUTES, SCHEMAS, operation
from tests.support.sources import nodes, require_no_faults
from tests.support.template import ROOT

PACKAGE = ROOT / "layers" / "loyalty" / "python" / "loyalty"
FUNCTIONS = ROOT / "functions"
PRODUCT = sorted([*PACKAGE.rglob("*.py"), *FUNCTIONS.rglob("*.py")])


@cache
def imports(path: Path) -> tuple[str, ...]:
    """The imports of the module as dotted names, without the imports for type checkers."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    checked = {
        id(part)
        for node in nodes(path)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for part in ast.walk(node)
    }
    for node in nodes(path):
        if id(node) in checked:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_product_imports_no_tests_or_scripts_and_no_function_imports_another() -> None:
    def foreign(path: Path) -> list[str]:
        return [name for name in imports(path) if name.split(".")[0] in ("functions", "tests", "scripts")]

    require_no_faults(PRODUCT, foreign)


def test_the_domain_imports_only_the_standard_library_and_errors() -> None:
    def foreign(path: Path) -> Iterator[str]:
        for name in imports(path):
            if name.startswith("loyalty"):
                if name not in ("loyalty.errors", "loyalty.domain") and not name.startswith(
                    ("loyalty.errors.", "loyalty.domain.")
                ):
                    yield name
            elif name.split(".")[0] not in sys.stdlib_module_names:
                yield name
        # Time, randomness and the environment are arguments.
        yield from {"os", "time", "random", "secrets"} & {name.split(".")[0] for name in imports(path)}
        yield from re.findall(r"\b(?:utcnow|today|now)\(", path.read_text())

    require_no_faults(sorted((PACKAGE / "domain").rglob("*.py")), foreign)


def test_errors_import_only_the_standard_library() -> None:
    assert {name.split(".")[0] for name in imports(PACKAGE / "errors.py")} <= sys.stdlib_module_names


def test_no_module_scans_the_table() -> None:
    scan = re.compile(r"\bscan\(|\bScan\b|[\"']scan[\"']|dynamodb:Scan")
    require_no_faults(PRODUCT, lambda path: scan.findall(path.read_text()))


def test_random_values_come_from_the_operating_system() -> None:
    # Environments that start from one snapshot would get the same values of Python's generator.
    def seeded(path: Path) -> set[str]:
        names = {name for name in imports(path) if name.split(".")[0] == "random"}
        lines = {"import random"} & set(path.read_text().splitlines())
        return lines | names - {"random", "random.SystemRandom"}

    require_no_faults(PRODUCT, seeded)


def calls(path: Path) -> Iterator[tuple[ast.Call, str]]:
    """The calls of a module, each with the last name of what it calls; for `Refusal.of_field`, the refusal's."""
    for node in nodes(path):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute) and called.attr == "of_field":
                called = called.value
            match called:
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    yield node, name


def refusals(base: type[LoyaltyError] = LoyaltyError) -> Iterator[type[LoyaltyError]]:
    for refusal in base.__subclasses__():
        yield refusal
        yield from refusals(refusal)


def test_each_refusal_has_its_own_code_and_title_and_a_client_error_status() -> None:
    every = [refusal for refusal in refusals() if refusal.__module__ == errors.__name__]
    codes = [refusal.code for refusal in every]
    assert len(set(codes)) == len(codes)
    assert len({refusal.title for refusal in every}) == len(every)
    for refusal in every:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", refusal.code)
        assert isinstance(refusal.status, HTTPStatus)
        assert 400 <= refusal.status < 500 or refusal.status is HTTPStatus.SERVICE_UNAVAILABLE
        assert not refusal.__name__.endswith(("Error", "Exception"))


REFUSALS = (ROOT / "docs" / "errors.md").read_text()
PROBLEMS = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", REFUSALS, re.DOTALL)]


def test_the_shown_problem_has_the_members_of_its_code() -> None:
    (problem,) = PROBLEMS
    declared = {refusal.code: refusal.members for refusal in refusals()}
    members = {member.name for member in declared[problem["code"]]}
    assert problem.keys() == (errors.FIXED_MEMBERS - {"instance"}) | members


def test_each_refusal_says_when_it_comes_what_to_do_and_which_members_it_has() -> None:
    document = REFUSALS
    for refusal in refusals():
        assert refusal.__doc__, refusal.code
        assert refusal.advice.endswith("."), refusal.code
        assert f"| [`{refusal.code}`](#{refusal.code}) | {int(refusal.status)} | {refusal.title} |" in document
        section = document.partition(f"### `{refusal.code}`\n")[2].partition("\n### ")[0]
        for member in refusal.members:
            assert member.name not in errors.FIXED_MEMBERS
            assert f"* `{member.name}` (" in section


def test_a_reason_that_a_refusal_names_exists() -> None:
    meanings = [member.meaning for refusal in refusals() for member in refusal.members if member.name == "reason"]
    named = {reason for meaning in meanings for reason in re.findall(r"`(\w+)`", meaning)}
    assert named
    assert named <= {*Unavailable, *SkipReason}


def test_each_code_of_a_field_is_documented_and_in_no_words_of_the_validator() -> None:
    rules = {rule.code for rules in (WALLET_RULES, CAMPAIGN_RULES, REWARD_RULES) for rule in rules}
    validator = {code for code, _ in (*MESSAGES.values(), UNEXPECTED)}
    assert rules | validator <= errors.FIELD_CODES.keys() | {refusal.code for refusal in refusals()}
    document = (ROOT / "docs" / "errors.md").read_text()
    assert all(f"| `{code}` | {meaning} |" in document for code, meaning in errors.FIELD_CODES.items())


def test_each_field_is_refused_with_a_documented_code() -> None:
    known = {*errors.FIELD_CODES, *(one.code for one in refusals())}

    def undocumented(path: Path) -> Iterator[str]:
        places = {"FieldProblem": 1, "PydanticCustomError": 0, "_refuse": 0, "_invalid_json": 0}
        if path.name in {"parser.py", "patterns.py"}:
            places["_refusal"] = 0 if path.name == "parser.py" else 1
        for call, name in calls(path):
            place = places.get(name)
            code = call.args[place] if place is not None and len(call.args) > place else None
            if isinstance(code, ast.Constant) and code.value not in known:
                yield f"line {call.lineno}, {code.value!r}"

    require_no_faults(PRODUCT, undocumented)


def test_each_pattern_of_the_contract_is_described_in_words() -> None:
    import_contract()
    patterns = {
        schema["pattern"] for schema in parts(DOCUMENT) if isinstance(schema.get("pattern"), str) and "type" in schema
    }
    assert patterns <= FORMATS.keys()
    assert not [words for words in FORMATS.values() if re.search(r"[\[\]^$]", words)]


def parts(document: Any) -> Iterator[Any]:
    if isinstance(document, dict):
        yield document
        for part in document.values():
            yield from parts(part)
    elif isinstance(document, list):
        for part in document:
            yield from parts(part)


def import_contract() -> None:
    for path in [*(PACKAGE / "api").rglob("*.py"), PACKAGE / "http" / "parameters.py"]:
        import_module(".".join(["loyalty", *path.relative_to(PACKAGE).with_suffix("").parts]))


def models(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        yield model
        yield from models(model)


def test_each_model_of_the_contract_has_a_unique_name() -> None:
    """Two models with one name would be one component of the OpenAPI document, with the fields of one of them."""
    import_contract()
    # A model with two parents is found under both.
    names = [model.__name__ for model in {model for base in (Request, Answer) for model in models(base)}]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_request_models_of_the_contract_end_in_request_and_no_name_is_internal() -> None:
    assert not [name for name in SCHEMAS if re.search(r"Shape|Form|Body|Then$|_", name.removeprefix("Formula"))]
    bodies = [operation(route).get("requestBody", {}).get("content", {}) for route in ROUTES]
    requested = {body["application/json"]["schema"]["$ref"].rsplit("/", 1)[1] for body in bodies if body}
    assert not [name for name in requested if not name.endswith("Request")]


def test_each_refusal_is_raised_with_its_declared_members_only() -> None:
    declared = {refusal.__name__: {member.name for member in refusal.members} for refusal in refusals()}

    def undeclared(path: Path) -> Iterator[str]:
        for call, name in calls(path):
            members = {keyword.arg for keyword in call.keywords if keyword.arg} - {"errors"}
            if not members <= declared.get(name, members):
                yield f"line {call.lineno}, {name}"

    require_no_faults(PRODUCT, undeclared)


@pytest.mark.parametrize("name", sorted(errors.FIXED_MEMBERS - {"detail", "errors"}))
def test_a_refusal_takes_no_extension_with_the_name_of_a_fixed_member(name: str) -> None:
    extensions: Any = {name: "x"}
    with pytest.raises(AssertionError):
        errors.NotReversible("The transaction cannot be reversed.", **extensions)
