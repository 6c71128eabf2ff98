"""Audits of random awards: what the engine gives agrees with its rules, and any other number of points is reported."""

from dataclasses import replace
from itertools import count

from hypothesis import assume, given
from hypothesis import strategies as st

from loyalty.domain.audit.awards import AwardRow, award_drifts, given_by_campaign, missing_rows
from loyalty.domain.audit.comparison import Drift
from loyalty.domain.cards.card import Balance
from loyalty.domain.cards.transaction import AwardDetails, Context, Operation, Source, Transaction, TransactionType
from loyalty.domain.earning.campaign import Campaign
from loyalty.domain.earning.evaluation import Award, Candidate, Decision, evaluate
from loyalty.domain.earning.event import Event
from loyalty.domain.earning.receipt import Receipt, ReceiptAward
from tests.properties.test_earning import campaigns, events
from tests.support.campaigns import situation

CAPS = st.none() | st.integers(1, 300)


def details_of(award: Award) -> AwardDetails:
    base, factor = str(award.base), str(award.factor)
    return AwardDetails(award.campaign_version, award.reward_no, base, factor, award.draw)


def row_of(award: Award, event: Event, seq: int) -> AwardRow:
    context = Context(
        source=Source.CAMPAIGN,
        order_id=event.order_id,
        order=event.order,
        campaign_id=award.campaign_id,
        event=event.name,
    )
    row = Transaction(
        card_id="crd",
        wallet_id=award.wallet_id,
        customer_id=event.customer_id,
        seq=seq,
        type=TransactionType.CREDIT,
        operation=Operation.CAMPAIGN,
        points=award.points,
        balance=Balance(0, 0, 0),
        requested=award.requested,
        capped_by=award.capped_by,
        award=details_of(award),
        context=context,
        wallet_version=1,
        created_at=event.occurred_at,
        effective_at=event.occurred_at,
    )
    return AwardRow(row, event.key)


def receipt_of(event: Event, rows: list[AwardRow]) -> Receipt:
    assert event.order
    return Receipt(
        customer_id=event.customer_id,
        name=event.name,
        key=event.key,
        order_id=event.order_id,
        received_at=event.occurred_at,
        occurred_at=event.occurred_at,
        fingerprint=b"",
        order_amount=event.order.amount,
        awards=tuple(
            ReceiptAward(row.context.campaign_id, row.wallet_id, row.wallet_version, row.seq, row.points, row.award)
            for row in (one.row for one in rows)
            if row.context.campaign_id and row.award
        ),
    )


def drifts(made: list[Campaign], event: Event, rows: list[AwardRow], paid: int) -> list[Drift]:
    receipt, by_id = receipt_of(event, rows), {one.campaign_id: one for one in made}
    return [
        *award_drifts(rows, {receipt.event: receipt}, lambda one, _: by_id[one], lambda *_: (paid, paid)),
        *missing_rows([(receipt, award) for award in receipt.awards], {one.award_key for one in rows}),
    ]


def decision_of(made: list[Campaign], event: Event, paid: int, cap: int | None) -> Decision:
    """What the event gives, if the wallets reduce awards to `cap` points."""
    assert event.order

    def credit(award: Award) -> Award | str:
        return award if cap is None else award.cap(cap, "earningLimits.transaction")

    net = max(event.order.amount - paid, 0) if paid else None
    return evaluate(situation(event, net_amount=net), [Candidate(one) for one in made], credit)


@given(campaigns(), events(), st.integers(0, 10**9), CAPS)
def test_an_audit_finds_no_drift_in_awards_of_any_campaigns(
    made: list[Campaign], event: Event, paid: int, cap: int | None
) -> None:
    decision = decision_of(made, event, paid, cap)
    rows = [row_of(award, event, seq) for award, seq in zip(decision.awards, count(1))]
    assert drifts(made, event, rows, paid) == []
    receipt = receipt_of(event, rows)
    given_ones = given_by_campaign(rows, {receipt.event: receipt})
    assert sum(one.points for one in given_ones.values()) == sum(award.points for award in decision.awards)
    assert all(one.awards == 1 for one in given_ones.values())


@given(campaigns(), events(), st.integers(0, 10**9), CAPS, st.data())
def test_an_audit_reports_other_points_than_those_of_the_rule(
    made: list[Campaign], event: Event, paid: int, cap: int | None, data: st.DataObject
) -> None:
    awards = list(decision_of(made, event, paid, cap).awards)
    assume(awards)
    place = data.draw(st.integers(0, len(awards) - 1))
    award, more = awards[place], data.draw(st.integers(1, 100))
    if award.requested is None:
        awards[place] = replace(award, points=award.points + more)
    else:
        awards[place] = replace(award, requested=award.requested + more)
    rows = [row_of(award, event, seq) for award, seq in zip(awards, count(1))]
    assert [(one.check, one.seq) for one in drifts(made, event, rows, paid)] == [("reward", place + 1)]
