"""Coupons: the codes of campaigns, each an item with a partition of its own, and the requests that made codes."""

from collections.abc import Iterator, Sequence
from itertools import islice

from loyalty.domain.earning.coupon import Coupon
from loyalty.store import keys
from loyalty.store.attributes import (
    ITEM_FORM,
    Item,
    binary,
    bytes_from,
    int_from,
    number,
    number_from,
    string,
    text_from,
)
from loyalty.store.table import PRESENT, Table, WriteAction, put, update

REVOKED = "REVOKED"
CREATED_MAX = 100
"""The most codes that one transaction creates."""


class CouponStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, code: str) -> Coupon | None:
        item = self._table.get(keys.coupon(code), keys.COUPON)
        return coupon_from(item) if item else None

    def among(self, codes: Sequence[str]) -> dict[str, Coupon]:
        """Returns the coupons with these codes that exist, by code."""
        items, _ = self._table.batch_get([_key(code) for code in codes])
        return {coupon.code: coupon for coupon in map(coupon_from, items)}

    def request_fingerprint(self, campaign_id: str, key: str) -> bytes | None:
        """Returns the fingerprint of the request with this idempotency key that made codes of the campaign."""
        item = self._table.get(keys.campaign(campaign_id), keys.codes_request(key))
        return bytes_from(item, "fp") if item else None

    def record_request(self, campaign_id: str, key: str, fingerprint: bytes, at: int, actor: str) -> None:
        """Records a request to make codes. Raises `TransactionCanceled` if one with this key was recorded before."""
        item: Item = {
            "pk": string(keys.campaign(campaign_id)),
            "sk": string(keys.codes_request(key)),
            "s": string(ITEM_FORM),
            "fp": binary(fingerprint),
            "c": number(at),
            "a": string(actor),
        }
        self._table.transact([put("request", item)])

    def create(self, coupons: Sequence[Coupon]) -> None:
        """Creates at most `CREATED_MAX` codes, all or none.

        Raises `TransactionCanceled` if a code exists.
        """
        self._table.transact([put(coupon.code, coupon_item(coupon)) for coupon in coupons])

    def revoke(self, code: str) -> None:
        """Makes the code useless. Revoking it twice changes nothing."""
        self._table.transact([update("coupon", _key(code), "SET st = :st", PRESENT, {":st": string(REVOKED)})])

    def page(self, campaign_id: str, after: tuple[str, int] | None, limit: int) -> list[Coupon]:
        """Returns codes of the campaign after the given code and its creation, in no meaningful order.

        The index lags a moment; the codes themselves are read consistently.
        """
        codes = list(islice(self._codes(campaign_id, after, limit), limit))
        found = self.among(codes)
        return [found[code] for code in codes]

    def of_campaign(self, campaign_id: str, page: int) -> Iterator[Coupon]:
        """Yields all codes of the campaign, read in pages. The index lags a moment."""
        after: tuple[str, int] | None = None
        while coupons := self.page(campaign_id, after, page):
            yield from coupons
            after = coupons[-1].code, coupons[-1].created_at

    def _codes(self, campaign_id: str, after: tuple[str, int] | None, page: int) -> Iterator[str]:
        places = [keys.coupons_of_shard(campaign_id, shard) for shard in range(keys.COUPON_SHARDS)]
        start: Item | None = None
        if after is not None:
            code, created_at = after
            place = keys.coupons(campaign_id, code)
            places = places[places.index(place) :]
            start = {**_key(code), "hp": string(place), "hs": number(created_at)}
        for place in places:
            items = self._table.query("hp = :hp", {":hp": string(place)}, index="history", limit=page, start=start)
            for item in items:
                yield keys.after_first_hash(item["pk"]["S"])
            start = None


def coupon_use_write(coupon: Coupon) -> WriteAction:
    """Counts a redemption of a code with a number of uses. The condition is that it has a use left."""
    condition = "n < mx AND attribute_not_exists(st)"
    return update("coupon", _key(coupon.code), "SET n = n + :one", condition, {":one": number(1)})


def coupon_item(coupon: Coupon) -> Item:
    item: Item = {
        **_key(coupon.code),
        "s": string(ITEM_FORM),
        "cg": string(coupon.campaign_id),
        "c": number(coupon.created_at),
        "rq": binary(coupon.request),
        "i": number(coupon.number),
        "hp": string(keys.coupons(coupon.campaign_id, coupon.code)),
        "hs": number(coupon.created_at),
    }
    if coupon.max_uses is not None:
        item |= {"mx": number(coupon.max_uses), "n": number(coupon.uses)}
    if coupon.customer_id is not None:
        item["cu"] = string(coupon.customer_id)
    if coupon.expires_at is not None:
        item["en"] = number(coupon.expires_at)
    if coupon.revoked:
        item["st"] = string(REVOKED)
    return item


def coupon_from(item: Item) -> Coupon:
    return Coupon(
        code=keys.after_first_hash(item["pk"]["S"]),
        campaign_id=item["cg"]["S"],
        created_at=int(item["c"]["N"]),
        max_uses=number_from(item, "mx"),
        uses=int_from(item, "n"),
        customer_id=text_from(item, "cu"),
        expires_at=number_from(item, "en"),
        revoked="st" in item,
        request=bytes_from(item, "rq"),
        number=int_from(item, "i"),
    )


def _key(code: str) -> Item:
    return {"pk": string(keys.coupon(code)), "sk": string(keys.COUPON)}
