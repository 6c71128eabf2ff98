"""The project: its calendar, its currency, and the schemas of metadata."""

from dataclasses import dataclass

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
    version: int = 0
    """0 if nothing is stored yet."""
