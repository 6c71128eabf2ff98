"""Customers: the profile, which the business writes, and the number of orders, which the engine writes.

Both are attributes of one item. Each writer updates its own attributes, so that neither overwrites the other's.
"""

from loyalty.domain.customer import Channel, Customer
from loyalty.store import keys
from loyalty.store.attributes import ITEM_FORM, Item, int_from, number, string, text_from
from loyalty.store.table import Table, WriteAction, update


class CustomerStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, customer_id: str) -> Customer | None:
        item = self._table.get(keys.customer(customer_id), keys.CUSTOMER)
        return customer_from(customer_id, item) if item else None


def customer_from(customer_id: str, item: Item | None) -> Customer:
    """Returns the customer of the item; without an item, a customer of whom nothing is stored."""
    if item is None:
        return Customer(customer_id=customer_id)
    return Customer(
        customer_id=customer_id,
        version=int_from(item, "v"),
        revision=int_from(item, "e"),
        orders=int_from(item, "oc"),
        imported_orders=int_from(item, "io"),
        segments=frozenset(item["sg"]["SS"]) if "sg" in item else frozenset(),
        birthday=text_from(item, "bd"),
        metadata=text_from(item, "m"),
        time_zone=text_from(item, "tz"),
        locale=text_from(item, "lc"),
        referral_code=text_from(item, "rc"),
        referred_by=text_from(item, "rb"),
        referred_at=int_from(item, "ra"),
        signals=frozenset(map(bytes, item["si"]["BS"])) if "si" in item else frozenset(),
        unsubscribed=frozenset(map(Channel, item["un"]["SS"])) if "un" in item else frozenset(),
        created_at=int_from(item, "c"),
    )


def order_count_write(before: Customer, orders: int) -> WriteAction:
    """Sets the number of orders. The condition is the customer as the engine read it."""
    values: Item = {":s": string(ITEM_FORM), ":next": number(before.version + 1), ":oc": number(orders)}
    condition = "attribute_not_exists(v)"
    if before.version:
        condition, values = "v = :v", {**values, ":v": number(before.version)}
    expression = "SET s = :s, v = :next, oc = :oc"
    return update("customer", customer_key(before.customer_id), expression, condition, values)


def customer_key(customer_id: str) -> Item:
    return {"pk": string(keys.customer(customer_id)), "sk": string(keys.CUSTOMER)}
