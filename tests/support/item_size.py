"""Item sizes as AWS bills them (Amazon DynamoDB Developer Guide, "Item sizes and formats")."""

from collections.abc import Mapping
from typing import Any


def item_size(item: Mapping[str, Any]) -> int:
    """The bytes of an item in DynamoDB's JSON: names in UTF-8 and values."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(attribute: Mapping[str, Any]) -> int:
    ((kind, value),) = attribute.items()
    match kind:
        case "S":
            size = len(value.encode())
        case "N":
            size = number_size(value)
        case "B":
            size = len(value)
        case "SS" | "NS" | "BS":
            size = sum(value_size({kind[0]: one}) for one in value)
        case "L":
            size = 3 + sum(1 + value_size(one) for one in value)
        case "M":
            size = 3 + sum(1 + len(name.encode()) + value_size(one) for name, one in value.items())
        case _:
            assert kind in ("BOOL", "NULL"), f"{kind} is not a type of DynamoDB"
            size = 1
    return size


def number_size(text: str) -> int:
    """One byte per two significant digits, one more byte, and another one if negative. Outer zeros do not count."""
    digits = text.lstrip("-").replace(".", "").strip("0")
    return (len(digits) + 1) // 2 + 1 + text.startswith("-")
