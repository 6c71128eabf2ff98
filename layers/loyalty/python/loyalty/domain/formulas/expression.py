"""A named formula, as a wallet keeps it."""

from dataclasses import dataclass

NAME_MAX = 64


@dataclass(frozen=True, slots=True)
class Expression:
    """A named formula as a wallet copied it."""

    name: str
    formula: str
    version: int


@dataclass(frozen=True, slots=True)
class ExpressionDefinition:
    name: str
    formula: str
    description: str
    version: int
    updated_at: int
