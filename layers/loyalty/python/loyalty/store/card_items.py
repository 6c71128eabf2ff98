"""Cards and their profiles as items: short names and flat lists, because every kilobyte of an item is billed.

docs/reference/data-model.md lists the names. Instants are epoch seconds. An absent attribute has the value in brackets
there.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from loyalty.domain.cards.card import (
    Card,
    CardStatus,
    Counter,
    Due,
    Hold,
    Lifetime,
    Lot,
    PendingLot,
    RoundedLots,
)
from loyalty.domain.cards.profile import Enrolment, Profile
from loyalty.store import keys
from loyalty.store.attributes import (
    ITEM_FORM,
    Item,
    binary,
    bytes_from,
    int_from,
    ints_from,
    number,
    numbers,
    string,
    text_from,
)

if TYPE_CHECKING:
    from loyalty.domain.tiers.standing import TierStanding


def card_key(customer_id: str, wallet_id: str) -> Item:
    return {"pk": string(keys.customer(customer_id)), "sk": string(keys.card(wallet_id))}


def card_item(card: Card) -> Item:
    item: Item = {
        **card_key(card.customer_id, card.wallet_id),
        "s": string(ITEM_FORM),
        "id": string(card.card_id),
        "sh": number(card.shard),
        "v": number(card.version),
        "e": number(card.revision),
        "w": number(card.wallet_version),
        "at": number(card.at),
        "h": binary(card.hash),
        "l": numbers(flat_lots(card.lots)),
        "c": numbers(value for c in card.counters for value in (c.number, c.earned, c.spent)),
        "n": numbers(_flat_lifetime(card.lifetime)),
    }
    if card.status is not CardStatus.ACTIVE:
        item["st"] = string(card.status)
    if card.pending:
        item["q"] = numbers(flat_pending(card.pending))
    if card.holds:
        item["o"] = {"L": [_hold(hold) for hold in card.holds]}
    for name, value in (
        ("d", card.debt),
        ("x", card.sliding_expires_at),
        ("k", card.coarse),
        ("f", card.settle_failures),
        ("u", card.other_spending),
    ):
        if value:
            item[name] = number(value)
    if card.tiers:
        from loyalty.store.tier_items import standings_item  # noqa: PLC0415  # only for cards with tiers

        item["t"] = standings_item(card.tiers)
    if card.due:
        item["dp"] = string(keys.due(card.due.kind, card.shard))
        item["ds"] = number(card.due.at)
    return item


def card_from(item: Item) -> Card:
    counters = ints_from(item["c"])
    return Card(
        card_id=item["id"]["S"],
        wallet_id=keys.after_first_hash(item["sk"]["S"]),
        customer_id=keys.after_first_hash(item["pk"]["S"]),
        shard=int_from(item, "sh"),
        status=CardStatus(item["st"]["S"]) if "st" in item else CardStatus.ACTIVE,
        version=int_from(item, "v"),
        revision=int_from(item, "e"),
        wallet_version=int_from(item, "w"),
        at=int_from(item, "at"),
        hash=bytes_from(item, "h"),
        lots=lots_from(item["l"]),
        pending=pending_from(item.get("q")),
        holds=tuple(map(_hold_from, item["o"]["L"])) if "o" in item else (),
        debt=int_from(item, "d"),
        sliding_expires_at=int_from(item, "x"),
        coarse=int_from(item, "k"),
        counters=tuple(Counter(*counters[i : i + 3]) for i in range(0, 15, 3)),  # type: ignore[arg-type]  # five, always
        lifetime=Lifetime(*ints_from(item["n"])),
        other_spending=int_from(item, "u"),
        tiers=_tiers_from(item["t"]) if "t" in item else (),
        due=Due(item["dp"]["S"][0], int_from(item, "ds")) if "dp" in item else None,
        settle_failures=int_from(item, "f"),
    )


def profile_item(card: Card, profile: Profile) -> Item:
    """Returns the profile's item.

    It has the key of the members index, and what only the event of the new card needs, so that the often written card
    need not.
    """
    item: Item = {
        "pk": string(keys.customer(card.customer_id)),
        "sk": string(keys.profile(card.wallet_id)),
        "s": string(ITEM_FORM),
        "mp": string(keys.members(card.wallet_id, card.shard)),
        "id": string(card.card_id),
        "code": string(profile.code),
        "c": number(profile.created_at),
        "w": number(profile.wallet_version),
    }
    if profile.metadata is not None:
        item["m"] = string(profile.metadata)
    return item


def profile_from(item: Item) -> Profile:
    return Profile(
        code=item["code"]["S"],
        metadata=text_from(item, "m"),
        created_at=int_from(item, "c"),
        wallet_version=int_from(item, "w"),
    )


def enrolment_from(item: Item) -> Enrolment:
    """Returns the card that the profile's item is of."""
    return Enrolment(
        card_id=item["id"]["S"],
        wallet_id=keys.after_first_hash(item["sk"]["S"]),
        customer_id=keys.after_first_hash(item["pk"]["S"]),
        profile=profile_from(item),
    )


def code_item(card: Card, code: str) -> Item:
    return {
        "pk": string(keys.code(code)),
        "sk": string(keys.CODE),
        "s": string(ITEM_FORM),
        "cu": string(card.customer_id),
        "wa": string(card.wallet_id),
    }


def flat_lots(lots: Iterable[Lot]) -> Iterator[int]:
    for lot in lots:
        yield from (lot.points, lot.expires_at, lot.issue_day)


def flat_pending(lots: Iterable[PendingLot]) -> Iterator[int]:
    for lot in lots:
        yield from (lot.points, lot.activates_at, lot.cancel_at, lot.expires_at, lot.issue_day)


def _flat_lifetime(lifetime: Lifetime) -> Iterator[int]:
    return (getattr(lifetime, name) for name in Lifetime.__dataclass_fields__)


def lots_from(attribute: Item | None) -> tuple[Lot, ...]:
    return lots_of(ints_from(attribute))


def lots_of(values: list[int]) -> tuple[Lot, ...]:
    return tuple(Lot(*values[i : i + 3]) for i in range(0, len(values), 3))


def pending_from(attribute: Item | None) -> tuple[PendingLot, ...]:
    values = ints_from(attribute)
    return tuple(PendingLot(*values[i : i + 5]) for i in range(0, len(values), 5))


def rounded_item(rounded: RoundedLots) -> Item:
    """Returns all lots of a card: coarseness, lots, pending lots, then the lots of each hold."""
    lists = (
        (rounded.coarse,),
        flat_lots(rounded.lots),
        flat_pending(rounded.pending),
        *map(flat_lots, rounded.held),
    )
    return {"L": [numbers(values) for values in lists]}


def rounded_from(attribute: Item) -> RoundedLots:
    coarse, lots, pending, *held = attribute["L"]
    return RoundedLots(ints_from(coarse)[0], lots_from(lots), pending_from(pending), tuple(map(lots_from, held)))


def _hold(hold: Hold) -> Item:
    return numbers((hold.seq, hold.expires_at, hold.day, hold.claimed, *flat_lots(hold.lots)))


def _hold_from(hold: Item) -> Hold:
    seq, expires_at, day, claimed, *lots = ints_from(hold)
    return Hold(seq, expires_at, day, lots_of(lots), claimed)


def _tiers_from(attribute: Item) -> tuple["TierStanding", ...]:
    from loyalty.store.tier_items import standings_from  # noqa: PLC0415  # only for cards with tiers

    return standings_from(attribute)
