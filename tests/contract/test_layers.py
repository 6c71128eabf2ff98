"""The code's one direction: functions, edge, use cases, store, domain, errors; and the names nobody may use."""

import ast
import re
import sys
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from loyalty import errors
from loyalty.errors import LoyaltyError
from tests.template import ROOT

PACKAGE = ROOT / "layers" / "loyalty" / "python" / "loyalty"
FUNCTIONS = ROOT / "functions"
PRODUCT = sorted([*PACKAGE.rglob("*.py"), *FUNCTIONS.rglob("*.py")])

# From the bottom up. A module may import its own layer and those below, never one above.
LAYERS = {
    "errors": {"errors", "retry", "telemetry"},
    "domain": {"domain"},
    "store": {"store"},
    "use cases": {
        "access",
        "audits",
        "bus",
        "cards",
        "corrections",
        "custom_events",
        "erasure",
        "events",
        "expressions",
        "history",
        "holds",
        "ledger",
        "outbox",
        "payments",
        "project",
        "settle_queue",
        "sweeps",
        "refunds",
        "transfers",
        "waiting_points",
        "wallet_builder",
        "wallets",
    },
    "edge": {
        "admission",
        "correction_form",
        "hold_form",
        "payment_form",
        "refund_form",
        "card_shapes",
        "correction_shapes",
        "transfer_shapes",
        "problems",
        "api",
        "audit_shapes",
        "bodies",
        "builder_form",
        "conversion",
        "event_form",
        "formula_form",
        "project_form",
        "schema_form",
        "settings_form",
        "settings_guide",
        "settings_schema",
        "refund_shapes",
        "shapes",
        "voucherify",
        "wallet_form",
    },
}
RANK = {name: rank for rank, names in enumerate(LAYERS.values()) for name in names}

# What only one layer may know.
ONLY = {
    "boto3": {"store", "bus", "settle_queue"},
    "botocore": {"store"},
    "pydantic": {
        "correction_form",
        "hold_form",
        "payment_form",
        "refund_form",
        "card_shapes",
        "correction_shapes",
        "transfer_shapes",
        "problems",
        "api",
        "audit_shapes",
        "bodies",
        "builder_form",
        "conversion",
        "event_form",
        "events",
        "formula_form",
        "refund_shapes",
        "project_form",
        "schema_form",
        "settings_form",
        "shapes",
        "wallet_form",
    },
    "aws_lambda_powertools": {
        "card_shapes",
        "correction_shapes",
        "transfer_shapes",
        "problems",
        "api",
        "audit_shapes",
        "bodies",
        "builder_form",
        "event_form",
        "formula_form",
        "outbox",
        "refund_shapes",
        "shapes",
        "telemetry",
    },
    "os": {"store", "bus", "settle_queue", "project_form"},
}
MODULES = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in PACKAGE.rglob("*.py")} - {"__init__"}


def imports(path: Path) -> Iterator[str]:
    """Everything that the module imports, as dotted names; what is for type checkers alone is none of it."""
    tree = ast.parse(path.read_text())
    checked = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for part in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in checked:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ours(path: Path) -> set[str]:
    """Modules and packages right below `loyalty` that the module imports."""
    found = {name.split(".")[1] for name in imports(path) if name.startswith("loyalty.")}
    return found & set(RANK)


def layer_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def named(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: str(path.relative_to(ROOT)))


PARTS = [path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.name != "__init__.py"]


def test_every_module_has_its_layer() -> None:
    assert set(RANK) == MODULES


@named(sorted(PARTS))
def test_a_module_imports_its_own_layer_and_those_below(path: Path) -> None:
    above = {name for name in ours(path) if RANK[name] > RANK[layer_of(path)]}
    assert not above, f"{layer_of(path)} imports {above}, which stand above it"


@named(sorted(FUNCTIONS.rglob("*.py")))
def test_a_function_imports_no_other_function(path: Path) -> None:
    assert not [name for name in imports(path) if name.split(".")[0] in ("functions", "tests", "scripts")]


@named(sorted(PARTS))
def test_the_package_imports_no_function(path: Path) -> None:
    assert not [name for name in imports(path) if name.split(".")[0] in ("functions", "tests", "scripts")]


def test_modules_of_one_layer_do_not_import_in_a_circle() -> None:
    graph: dict[str, set[str]] = {name: set() for name in RANK}
    for path in PARTS:
        graph[layer_of(path)] |= ours(path) - {layer_of(path)}
    done: set[str] = set()
    while len(done) < len(graph):
        free = {name for name, below in graph.items() if name not in done and below <= done}
        assert free, f"a circle among {sorted(set(graph) - done)}"
        done |= free


@named(sorted((PACKAGE / "domain").rglob("*.py")))
def test_the_domain_knows_the_standard_library_and_errors_alone(path: Path) -> None:
    for name in imports(path):
        if name.startswith("loyalty"):
            assert name in ("loyalty.errors", "loyalty.domain") or name.startswith(
                ("loyalty.errors.", "loyalty.domain.")
            )
        else:
            assert name.split(".")[0] in sys.stdlib_module_names
    # Time, chance and the environment come in as arguments.
    assert not {"os", "time", "random", "secrets"} & {name.split(".")[0] for name in imports(path)}
    assert not re.search(r"\b(utcnow|today|now)\(", path.read_text())


@named([PACKAGE / "errors.py"])
def test_errors_know_the_standard_library_alone(path: Path) -> None:
    assert {name.split(".")[0] for name in imports(path)} <= sys.stdlib_module_names


@pytest.mark.parametrize("library", ONLY)
def test_a_library_is_known_where_it_belongs_and_nowhere_else(library: str) -> None:
    users = {layer_of(path) for path in PARTS if library in {name.split(".")[0] for name in imports(path)}}
    assert users <= ONLY[library]


@named(PRODUCT)
def test_nobody_scans_the_table(path: Path) -> None:
    assert not re.search(r"\bscan\(|\bScan\b|[\"']scan[\"']|dynamodb:Scan", path.read_text())


@named(PRODUCT)
def test_names_say_what_things_are(path: Path) -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
    words = set(re.split(r"[/_.]", str(path.relative_to(ROOT))))
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            words |= {word.lower() for word in re.findall(r"[A-Z]?[a-z]+", node.name)}
    assert not words & empty


def refusals(base: type[LoyaltyError] = LoyaltyError) -> Iterator[type[LoyaltyError]]:
    for refusal in base.__subclasses__():
        yield refusal
        yield from refusals(refusal)


def test_each_refusal_has_a_code_a_status_and_a_title_of_its_own() -> None:
    every = [refusal for refusal in refusals() if refusal.__module__ == errors.__name__]
    codes = [refusal.code for refusal in every]
    assert len(set(codes)) == len(codes)
    assert len({refusal.title for refusal in every}) == len(every)
    for refusal in every:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", refusal.code)
        assert isinstance(refusal.status, HTTPStatus)
        assert 400 <= refusal.status < 500 or refusal.status is HTTPStatus.SERVICE_UNAVAILABLE
        assert not refusal.__name__.endswith(("Error", "Exception"))


@pytest.mark.parametrize("refusal", list(refusals()), ids=lambda refusal: refusal.code)
def test_each_refusal_is_documented(refusal: type[LoyaltyError]) -> None:
    assert (
        f"| `{refusal.code}` | {int(refusal.status)} | {refusal.title} |" in (ROOT / "docs" / "errors.md").read_text()
    )
