"""Python sources of the repository, each parsed once."""

import ast
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from tests.support.template import ROOT


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All nodes of a module."""
    return tuple(ast.walk(tree(path)))


def require_no_faults(paths: Iterable[Path], check: Callable[[Path], Iterable[object]]) -> None:
    """Fails with all faults that the check finds in the files. One test for each file would take longer."""
    faults = [f"{path.relative_to(ROOT)}: {fault}" for path in paths for fault in check(path)]
    assert not faults, "\n".join(faults)
