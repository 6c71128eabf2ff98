"""Item sizes by the rules that AWS bills by (Amazon DynamoDB Developer Guide, "Item sizes and formats")."""

from collections.abc import Mapping
from typing import Any


def item_size(item: Mapping[str, Any]) -> int:
    """Bytes of an item in DynamoDB's own JSON: names in UTF-8 and values."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(attribute: Mapping[str, Any]) -> int:
    ((kind, value),) = attribute.items()
    match kind:
        case "S":
            return len(value.encode())
        case "N":
            return number_size(value)
        case "B":
            return len(value)
        case "SS" | "NS" | "BS":
            return sum(value_size({kind[0]: one}) for one in value)
        case "BOOL" | "NULL":
            return 1
        case "L":
            return 3 + sum(1 + value_size(one) for one in value)
        case "M":
            return 3 + sum(1 + len(name.encode()) + value_size(one) for name, one in value.items())
        case _:
            raise ValueError(f"{kind} is no type of DynamoDB's")


def number_size(text: str) -> int:
    """One byte per two significant digits and one more; a further one below zero. Zeros at the ends do not count."""
    digits = text.lstrip("-").replace(".", "").strip("0")
    return (len(digits) + 1) // 2 + 1 + text.startswith("-")
