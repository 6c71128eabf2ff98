"""What events recorded for one customer beside the cards, as the table has it: read to be verified."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from loyalty.domain.audit.awards import AwardRow, CustomerAwards
from loyalty.domain.cards.transaction import Operation, Transaction
from loyalty.domain.catalogue.reward import REWARD_ID_PREFIX
from loyalty.domain.customer import Customer
from loyalty.domain.earning.receipt import EventKey, Receipt, ReceiptAward
from loyalty.domain.earning.recurrence import Use
from loyalty.errors import LedgerTooLong
from loyalty.store import keys
from loyalty.store.attributes import Item, string
from loyalty.store.customers import customer_from
from loyalty.store.ledgers import Flaw
from loyalty.store.receipts import award_row_key, receipt_from, receipt_item, use_from
from loyalty.store.row_items import row_from
from loyalty.store.table import Table


@dataclass(frozen=True, slots=True)
class StoredAwards:
    """The records of one customer, and the flaws of their items."""

    awards: CustomerAwards
    flaws: Sequence[Flaw]


class AwardRecordStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def of_customer(self, customer_id: str, receipts_max: int, awards: Sequence[AwardRow]) -> StoredAwards:
        """Reads the customer's receipts and counts; `awards` are the rows of awards of one of the customer's cards.

        Raises `LedgerTooLong` if there are more than `receipts_max` receipts and values that count once.
        """
        pk = string(keys.customer(customer_id))
        values = {":pk": pk, ":from": string(keys.CUSTOMER), ":to": string(keys.after_all_receipts())}
        items: list[Item] = []
        for item in self._table.query("pk = :pk AND sk BETWEEN :from AND :to", values):
            items.append(item)
            if len(items) > receipts_max:
                detail = f"The customer has more than {receipts_max} receipts; one request reads no more."
                raise LedgerTooLong(detail, rows=len(items), max=receipts_max)
        if awards or any("aw" in item for item in items):
            prefix = "pk = :pk AND begins_with(sk, :sk)"
            uses = list(self._table.query(prefix, {":pk": pk, ":sk": string(keys.use(""))}))
            items += uses
            is_referrer = any(item["sk"]["S"].endswith(keys.BY_REFERRER) for item in uses)
            if is_referrer or any(award.row.counterpart for award in awards):
                of_others = "attribute_exists(aw) AND attribute_exists(cp)"
                items += self._table.query(prefix, {":pk": pk, ":sk": string(f"{keys.TXN}#")}, filter_=of_others)
        return awards_from_items(customer_id, items)

    def receipts(self, events: Iterable[EventKey]) -> dict[EventKey, Receipt]:
        """Returns the receipts of these events of any customers."""
        places = {(keys.customer(customer_id), keys.receipt(name, key)) for customer_id, name, key in events}
        items, _ = self._table.batch_get([{"pk": string(pk), "sk": string(sk)} for pk, sk in sorted(places)])
        return {receipt.event: receipt for receipt in filter(None, map(_receipt_from, items))}

    def rows(self, awards: Iterable[tuple[Receipt, ReceiptAward]]) -> list[AwardRow]:
        """Returns the rows of these awards, as far as they exist."""
        places = {award_row_key(receipt, award) for receipt, award in awards}
        items, _ = self._table.batch_get([{"pk": string(pk), "sk": string(sk)} for pk, sk in sorted(places)])
        return award_rows(map(row_from, items))


def award_rows(rows: Iterable[Transaction]) -> list[AwardRow]:
    """Returns the rows that gave the points of awards."""
    return [
        AwardRow(row, keys.event_key(row.origin))
        for row in rows
        if row.operation in (Operation.CAMPAIGN, Operation.COUPON) and row.origin is not None
    ]


def awards_from_items(customer_id: str, items: Iterable[Item]) -> StoredAwards:
    """Returns the items of a customer as values. Items of other kinds are left out."""
    receipts: list[Receipt] = []
    once: Counter[str] = Counter()
    uses: dict[str, Use] = {}
    referrer_uses: dict[str, Use] = {}
    referrals: list[Transaction] = []
    customer, flaws = Customer(customer_id=customer_id), []
    for item in items:
        kind, _, place = item["sk"]["S"].partition("#")
        if kind == keys.RECEIPT:
            receipt = _receipt_from(item)
            if receipt is None or receipt_item(receipt) != item:
                flaws.append(Flaw(None, f"The receipt of {place} is not written as expected."))
            if receipt:
                receipts.append(receipt)
        elif kind == keys.ONCE:
            once[place.partition("#")[0]] += 1
        elif kind == keys.USE and not place.startswith(REWARD_ID_PREFIX):
            of = referrer_uses if place.endswith(keys.BY_REFERRER) else uses
            of[place.removesuffix(keys.BY_REFERRER)] = use_from(item)
        elif kind == keys.TXN and "aw" in item and "cp" in item:
            referrals.append(row_from(item))
        elif item["sk"]["S"] == keys.CUSTOMER:
            customer = customer_from(customer_id, item)
    awards = CustomerAwards(
        customer=customer,
        receipts=receipts,
        once=once,
        uses=uses,
        referrer_uses=referrer_uses,
        referrals=award_rows(referrals),
    )
    return StoredAwards(awards, flaws)


def _receipt_from(item: Item) -> Receipt | None:
    try:
        return receipt_from(item)
    except (LookupError, ValueError, TypeError):
        return None
