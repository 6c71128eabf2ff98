"""An entry of the index of orders."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class OrderEntry:
    """A customer who has transactions of an order, and the wallets of these transactions."""

    order_id: str
    customer_id: str
    wallet_ids: frozenset[str]
    first_at: int
    """When the first of the transactions was recorded, in epoch seconds."""

    def merge(self, other: "OrderEntry") -> "OrderEntry":
        """Returns the entry of the transactions of both, which are of one order and customer."""
        return replace(self, wallet_ids=self.wallet_ids | other.wallet_ids, first_at=min(self.first_at, other.first_at))
