"""Versioned definitions of any kind: saved, read."""

from collections.abc import Callable
from typing import TypeVar

from loyalty.domain.definition import Definition
from loyalty.errors import LoyaltyError
from loyalty.retry import retry
from loyalty.store.definitions import DefinitionStore

D = TypeVar("D", bound=Definition)


def save(definitions: DefinitionStore[D], name: str, version_of: Callable[[int], D]) -> D:
    """The definition as its next version, which `version_of` makes of the version's number."""

    def attempt() -> D:
        known = definitions.get(name)
        definition = version_of(known.version + 1 if known else 1)
        definitions.save(definition)
        return definition

    return retry(attempt, definitions.noun)


def read(definitions: DefinitionStore[D], name: str, not_found: type[LoyaltyError]) -> D:
    found = definitions.get(name)
    if found is None:
        raise not_found(f"{definitions.noun.capitalize()} {name} does not exist.")
    return found
