"""API keys: the table has only their SHA-256, by which the authorizer finds them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from loyalty.domain.access import ApiKey
from loyalty.store import keys
from loyalty.store.attributes import ITEM_FORM, Item, binary, int_from, number, string, text_from
from loyalty.store.table import Table, put, update


class ApiKeyStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def by_hash(self, hash_: str) -> ApiKey | None:
        item = self._table.get(keys.api_key(hash_), keys.APIKEY)
        return _from(item) if item else None

    def entry(self, key_id: str) -> ApiKey | None:
        """Returns the key's entry of the list, which has no day of use."""
        item = self._table.get(keys.APIKEYS, keys.api_key(key_id))
        return _from(item) if item else None

    def all(self, after: str | None = None) -> Iterator[ApiKey]:
        """Returns the entries of the keys after the given id, in the order of their ids; revoked keys too."""
        # `!` sorts before every character that an id may have, DEL after.
        first = keys.api_key("!" if after is None else f"{after}!")
        values = {":pk": string(keys.APIKEYS), ":from": string(first), ":to": string(keys.api_key("\x7f"))}
        return map(_from, self._table.query("pk = :pk AND sk BETWEEN :from AND :to", values))

    def last_used(self, entries: Sequence[ApiKey]) -> Mapping[str, date | None]:
        """Returns the last day on which each key was accepted, by the key's id."""
        places = [_places(entry)["key"] for entry in entries]
        items, _ = self._table.batch_get(places) if places else ([], None)
        return {key.key_id: key.last_used for key in map(_from, items)}

    def add(self, key: ApiKey) -> None:
        """Adds a key. Raises `TransactionCanceled` if the key or its id exists."""
        self._table.transact([put(label, _item(key, place)) for label, place in _places(key).items()])

    def record_use(self, key: ApiKey, day: date) -> None:
        """Records the day of use, unless the day or a later day is recorded."""
        condition = "attribute_exists(pk) AND (attribute_not_exists(lu) OR lu < :day)"
        self._table.upsert(_places(key)["key"], "SET lu = :day", {":day": string(day.isoformat())}, condition)

    def revoke(self, key: ApiKey, at: int) -> None:
        """Revokes a key. Raises `TransactionCanceled` if the key is revoked."""
        values = {":at": number(at)}
        self._table.transact(
            [
                update(label, place, "SET rv = :at", "attribute_exists(pk) AND attribute_not_exists(rv)", values)
                for label, place in _places(key).items()
            ]
        )


def _places(key: ApiKey) -> dict[str, Item]:
    """Returns the two places of a key: one where the authorizer finds it by hash, one in the list that people read."""
    return {
        "key": {"pk": string(keys.api_key(key.hash)), "sk": string(keys.APIKEY)},
        "entry": {"pk": string(keys.APIKEYS), "sk": string(keys.api_key(key.key_id))},
    }


def _item(key: ApiKey, place: Item) -> Item:
    item = {
        **place,
        "s": string(ITEM_FORM),
        "id": string(key.key_id),
        "hash": string(key.hash),
        "name": string(key.name),
        "c": number(key.created_at),
        "fp": binary(key.fingerprint),
    }
    if key.scopes:
        item["scopes"] = {"SS": sorted(key.scopes)}
    if key.role is not None:
        item["ro"] = string(key.role)
    if key.created_by is not None:
        item["a"] = string(key.created_by)
    return item


def _from(item: Item) -> ApiKey:
    used = text_from(item, "lu")
    return ApiKey(
        key_id=item["id"]["S"],
        hash=item["hash"]["S"],
        name=item["name"]["S"],
        created_at=int(item["c"]["N"]),
        role=text_from(item, "ro"),
        scopes=frozenset(item["scopes"]["SS"] if "scopes" in item else ()),
        created_by=text_from(item, "a"),
        fingerprint=bytes(item["fp"]["B"]),
        revoked_at=int_from(item, "rv"),
        last_used=date.fromisoformat(used) if used else None,
    )
