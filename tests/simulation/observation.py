"""What the table has after each transaction: the states of the cards, and the new items in the order of the stream."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from loyalty.domain.cards.card import Card
from loyalty.store import keys
from loyalty.store.attributes import Item
from loyalty.store.card_items import card_from
from tests.support.emulator import plain_item, stored_partition
from tests.support.world import World

State = dict[str, Card]
"""The existing cards by customer."""


@dataclass
class Observation:
    """Observes after each request, so that at most one transaction is between two states."""

    world: World
    customers: Sequence[str]

    def __post_init__(self) -> None:
        self.states: list[State] = [{}]
        self.stream: list[Item] = []
        """The new items of the customers and of the wallet, in the order of their transactions."""
        self._seen: dict[str, set[str]] = {keys.wallet(self.world.wallet_id): set()}
        self._seen |= {keys.customer(customer_id): set() for customer_id in self.customers}
        self.observe()

    @property
    def now(self) -> int:
        """The number of the present state."""
        return len(self.states) - 1

    def observe(self) -> None:
        items = {pk: stored_partition(self.world.table, pk) for pk in self._seen}
        for pk, own in items.items():
            if len(own) > len(self._seen[pk]):
                new = [plain_item(item) for place, item in own.items() if place not in self._seen[pk]]
                self.stream += sorted(new, key=lambda item: int(item["hs"]["N"]) if "hs" in item else 0)
                self._seen[pk] |= own.keys()
        before = self.states[-1]
        state = {
            customer_id: _card(item, before.get(customer_id))
            for customer_id in self.customers
            if (item := items[keys.customer(customer_id)].get(keys.card(self.world.wallet_id)))
        }
        if any(state[one] is not before.get(one) for one in state):
            self.states.append(state)


def _card(item: Any, known: Card | None) -> Card:
    if known and (str(known.version), str(known.revision)) == (item.attrs["v"].value, item.attrs["e"].value):
        return known
    return card_from(plain_item(item))
