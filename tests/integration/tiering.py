"""Programs and tier structures over the routes, for tests."""

import json
from functools import partial
from typing import Any

from tests.integration.sweeping import deliver, take_messages
from tests.support.stack import Answer, Stack

Json = Any
CLUB: Json = {
    "name": "Club",
    "type": "POINTS_EARNED",
    "period": "YEAR",
    "levels": [
        {"tierId": "member", "name": "Member", "from": 0},
        {
            "tierId": "vip",
            "name": "VIP",
            "from": 1000,
            "benefits": {"entitlements": ["free_shipping", "exclusive_discounts"]},
        },
    ],
}


def structure(stack: Stack, **settings: Any) -> str:
    answer = stack.http("POST", "/v1/tier-structures", {**CLUB, **settings})
    assert answer.status == 201, answer.text
    return str(answer.body["tierStructureId"])


def program(stack: Stack, name: str = "club", **settings: Any) -> str:
    answer = stack.http("POST", "/v1/programs", {"programId": name, "name": name, **settings})
    assert answer.status == 201, answer.text
    return name


def assign(stack: Stack, program_id: str, wallet: str, structure_id: str | None = None) -> Answer:
    body = {} if structure_id is None else {"tierStructureId": structure_id}
    return stack.http("PUT", f"/v1/programs/{program_id}/wallets/{wallet}", body)


def club(stack: Stack, wallet: str, **settings: Any) -> str:
    """Creates the program `club` with a tier structure on the wallet; returns the id of the structure."""
    structure_id = structure(stack, **settings)
    program(stack)
    answer = assign(stack, "club", wallet, structure_id)
    assert answer.status == 200, answer.text
    return structure_id


def change_structure(stack: Stack, structure_id: str, version: int, **settings: Any) -> Answer:
    headers = {"If-Match": f'"{version}"'}
    return stack.http("PATCH", f"/v1/tier-structures/{structure_id}", settings, headers=headers)


def recalculations(stack: Stack, program_id: str = "club") -> list[Json]:
    answer = stack.http("GET", f"/v1/programs/{program_id}/recalculations")
    assert answer.status == 200, answer.text
    return list(answer.body["data"])


def recalculate(stack: Stack) -> int:
    """Delivers the messages until the queue is empty, those with members twice; returns the number of messages."""
    count = 0
    while bodies := take_messages(stack, stack.recalculation_url):
        for body in dict.fromkeys(bodies):
            count += 1
            again = [body] if _has_members(stack, body) else []
            assert deliver("recalculate_tiers", body, *again) == [], json.loads(body)
    return count


def recalculate_members(stack: Stack) -> None:
    """Delivers the messages of shards with members, twice, and drops the others: the work is never completed."""
    starts = take_messages(stack, stack.recalculation_url)
    assert deliver("recalculate_tiers", *starts) == []
    bodies = filter(partial(_has_members, stack), take_messages(stack, stack.recalculation_url))
    assert deliver("recalculate_tiers", *(body for body in bodies for _ in range(2))) == []


def _has_members(stack: Stack, body: str) -> bool:
    page = json.loads(body)
    occupied = {item["mp"]["S"] for item in stack.items() if "mp" in item}
    return "shard" not in page or f"{page['identity']['wallet_id']}#{page['shard']:02d}" in occupied
