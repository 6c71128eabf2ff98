"""Attached tier structures and standings as attributes of wallets and cards: JSON is the shortest form."""

import json
from collections.abc import Iterable
from dataclasses import astuple
from typing import Any

from loyalty.domain.tiers.document import structure_from, structure_json
from loyalty.domain.tiers.standing import TierStanding
from loyalty.domain.tiers.structure import AttachedTiers
from loyalty.store.attributes import Item, string


def attached_item(tiers: Iterable[AttachedTiers]) -> Item:
    values = [
        [one.program_id, one.structure_id, one.structure_version, one.attached_in, structure_json(one.structure)]
        for one in tiers
    ]
    return string(json.dumps(values, separators=(",", ":"), ensure_ascii=False))


def attached_from(attribute: Item) -> tuple[AttachedTiers, ...]:
    return tuple(
        AttachedTiers(program_id, structure_id, structure_version, attached_in, structure_from(document))
        for program_id, structure_id, structure_version, attached_in, document in json.loads(attribute["S"])
    )


def standings_item(standings: Iterable[TierStanding]) -> Item:
    return string(json.dumps([_values(one) for one in standings], separators=(",", ":")))


def standings_from(attribute: Item) -> tuple[TierStanding, ...]:
    return tuple(TierStanding(*values) for values in json.loads(attribute["S"]))


def _values(standing: TierStanding) -> list[Any]:
    """Returns the standing as a list, without the values at its end that are empty."""
    values = list(astuple(standing))
    while not values[-1]:
        values.pop()
    return values
