"""Campaigns as items: their settings are JSON with the API's names."""

import json

from loyalty.domain.earning.campaign import Campaign, CampaignStatus
from loyalty.domain.earning.document import settings_from, settings_json
from loyalty.errors import FieldProblem
from loyalty.store import keys
from loyalty.store.attributes import ITEM_FORM, Item, binary, int_from, number, string


def campaign_items(campaign: Campaign) -> tuple[Item, Item, Item]:
    """Returns the items of the current campaign, of its immutable version, and of its live copy.

    A version has no seed. The live copy of a campaign that is not ACTIVE has nothing but the mark that it is not.
    """
    settings = json.dumps(settings_json(campaign.settings), ensure_ascii=False, separators=(",", ":"))
    head: Item = {"s": string(ITEM_FORM), "cg": string(campaign.campaign_id), "v": number(campaign.version)}
    common: Item = {
        **head,
        "st": string(campaign.status),
        "def": string(settings),
        "c": number(campaign.created_at),
        "a": string(campaign.created_by),
        "u": number(campaign.updated_at),
        "ch": string(campaign.change),
        "by": string(campaign.changed_by),
        "as": number(campaign.activated_at),
        "al": number(campaign.active_since),
    }
    if campaign.shards:
        common["ns"] = number(campaign.shards)
    sort_key, seed = string(keys.campaign(campaign.campaign_id)), binary(campaign.seed)
    current = {"pk": string(keys.CAMPAIGNS), "sk": sort_key, **common, "sd": seed}
    version = {"pk": sort_key, "sk": string(keys.version(campaign.version)), **common}
    if campaign.fingerprint:
        version["fp"] = binary(campaign.fingerprint)
    if campaign.action_required:
        problems = [[one.field, one.code, one.message, one.step] for one in campaign.action_required]
        version["ar"] = string(json.dumps(problems, ensure_ascii=False))
    live = {"pk": string(keys.LIVE), "sk": sort_key, **(common | {"sd": seed} if campaign.is_live else head)}
    if not campaign.is_live:
        live["x"] = number(1)
    return current, version, live


def campaign_from(item: Item) -> Campaign:
    return Campaign(
        campaign_id=item["cg"]["S"],
        version=int(item["v"]["N"]),
        status=CampaignStatus(item["st"]["S"]),
        settings=settings_from(json.loads(item["def"]["S"])),
        seed=bytes(item["sd"]["B"]) if "sd" in item else b"",
        created_at=int(item["c"]["N"]),
        created_by=item["a"]["S"],
        updated_at=int(item["u"]["N"]),
        change=item["ch"]["S"],
        changed_by=item["by"]["S"],
        activated_at=int(item["as"]["N"]),
        active_since=int(item["al"]["N"]),
        shards=int_from(item, "ns"),
        fingerprint=bytes(item["fp"]["B"]) if "fp" in item else b"",
        action_required=tuple(FieldProblem(*one) for one in json.loads(item["ar"]["S"])) if "ar" in item else (),
    )
