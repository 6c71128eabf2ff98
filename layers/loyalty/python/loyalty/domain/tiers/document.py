"""Tier structures as a JSON document with the API's names, and back."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from loyalty.domain.dates import CalendarUnit, Period, Unit
from loyalty.domain.schema import metadata_text
from loyalty.domain.tiers.structure import (
    Benefits,
    Level,
    TierBasis,
    TierDowngrade,
    TierStructure,
    TierUpgrade,
    TierValidity,
)

Json = dict[str, Any]


def structure_json(structure: TierStructure) -> Json:
    """Returns the settings as JSON, with every value written out."""
    grace = structure.grace
    return {
        "name": structure.name,
        "type": structure.type.value,
        "period": structure.period.value,
        "upgrade": structure.upgrade.value,
        "validity": structure.validity.value,
        "downgrade": structure.downgrade.value,
        "grace": grace and {"every": grace.every, "unit": grace.unit.value},
        "levels": [_level_json(level) for level in structure.levels],
    }


def structure_from(document: Mapping[str, Any]) -> TierStructure:
    """Returns the settings of a JSON document; a setting that is missing or null has its default."""
    given = {name: value for name, value in document.items() if value is not None}
    grace = given.get("grace")
    return TierStructure(
        name=given["name"],
        type=TierBasis(given["type"]),
        period=CalendarUnit(given["period"]),
        levels=tuple(map(_level_from, given["levels"])),
        upgrade=TierUpgrade(given.get("upgrade", TierUpgrade.IMMEDIATELY)),
        validity=TierValidity(given.get("validity", TierValidity.NEXT_PERIOD)),
        downgrade=TierDowngrade(given.get("downgrade", TierDowngrade.MULTI_LEVEL)),
        grace=Period(grace["every"], Unit(grace["unit"])) if grace else None,
    )


def _level_json(level: Level) -> Json:
    benefits = level.benefits
    return {
        "tierId": level.tier_id,
        "name": level.name,
        "from": level.start,
        "keepForever": level.keep_forever,
        "benefits": {
            "multiplier": None if benefits.multiplier is None else str(benefits.multiplier),
            "entitlements": list(benefits.entitlements),
            "metadata": {} if benefits.metadata is None else json.loads(benefits.metadata),
        },
    }


def _level_from(document: Mapping[str, Any]) -> Level:
    benefits = document.get("benefits") or {}
    multiplier = benefits.get("multiplier")
    return Level(
        tier_id=document["tierId"],
        name=document["name"],
        start=document["from"],
        keep_forever=document.get("keepForever") or False,
        benefits=Benefits(
            multiplier=None if multiplier is None else Decimal(multiplier),
            entitlements=tuple(benefits.get("entitlements") or ()),
            metadata=metadata_text(benefits.get("metadata") or None),
        ),
    )
