"""No sequence of transfers makes a point end later, or earlier when it moves, than it would have ended where it was."""

from hypothesis import given
from hypothesis import strategies as st

from loyalty.domain.cards.card import SLIDING, Card, Lot, points_of
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.sliding import slide_expiry
from loyalty.domain.dates import NEVER, Unit
from loyalty.domain.movements.transfer import receive_points, send_points
from loyalty.domain.wallets.settings import Activity, ConsumptionOrder, Expiration, ExpirationType
from tests.support.samples import NOW, TODAY, card, wallet

DAY = 86_400
CUSTOMERS = 3
SLIDES = Expiration(ExpirationType.SLIDING_EXPIRATION, 5, Unit.DAY, reset_by=(Activity.SPENDING,))
EXPIRIES = (
    st.sampled_from([NEVER, SLIDING])
    | st.integers(NOW + 1, NOW + 20 * DAY)
    | st.integers(NOW + 1, NOW + 20 * DAY).map(lambda at: -at)
)
CARDS = st.tuples(st.lists(EXPIRIES, max_size=3), st.integers(NOW + 1, NOW + 9 * DAY))
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["transfer", "transfer", "activity"]),
        st.integers(0, CUSTOMERS - 1),
        st.integers(1, CUSTOMERS - 1),
        st.integers(1, 25),
        st.sampled_from([0, 1, DAY, 3 * DAY]),
    ),
    max_size=20,
)


def ends(one: Card, lot: Lot) -> float:
    return one.expiry_of(lot) or float("inf")


@given(st.tuples(*[CARDS] * CUSTOMERS), STEPS, st.sampled_from(ConsumptionOrder))
def test_no_transfer_extends_the_life_of_points(
    given_lots: tuple[tuple[list[int], int], ...], steps: list[tuple[str, int, int, int, int]], order: ConsumptionOrder
) -> None:
    stars, now = wallet(expiration=SLIDES, consumption_order=order), NOW
    cards: list[Card] = []
    homes: dict[int, tuple[int, Lot]] = {}
    for owner, (expiries, moment) in enumerate(given_lots):
        # Each lot has an issue day of its own, which it keeps on every card.
        lots = [Lot(10, expires_at, TODAY - 10 * owner - place) for place, expires_at in enumerate(expiries)]
        cards.append(card(sliding_expires_at=moment).add_lots(lots))
        homes |= {lot.issue_day: (owner, lot) for lot in lots}
    for verb, actor, away, points, wait in steps:
        now += wait
        cards = [settle(one, now)[0] for one in cards]
        if verb == "activity":
            cards[actor] = slide_expiry(cards[actor], stars, Activity.SPENDING, now)
        elif points <= points_of(cards[actor].lots):
            other = (actor + away) % CUSTOMERS
            sender, sent, lots_ = send_points(cards[actor], points, stars, now, recipient_id="bob")
            recipient, _ = receive_points(cards[other], lots_, stars, now, sender_id="ann")
            assert [ends(recipient, lot) for lot in lots_] == [ends(cards[actor], lot) for lot in sent.lots]
            cards[actor], cards[other] = sender, recipient
        for one in cards:
            for lot in one.lots:
                owner, original = homes[lot.issue_day]
                # The activities of the first owner would have moved the lot, had it stayed.
                assert ends(one, lot) <= ends(cards[owner], original)
