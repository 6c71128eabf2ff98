"""The names of a function: its folder in `functions/`, its logical id in the template, its name in a stack."""

import re

from scripts.local_stack.console import StackError
from scripts.local_stack.deployment import FUNCTIONS


def logical_id(folder: str) -> str:
    """Returns the logical id, such as CreditPointsFunction. Raises `StackError` if there is no such function."""
    known = sorted(path.parent.name for path in FUNCTIONS.glob("*/app.py"))
    if folder not in known:
        named = f"There is no function {folder!r}" if folder else "Name a function: FUNCTION=credit_points"
        raise StackError(f"{named}. The functions are {', '.join(known)}.")
    return "".join(part.capitalize() for part in folder.split("_")) + "Function"


def folder_of(name: str) -> str:
    """Returns the folder of a deployed function such as loyalty-wallets-CreditPointsFunction-183CB0533302E."""
    found = re.search(r"(\w+)Function\b", name)
    return re.sub(r"(?<!^)(?=[A-Z])", "_", found[1]).lower() if found else name
