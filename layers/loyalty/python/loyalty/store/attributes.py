"""Writes and reads DynamoDB's attribute values."""

from collections.abc import Iterable
from typing import Any

Item = dict[str, Any]

ITEM_FORM = "1"


def string(value: str) -> Item:
    return {"S": value}


def number(value: int) -> Item:
    return {"N": str(value)}


def binary(value: bytes) -> Item:
    return {"B": value}


def numbers(values: Iterable[int]) -> Item:
    return {"L": [{"N": str(value)} for value in values]}


def number_set(values: Iterable[int]) -> Item:
    return {"NS": [str(value) for value in values]}


def ints_from(attribute: Item | None) -> list[int]:
    return [int(value["N"]) for value in attribute["L"]] if attribute else []


def int_from(item: Item, name: str) -> int:
    return int(item[name]["N"]) if name in item else 0


def number_from(item: Item, name: str) -> int | None:
    return int(item[name]["N"]) if name in item else None


def text_from(item: Item, name: str) -> str | None:
    return item[name]["S"] if name in item else None


def bytes_from(item: Item, name: str) -> bytes:
    return bytes(item[name]["B"])
