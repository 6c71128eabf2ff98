"""The check that built layers have bytecode for Lambda's Python."""

import py_compile
from pathlib import Path

import pytest

from scripts.bytecode import TAG, main, uncompiled


def build(folder: Path, *, mode: py_compile.PycInvalidationMode | None) -> Path:
    """A build with one layer of one module."""
    module = folder / "LoyaltyLayer" / "python" / "module.py"
    module.parent.mkdir(parents=True)
    module.write_text("")
    if mode:
        compiled = module.parent / "__pycache__" / f"module.{TAG}.pyc"
        py_compile.compile(str(module), str(compiled), invalidation_mode=mode)
    return folder


def test_a_module_with_bytecode_that_is_never_checked_is_compiled(tmp_path: Path) -> None:
    folder = build(tmp_path, mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    assert uncompiled(folder / "LoyaltyLayer") == []
    assert main(folder) == 0


@pytest.mark.parametrize("mode", [None, py_compile.PycInvalidationMode.TIMESTAMP])
def test_other_layers_are_refused_unless_they_are_allowed(
    mode: py_compile.PycInvalidationMode | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ALLOW_SLOW_LAYER", raising=False)
    folder = build(tmp_path, mode=mode)
    assert main(folder) == 1
    monkeypatch.setenv("ALLOW_SLOW_LAYER", "1")
    assert main(folder) == 0


def test_a_build_without_layers_is_refused(tmp_path: Path) -> None:
    assert main(tmp_path) == 1
