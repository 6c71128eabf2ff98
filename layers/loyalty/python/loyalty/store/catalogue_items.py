"""Rewards as items: their settings are JSON with the API's names."""

import json

from loyalty.domain.catalogue.document import settings_from, settings_json
from loyalty.domain.catalogue.reward import Reward, RewardStatus
from loyalty.errors import FieldProblem
from loyalty.store import keys
from loyalty.store.attributes import ITEM_FORM, Item, binary, int_from, number, string


def reward_items(reward: Reward) -> tuple[Item, Item]:
    """Returns the items of the current reward and of its immutable version."""
    settings = json.dumps(settings_json(reward.settings), ensure_ascii=False, separators=(",", ":"))
    common: Item = {
        "s": string(ITEM_FORM),
        "rw": string(reward.reward_id),
        "v": number(reward.version),
        "st": string(reward.status),
        "def": string(settings),
        "c": number(reward.created_at),
        "a": string(reward.created_by),
        "u": number(reward.updated_at),
        "ch": string(reward.change),
        "by": string(reward.changed_by),
        "as": number(reward.activated_at),
    }
    if reward.shards:
        common["ns"] = number(reward.shards)
    sort_key = string(keys.reward(reward.reward_id))
    version = {"pk": sort_key, "sk": string(keys.version(reward.version)), **common}
    if reward.fingerprint:
        version["fp"] = binary(reward.fingerprint)
    if reward.action_required:
        problems = [[one.field, one.code, one.message, one.step] for one in reward.action_required]
        version["ar"] = string(json.dumps(problems, ensure_ascii=False))
    return {"pk": string(keys.REWARDS), "sk": sort_key, **common}, version


def reward_from(item: Item) -> Reward:
    return Reward(
        reward_id=item["rw"]["S"],
        version=int(item["v"]["N"]),
        status=RewardStatus(item["st"]["S"]),
        settings=settings_from(json.loads(item["def"]["S"])),
        created_at=int(item["c"]["N"]),
        created_by=item["a"]["S"],
        updated_at=int(item["u"]["N"]),
        change=item["ch"]["S"],
        changed_by=item["by"]["S"],
        activated_at=int(item["as"]["N"]),
        shards=int_from(item, "ns"),
        fingerprint=bytes(item["fp"]["B"]) if "fp" in item else b"",
        action_required=tuple(FieldProblem(*one) for one in json.loads(item["ar"]["S"])) if "ar" in item else (),
    )
