"""API keys: the table has only their SHA-256, by which the authorizer finds them."""

from collections.abc import Iterator

from loyalty.domain.access import ApiKey
from loyalty.store import keys
from loyalty.store.attributes import ITEM_FORM, Item, number, string
from loyalty.store.table import Table, put, update


class ApiKeyStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def by_hash(self, hash_: str) -> ApiKey | None:
        item = self._table.get(keys.api_key(hash_), keys.APIKEY)
        return _from(item) if item else None

    def all(self) -> Iterator[ApiKey]:
        items = self._table.query("pk = :pk", {":pk": string(keys.APIKEYS)})
        return map(_from, items)

    def add(self, key: ApiKey) -> None:
        self._table.transact([put(label, _item(key, place)) for label, place in _places(key).items()])

    def revoke(self, key: ApiKey, at: int) -> None:
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
    return {
        **place,
        "s": string(ITEM_FORM),
        "id": string(key.key_id),
        "hash": string(key.hash),
        "name": string(key.name),
        "scopes": {"SS": sorted(key.scopes)},
        "c": number(key.created_at),
    }


def _from(item: Item) -> ApiKey:
    return ApiKey(
        key_id=item["id"]["S"],
        hash=item["hash"]["S"],
        name=item["name"]["S"],
        scopes=frozenset(item["scopes"]["SS"]),
        created_at=int(item["c"]["N"]),
        revoked_at=int(item["rv"]["N"]) if "rv" in item else 0,
    )
