"""The redemptions of one customer and what belongs to them, as the table has it: read to be verified."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from loyalty.domain.audit.redemptions import CodeKey, GivenCode
from loyalty.domain.catalogue.redemption import CodePlace, Redemption
from loyalty.domain.catalogue.reward import REWARD_ID_PREFIX
from loyalty.domain.earning.recurrence import Use
from loyalty.store import keys
from loyalty.store.attributes import Item, string, text_from
from loyalty.store.ledgers import Flaw
from loyalty.store.receipts import use_from
from loyalty.store.redemptions import redemption_from, redemption_item
from loyalty.store.table import Table


@dataclass(frozen=True, slots=True)
class StoredRedemptions:
    """The redemptions of one customer with their counts, by reward id, and the flaws of their items."""

    redemptions: Sequence[Redemption]
    uses: Mapping[str, Use]
    flaws: Sequence[Flaw] = ()


class RedemptionRecordStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def of_customer(self, customer_id: str) -> StoredRedemptions:
        """Reads all redemptions of the customer, and their counts if there are redemptions."""
        items = self._with_prefix(customer_id, keys.redemption(""))
        if items:
            items += self._with_prefix(customer_id, keys.use(REWARD_ID_PREFIX))
        return redemptions_from_items(items)

    def codes(self, wanted: Sequence[CodeKey]) -> dict[CodeKey, GivenCode]:
        places = {code_key(*one): one for one in wanted}
        items, _ = self._table.batch_get([{"pk": string(pk), "sk": string(sk)} for pk, sk in places])
        return {places[item["pk"]["S"], item["sk"]["S"]]: code_from(item) for item in items}

    def _with_prefix(self, customer_id: str, prefix: str) -> list[Item]:
        values = {":pk": string(keys.customer(customer_id)), ":sk": string(prefix)}
        return list(self._table.query("pk = :pk AND begins_with(sk, :sk)", values))


def redemptions_from_items(items: Iterable[Item]) -> StoredRedemptions:
    """Returns the items of a customer as values. Items of other kinds are left out."""
    redemptions, uses, flaws = [], {}, []
    for item in items:
        kind, _, place = item["sk"]["S"].partition("#")
        if kind == keys.REDEMPTION:
            redemption = redemption_from(item)
            redemptions.append(redemption)
            if redemption_item(redemption) != item:
                flaws.append(Flaw(None, f"Redemption {place} is not written as expected."))
        elif kind == keys.USE and place.startswith(REWARD_ID_PREFIX):
            uses[place] = use_from(item)
    return StoredRedemptions(redemptions, uses, flaws)


def code_key(reward_id: str, place: CodePlace) -> tuple[str, str]:
    """Returns the key of the item of the code."""
    return keys.codes(reward_id, place.shard), keys.code_number(place.number)


def code_from(item: Item) -> GivenCode:
    return GivenCode(item["cd"]["S"], text_from(item, "rd"))
