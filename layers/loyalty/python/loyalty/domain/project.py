"""The project: its calendar, its currency, the schemas of metadata, and its roles."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from loyalty.domain.access import Rights
from loyalty.domain.schema import Property


@dataclass(frozen=True, slots=True)
class Project:
    time_zone: str
    currency: str
    fixed: bool = False
    """Whether a wallet was ever active: dates and amounts are recorded in this zone and currency."""
    wallet_schema: tuple[Property, ...] = ()
    """The schema of wallet metadata."""
    card_schema: tuple[Property, ...] = ()
    """The schema of cards' metadata."""
    roles: Mapping[str, Rights] = field(default_factory=dict)
    """The roles that the project adds to the built-in roles, or that replace them, by name."""
    version: int = 0
    """0 if nothing is stored yet."""
