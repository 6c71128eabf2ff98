"""What all versioned definitions have in common, whatever they define."""

from typing import Protocol


class Definition(Protocol):
    """A document that has a name and versions: event definitions, expressions."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int:
        """1 for the first."""

    @property
    def updated_at(self) -> int: ...
