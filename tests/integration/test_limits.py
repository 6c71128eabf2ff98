"""Limits over HTTP and under concurrent credits: the card, its transactions and the refusals."""

from collections import Counter
from datetime import timedelta
from functools import partial
from random import Random

import pytest
import time_machine

from loyalty.errors import EarningLimitReached
from loyalty.usecases.ledger import Outcome
from tests.integration.accounts import START
from tests.simulation.scheduler import Scheduler
from tests.support.invariants import check_all
from tests.support.stack import Stack
from tests.support.world import Request, books, client_of, emulator, world

DAILY_105 = {"global": {"type": "TIME_BASED", "unit": "DAY", "max": 105}}


def test_a_daily_limit_of_105_grants_ten_and_a_half_of_fifty_credits_of_ten(
    stack: Stack, clock: time_machine.Traveller
) -> None:
    wallet = stack.wallet(earningLimits=DAILY_105)

    answers = [stack.credit(wallet, 10) for _ in range(50)]

    assert [answer.status for answer in answers] == [201] * 11 + [422] * 39
    assert {answer.code for answer in answers[11:]} == {"earning_limit_reached"}
    assert stack.card(wallet)["balance"]["active"] == 105
    rows = stack.rows(wallet)
    assert [row["points"] for row in rows] == [10] * 10 + [5]
    assert [(row["requested"], row["cappedBy"]) for row in rows] == [(None, None)] * 10 + [(10, "earningLimits.global")]
    problem = answers[-1].body
    assert (problem["limit"], problem["requested"], problem["room"]) == ("earningLimits.global", 10, 0)

    clock.move_to(START + timedelta(days=1))
    assert stack.credit(wallet, 200).body["transaction"]["points"] == 105


@pytest.mark.parametrize("seed", range(2))
def test_concurrent_credits_grant_exactly_the_limit_and_no_credit_answers_busy(seed: int) -> None:
    """The environments are interleaved at each request. The seed decides the order."""
    outcomes: list[Outcome | EarningLimitReached] = []
    with emulator() as session, world(client_of(session), earningLimits=DAILY_105) as made:

        def credit(number: int) -> None:
            try:
                outcome = made.send(Request("credit", "ann", f"credit-{number}", points=10))
                assert isinstance(outcome, Outcome)
                outcomes.append(outcome)
            except EarningLimitReached as refusal:
                outcomes.append(refusal)

        scheduler = Scheduler(Random(seed), 0, lambda: None)
        with scheduler.watching(made.client):
            scheduler.run({f"credit {number}": partial(credit, number) for number in range(50)})

        found = books(made.items())
        check_all(found.values())
    (ann,) = found.values()
    assert ann.card.balance.active == 105
    assert sorted(row.points for row in ann.rows) == [5] + [10] * 10
    (cut,) = [row for row in ann.rows if row.capped_by]
    assert (cut.points, cut.requested, cut.capped_by) == (5, 10, "earningLimits.global")
    assert Counter(type(outcome) for outcome in outcomes) == {Outcome: 11, EarningLimitReached: 39}


def test_a_key_of_a_refused_credit_may_be_used_again_when_there_is_room(
    stack: Stack, clock: time_machine.Traveller
) -> None:
    wallet = stack.wallet(earningLimits={"global": {**DAILY_105["global"], "whenExceeded": "REJECT"}})
    assert stack.credit(wallet, 100).status == 201
    assert stack.credit(wallet, 6, key="credit-key").code == "earning_limit_reached"
    clock.move_to(START + timedelta(days=1))
    again = stack.credit(wallet, 6, key="credit-key")
    assert again.status == 201
    assert "Idempotent-Replayed" not in again.headers


def test_a_repetition_of_a_cut_credit_has_the_first_answer(stack: Stack) -> None:
    wallet = stack.wallet(earningLimits={"transaction": {"maxPoints": 30}})
    first = stack.credit(wallet, 50, key="credit-key")
    assert first.body["transaction"]["points"] == 30
    assert stack.credit(wallet, 50, key="credit-key").body == first.body


def test_points_that_were_earned_before_count_against_a_new_limit(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 70)
    etag = stack.http("GET", f"/v1/wallets/{wallet}").headers["ETag"]
    limits = {"global": {"type": "TIME_BASED", "unit": "MONTH", "max": 100}}
    changed = stack.http("PATCH", f"/v1/wallets/{wallet}", {"earningLimits": limits}, headers={"If-Match": etag})
    assert changed.status == 200, changed.text
    assert stack.credit(wallet, 70).body["transaction"]["points"] == 30
    assert stack.credit(wallet, 70).code == "earning_limit_reached"


def test_an_order_below_the_minimum_amount_earns_no_points(stack: Stack) -> None:
    wallet = stack.wallet(earningLimits={"transaction": {"minAmount": 5_000}})
    assert stack.credit(wallet, 10, orderId="A").code == "order_amount_required"
    small = stack.credit(wallet, 10, orderId="A", order={"amount": 4_999})
    assert (small.status, small.code, small.body["required"]) == (422, "order_amount_too_small", 5_000)
    assert stack.credit(wallet, 10, orderId="B", order={"amount": 5_000}).status == 201
    assert stack.credit(wallet, 10).status == 201


def test_a_lifetime_spending_limit_gets_room_back_from_a_refund(stack: Stack) -> None:
    wallet = stack.wallet(spendingLimits={"global": {"type": "SPENDING_BASED", "max": 60, "whenExceeded": "CAP"}})
    stack.credit(wallet, 200)
    assert stack.debit(wallet, 50, orderId="A").status == 201
    assert stack.debit(wallet, 20).code == "spending_limit_reached"
    part = stack.debit(wallet, 20, allowPartial=True).body["transaction"]
    assert (part["points"], part["requested"], part["cappedBy"]) == (10, 20, "spendingLimits.global")
    assert stack.debit(wallet, 1, allowPartial=True).code == "spending_limit_reached"
    assert stack.refund(wallet, "A").status == 201
    assert stack.debit(wallet, 50).status == 201
