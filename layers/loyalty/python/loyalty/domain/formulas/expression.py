"""A named formula, as a wallet keeps it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Expression:
    """A named formula as a wallet copied it."""

    name: str
    formula: str
    version: int
