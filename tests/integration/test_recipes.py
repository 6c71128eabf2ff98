"""The recipes of docs/recipes.md give the shown points. Each recipe starts with its own account."""

import json
import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
import time_machine

from tests.integration.racing import before_next
from tests.integration.sweeping import run_campaigns
from tests.support.commands import BLOCK, Commands, blocks
from tests.support.stack import Answer, Stack
from tests.support.template import ROOT

TEXT = (ROOT / "docs" / "recipes.md").read_text()
SECTIONS = dict(section.split("\n", 1) for section in re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:])
DEFINING = ("api /campaigns", "api /programs", "api /rewards")
RECIPES = [title for title, text in SECTIONS.items() if any(command in text for command in DEFINING)]
BEFORE_DECEMBER = "2026-11-30T12:00:00-05:00"
OCCURRED_AT = re.compile(r'"occurredAt": "([^"]+)"')
LATER = re.compile(r"At `(\d{4}-[^`]+)`")


def needed(recipe: str) -> Iterator[str]:
    """The recipes whose campaigns the recipe needs."""
    for sentence in re.findall(r"First create the campaigns of (.*?)\.", SECTIONS[recipe], re.DOTALL):
        yield from re.findall(r"\[([^\]]+)\]\(#", sentence)


def create_campaigns(commands: Commands, recipe: str) -> None:
    for language, block in blocks(SECTIONS[recipe]):
        if "api /campaigns " in block:
            commands.run(language, block)


@pytest.fixture
def commands(clock: time_machine.Traveller, stack: Stack) -> Commands:
    """The commands after those of the preparation, before December."""
    clock.move_to(BEFORE_DECEMBER)
    zone, currency = re.findall(r"^make run ZONE=(\S+) CURRENCY=(\S+)$", SECTIONS["Prepare"], re.MULTILINE)[0]
    project = {"timeZone": zone, "currency": currency}
    assert stack.http("PUT", "/v1/project", project, headers={"If-Match": '"0"'}).status == 200
    commands = Commands(stack)
    for language, block in blocks(SECTIONS["Prepare"]):
        commands.run(language, block)
    return commands


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_gives_the_shown_points(commands: Commands, clock: time_machine.Traveller, recipe: str) -> None:
    for other in needed(recipe):
        create_campaigns(commands, other)
    found, introductions = list(blocks(SECTIONS[recipe])), BLOCK.sub("```", SECTIONS[recipe]).split("```")
    for place, (language, block) in enumerate(found):
        if moment := OCCURRED_AT.search(block) or LATER.search(introductions[place]):
            clock.move_to(moment[1])
        if block.endswith("/runs"):
            (run,) = json.loads(found[place + 1][1])["data"]
            clock.move_to(f"{run['date']}T09:15:00-05:00")
            run_campaigns(commands.stack)
        commands.run(language, block)
    assert commands.compared >= 2


def test_recipes_on_one_stack_share_no_key_and_no_event() -> None:
    """Each request of the page is another one, also for a reader who keeps the stack from recipe to recipe."""
    for name in (r"Idempotency-Key: ([^']+)'", r'"eventId": "([^"]+)"'):
        found = re.findall(name, TEXT)
        assert len(found) > 10
        assert sorted(found) == sorted(set(found))


def test_every_event_of_a_recipe_has_its_answer() -> None:
    for recipe in RECIPES:
        found = list(blocks(SECTIONS[recipe]))
        for (_, block), (language, _) in pairwise(found):
            assert not block.startswith("api /events ") or language == "json", block
    assert len(RECIPES) == 12


def test_a_coupon_that_is_used_up_for_a_customer_is_refused_with_its_reason(commands: Commands) -> None:
    for language, block in blocks(SECTIONS["Cashback coupon"]):
        commands.run(language, block)
    body = {"customerId": "ann", "orderId": "1102", "order": {"amount": 5_000}}
    answer = commands.stack.http("POST", "/v1/coupons/SAVE10/redemptions", body, key="coupon-1102")
    assert (answer.status, answer.code, answer.body["reason"]) == (422, "coupon_not_valid", "limit_per_customer")


def test_two_first_orders_at_once_give_the_bonus_once(commands: Commands) -> None:
    create_campaigns(commands, "First order")

    def paid(order: str) -> Answer:
        body = {"name": "order.paid", "customerId": "new", "eventId": f"paid-{order}", "orderId": order}
        return commands.stack.http("POST", "/v1/events", raw=json.dumps({**body, "order": {"amount": 1_500}}))

    rivals: list[Answer] = []
    with before_next("TransactWriteItems", lambda: rivals.append(paid("1"))):
        second = paid("2")

    assert [award["points"] for answer in (*rivals, second) for award in answer.body["awards"]] == [200]
