"""Requires that each module of the built layers has bytecode: `python -m scripts.bytecode BUILD_FOLDER`.

A layer without bytecode is correct, but each cold start takes twice as long. ALLOW_SLOW_LAYER=1 allows it.
A cached layer is checked, too.
"""

import os
import sys
from pathlib import Path

from scripts.local_stack.environments import DEPLOYED

TAG = f"cpython-{DEPLOYED.replace('.', '')}"
"""The tag of the bytecode that Lambda's Python reads."""
UNCHECKED = 0b01
"""PEP 552: the bytecode is used without a look at its source."""


def uncompiled(layer: Path) -> list[Path]:
    """Returns the modules in the layer whose bytecode is missing or is compared with its source at each start."""
    return [module for module in sorted(layer.rglob("*.py")) if not _is_compiled(module)]


def _is_compiled(module: Path) -> bool:
    bytecode = module.parent / "__pycache__" / f"{module.stem}.{TAG}.pyc"
    return bytecode.exists() and int.from_bytes(bytecode.read_bytes()[4:8], "little") == UNCHECKED


def main(build: Path) -> int:
    """Returns the exit code: 1 if a module has no bytecode and this is not allowed."""
    layers = sorted(build.glob("*Layer"))
    slow = [module for layer in layers for module in uncompiled(layer)]
    if layers and not slow:
        return 0
    print(f"{len(slow)} modules of {len(layers)} layers have no bytecode of Python {DEPLOYED}:", *slow[:5], sep="\n")
    if os.environ.get("ALLOW_SLOW_LAYER") == "1":
        return 0
    print("Remove .aws-sam and build again on a machine with this Python, or set ALLOW_SLOW_LAYER=1.")
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
