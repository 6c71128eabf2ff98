"""The demonstration shop against the product: a second run changes nothing, and the books are right."""

import re
from collections.abc import Callable
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

import httpx
import pytest
import time_machine

from scripts.demo import __main__ as demo
from scripts.demo import story
from scripts.replay import __main__ as replay
from scripts.replay.api import Api
from tests.support.stack import Stack

Run = Callable[..., int]
ZONE = ZoneInfo("Europe/Berlin")
SHOP = story.Shop("wal_1", 1, date(2027, 3, 1), ZONE, "EUR", 100)


@pytest.fixture
def run(stack: Stack, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run of the command, with more options. Its requests are answered by the product's functions."""

    def answer(request: httpx.Request) -> httpx.Response:
        sent, key = request.content.decode() or None, request.headers.get("Idempotency-Key")
        answered = stack.http(request.method, request.url.path, raw=sent, key=key)
        return httpx.Response(answered.status, headers=dict(answered.headers), text=answered.text)

    def run(*options: str) -> int:
        return demo.main(["--customers", "10", "--seed", "218", "--senders", "1", "--stack-env", "none", *options])

    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("LOYALTY_API_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("LOYALTY_API_KEY", "key")
    # The functions run in this process: new campaigns have an effect at once.
    monkeypatch.setattr(demo, "EFFECT_SECONDS", 0)
    monkeypatch.setattr(demo, "Api", partial(Api, transport=httpx.MockTransport(answer)))
    return run


def test_a_small_shop_is_made_once(run: Run, stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == replay.AS_EXPECTED, capsys.readouterr().out
    shown = rows(capsys.readouterr().out)
    assert all(shown[kind][0] != "0" for kind in story.Kind), shown
    assert "gold" in tiers(stack)
    items = stack.items()
    assert run() == replay.AS_EXPECTED
    assert stack.items() == items
    again = rows(capsys.readouterr().out)
    assert all(again[kind] == ["0", *shown[kind][:1], *shown[kind][2:]] for kind in story.Kind), again
    assert again["definitions"] == ["0", shown["definitions"][0]]


def test_a_stack_has_one_shop(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--customers", "1") == replay.AS_EXPECTED
    assert run("--customers", "2") == replay.NOT_STARTED
    assert "make stop, then make run" in capsys.readouterr().out


def tiers(stack: Stack) -> set[str]:
    """The tiers of all customers in the club."""
    customers = {item["pk"]["S"].partition("#")[2] for item in stack.items() if item["sk"]["S"] == "CUSTOMER"}
    answers = [stack.http("GET", f"/v1/customers/{one}/tiers").body["data"] for one in customers]
    return {club["tier"]["tierId"] for (club,) in answers if club["tier"]}


def rows(text: str) -> dict[str, list[str]]:
    """The numbers of each line of the result: new, known and points."""
    lines = [re.split(r"  +", line.strip()) for line in text.splitlines()]
    return {line[0]: line[1:] for line in lines if len(line) > 1}


def test_a_shop_of_200_customers_has_a_year_of_orders_and_few_enough_requests() -> None:
    customers = story.customers_of(SHOP, 200)
    assert customers == story.customers_of(SHOP, 200)
    assert customers != story.customers_of(story.Shop("wal_1", 2, SHOP.founded, ZONE, "EUR", 100), 200)
    days = {order.at.date() for one in customers for order in one.orders}
    assert (SHOP.founded - min(days)).days > 350
    assert max(days) < SHOP.founded
    requests = [
        request
        for one in customers
        for request in (story.profile(SHOP, one), *story.past(SHOP, one), *story.present(SHOP, one, None))
    ]
    assert 1_500 < len(requests) < 2_400
    assert {request.kind for request in requests} == set(story.Kind) - {story.Kind.REFERRAL_CODE, story.Kind.REDEMPTION}
    keys = [request.key for request in requests if request.key]
    assert len(set(keys)) == len(keys)
    assert {one.referrer.number for one in customers if one.referrer}
