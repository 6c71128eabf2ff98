"""Customers: the profile, which the business writes, and the number of orders, which the engine writes.

Both are attributes of one item. Each writer updates its own attributes, so that neither overwrites the other's. How a
customer can be reached is an item of its own.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

from loyalty.domain.customer import Channel, Customer, Occurrence, Profile
from loyalty.store import keys
from loyalty.store.attributes import ITEM_FORM, Item, binary, bytes_from, int_from, number, string, text_from
from loyalty.store.table import ABSENT, PRESENT, Table, TransactionCanceled, WriteAction, check, put, update

Contact = Mapping[str, str]
"""How a customer can be reached: the texts of `email` and `phone` that are known."""
CONTACT_ATTRIBUTES = {"email": "em", "phone": "ph"}
PERSONAL = ("sg", "bd", "m", "si", "tz", "lc", "ev", "dp", "ds")
"""The attributes that may identify a person, or that follow from such attributes."""


@dataclass(frozen=True, slots=True)
class CustomerReading:
    customer: Customer
    contact: Contact | None
    """None if nothing is stored, or if the contact was not read."""


class CustomerStore:
    def __init__(self, table: Table) -> None:
        self._table = table
        self._salt: bytes | None = None

    def read(self, customer_id: str, *, contact: bool = False) -> CustomerReading:
        """Reads the customer consistently, and how the customer can be reached if `contact`."""
        wanted = [customer_key(customer_id), *([_contact_key(customer_id)] if contact else [])]
        items, _ = self._table.batch_get(wanted)
        found = {item["sk"]["S"]: item for item in items}
        return CustomerReading(
            customer_from(customer_id, found.get(keys.CUSTOMER)), _contact_from(found.get(keys.CONTACT))
        )

    def owner_of_code(self, referral_code: str) -> str | None:
        """Returns the id of the customer who has the referral code."""
        item = self._table.get(keys.referral(referral_code), keys.REFERRAL)
        return item["cu"]["S"] if item else None

    def save(self, before: Customer, after: Customer, *contact: WriteAction) -> None:
        """Saves the profile's next revision, with a new referral code and how the customer can be reached.

        Raises `TransactionCanceled` with the labels `customer`, `code`, `referrer` and `contact`. A new referrer must
        not have been referred by this customer, which only a customer with a code can have done.
        """
        actions = [_profile_write(before, after), *contact]
        if after.referral_code != before.referral_code:
            actions.append(_code_write(after))
        if after.referral_code and after.referred_by and after.referred_by != before.referred_by:
            condition = "attribute_not_exists(rb) OR rb <> :me"
            values = {":me": string(after.customer_id)}
            actions.append(check("referrer", customer_key(after.referred_by), condition, values))
        self._table.transact(actions)

    def decide(self, customer: Customer) -> None:
        """Records that campaigns have decided all that happened, unless the profile has changed since."""
        seen = {":e": number(customer.revision)}
        with suppress(TransactionCanceled):
            self._table.transact([update("customer", customer_key(customer.customer_id), "REMOVE ev", "e = :e", seen)])

    def erase(self, found: CustomerReading) -> None:
        """Removes what may identify the customer. Raises `TransactionCanceled` if the profile changed meanwhile."""
        customer = found.customer
        seen, condition = _profile_condition(customer)
        expression = f"SET e = :next REMOVE {', '.join(PERSONAL)}"
        values = {**seen, ":next": number(customer.revision + 1)}
        actions = [update("customer", customer_key(customer.customer_id), expression, condition, values)]
        if found.contact is not None:
            texts = ", ".join(CONTACT_ATTRIBUTES.values())
            actions.append(update("contact", _contact_key(customer.customer_id), f"REMOVE {texts}", PRESENT))
        self._table.transact(actions)

    def salt(self, new: bytes) -> bytes:
        """Returns the project's salt of signals. The first call stores the new one."""
        if self._salt is None:
            item = self._table.get(keys.SALT, keys.SALT) or self._create_salt(new)
            self._salt = bytes_from(item, "b")
        return self._salt

    def _create_salt(self, salt: bytes) -> Item:
        item: Item = {"pk": string(keys.SALT), "sk": string(keys.SALT), "s": string(ITEM_FORM), "b": binary(salt)}
        self._table.transact([put("salt", item)])
        return item


def customer_from(customer_id: str, item: Item | None) -> Customer:
    """Returns the customer of the item; without an item, a customer of whom nothing is stored."""
    if item is None:
        return Customer(customer_id=customer_id)
    return Customer(
        customer_id=customer_id,
        version=int_from(item, "v"),
        revision=int_from(item, "e"),
        orders=int_from(item, "oc"),
        profile=Profile(
            segments=frozenset(item["sg"]["SS"]) if "sg" in item else frozenset(),
            birthday=text_from(item, "bd"),
            metadata=text_from(item, "m"),
            time_zone=text_from(item, "tz"),
            locale=text_from(item, "lc"),
            imported_orders=int_from(item, "io"),
            signals=frozenset(map(bytes, item["si"]["BS"])) if "si" in item else frozenset(),
            unsubscribed=frozenset(map(Channel, item["un"]["SS"])) if "un" in item else frozenset(),
        ),
        referral_code=text_from(item, "rc"),
        referred_by=text_from(item, "rb"),
        referred_at=int_from(item, "ra"),
        created_at=int_from(item, "c"),
        undecided=tuple(Occurrence(*values) for values in json.loads(item["ev"]["S"])) if "ev" in item else (),
    )


def order_count_write(before: Customer, orders: int) -> WriteAction:
    """Sets the number of orders. The condition is the customer as the engine read it."""
    values: Item = {":s": string(ITEM_FORM), ":next": number(before.version + 1), ":oc": number(orders)}
    condition = "attribute_not_exists(v)"
    if before.version:
        condition, values = "v = :v", {**values, ":v": number(before.version)}
    expression = "SET s = :s, v = :next, oc = :oc"
    return update("customer", customer_key(before.customer_id), expression, condition, values)


def order_uncount_write(customer_id: str) -> WriteAction:
    """Takes one order out of the customer's orders. A decision that read the customer before loses its race."""
    expression = "SET v = v + :one, oc = oc - :one"
    return update("customer", customer_key(customer_id), expression, "oc >= :one", {":one": number(1)})


def contact_write(customer_id: str, before: Contact | None, after: Contact) -> WriteAction:
    """Writes how the customer can be reached. The condition is only whether there was a contact.

    The customer is written in the same transaction, so no other change can come between.
    """
    item = {CONTACT_ATTRIBUTES[name]: string(text) for name, text in after.items()}
    if before is None:
        return put("contact", {**_contact_key(customer_id), "s": string(ITEM_FORM), **item}, ABSENT)
    expression, values = _assignment(dict.fromkeys(CONTACT_ATTRIBUTES.values()) | item)
    return update("contact", _contact_key(customer_id), expression, PRESENT, values or None)


def customer_key(customer_id: str) -> Item:
    return {"pk": string(keys.customer(customer_id)), "sk": string(keys.CUSTOMER)}


def _contact_key(customer_id: str) -> Item:
    return {"pk": string(keys.customer(customer_id)), "sk": string(keys.CONTACT)}


def _contact_from(item: Item | None) -> Contact | None:
    if item is None:
        return None
    return {name: item[attribute]["S"] for name, attribute in CONTACT_ATTRIBUTES.items() if attribute in item}


def _profile_write(before: Customer, after: Customer) -> WriteAction:
    """Writes the attributes that changed. The condition is the profile as it was read."""
    old, new = _attributes(before), _attributes(after)
    changed = {name: new.get(name) for name in {**old, **new} if old.get(name) != new.get(name)}
    expression, assigned = _assignment({"s": string(ITEM_FORM), **changed})
    seen, condition = _profile_condition(before)
    if after.version != before.version:
        # An order that read the customer without the new referrer must not be counted after this change.
        condition += " AND v = :v" if before.version else " AND attribute_not_exists(v)"
        seen |= {":v": number(before.version)} if before.version else {}
    return update("customer", customer_key(after.customer_id), expression, condition, {**assigned, **seen})


def _profile_condition(customer: Customer) -> tuple[Item, str]:
    """Returns the condition, with its values, that the profile is as it was read."""
    if customer.revision:
        return {":e": number(customer.revision)}, "e = :e"
    return {}, "attribute_not_exists(e)"


def _assignment(changed: Mapping[str, Item | None]) -> tuple[str, Item]:
    """Returns the update that sets each attribute to its value or removes it, with the values."""
    values: Item = {f":new_{name}": value for name, value in changed.items() if value is not None}
    assignments = ", ".join(f"{name} = :new_{name}" for name, value in changed.items() if value is not None)
    removed = ", ".join(name for name, value in changed.items() if value is None)
    parts = [f"SET {assignments}" if assignments else "", f"REMOVE {removed}" if removed else ""]
    return " ".join(filter(None, parts)), values


def _attributes(customer: Customer) -> Item:
    """The attributes that a change of the profile may write."""
    profile = customer.profile
    item: Item = {"e": number(customer.revision), "v": number(customer.version), "c": number(customer.created_at)}
    texts = {
        "bd": profile.birthday,
        "m": profile.metadata,
        "tz": profile.time_zone,
        "lc": profile.locale,
        "rc": customer.referral_code,
        "rb": customer.referred_by,
    }
    item |= {name: string(text) for name, text in texts.items() if text is not None}
    if profile.imported_orders:
        item["io"] = number(profile.imported_orders)
    if profile.segments:
        item["sg"] = {"SS": sorted(profile.segments)}
    if profile.signals:
        item["si"] = {"BS": sorted(profile.signals)}
    if profile.unsubscribed:
        item["un"] = {"SS": sorted(profile.unsubscribed)}
    if customer.referred_at:
        item["ra"] = number(customer.referred_at)
    if customer.undecided:
        values = [[one.name, one.key, one.at, one.segment] for one in customer.undecided]
        item["ev"] = string(json.dumps(values, separators=(",", ":"), ensure_ascii=False))
    if profile.birthday:
        shard = sha256(customer.customer_id.encode()).digest()[0] % keys.BIRTHDAY_SHARDS
        item |= {"dp": string(keys.birthday(profile.birthday[-5:], shard)), "ds": number(0)}
    return item


def _code_write(customer: Customer) -> WriteAction:
    assert customer.referral_code is not None, "a code is never taken away"
    item: Item = {
        "pk": string(keys.referral(customer.referral_code)),
        "sk": string(keys.REFERRAL),
        "s": string(ITEM_FORM),
        "cu": string(customer.customer_id),
    }
    return put("code", item, ABSENT)
