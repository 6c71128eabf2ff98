"""An audit finds each change of a ledger: the items of a real ledger are changed one at a time."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.store.attributes import Item
from loyalty.store.ledgers import ledger_from_items
from loyalty.usecases import audits
from tests.support.world import Request, World, client_of, emulator, world

UNCHECKED = {"e", "st", "f", "dp", "ds"}
"""Attributes of a card that do not follow from rows: status, revision, and a due entry that may be early."""


@pytest.fixture(scope="module")
def ledger() -> Iterator[World]:
    """The ledger of some months: two orders, texts, refunds, an activation, an expiry and a cut credit."""
    with (
        emulator() as session,
        world(
            client_of(session),
            expiration={"type": "ROLLING_EXPIRATION", "every": 30, "unit": "DAY"},
            pending={"type": "PERIOD_BASED", "every": 2, "unit": "HOUR"},
            earningLimits={"global": {"type": "TIME_BASED", "unit": "DAY", "max": 150}},
        ) as made,
    ):
        for number in range(4):
            order, text = f"A#{number % 2}", f'{{"note":"for Ann {number}"}}'
            made.send(Request("credit", "ann", f"credit-{number}", order, 100 + number, metadata=text))
            made.now += timedelta(hours=1)
            made.send(Request("credit", "ann", f"more-{number}", None, 70))
            made.now += timedelta(hours=3)
            made.send(Request("debit", "ann", f"debit-{number}", order, 20 + number))
            made.now += timedelta(days=11)
        made.send(Request("refund", "ann", "refund-1", "A#0"))
        yield made


@pytest.fixture(scope="module")
def rows(ledger: World) -> list[Item]:
    return sorted(of_kind(ledger, "TXN#"), key=lambda item: int(item["hs"]["N"]))


@pytest.fixture(scope="module")
def valid(ledger: World) -> Callable[..., bool]:
    """Returns a function that verifies the ledger with other rows or another card."""
    (card,), (profile,), (code,) = (of_kind(ledger, head) for head in ("CARD#", "PROFILE#", "CODE"))
    version_of = cache(ledger.store.wallets.version)

    def judge(rows: Sequence[Item], card: Item = card) -> bool:
        return audits.report_of(ledger_from_items(card, rows, profile, code), version_of).valid

    return judge


def of_kind(ledger: World, head: str) -> list[Item]:
    return [item for item in ledger.items() if item["sk"]["S"].startswith(head)]


def flipped(data: st.DataObject, value: Any) -> Any:
    """The attribute with one changed bit in one of its values."""
    ((kind, content),) = value.items()
    match kind:
        case "L":
            place = data.draw(st.integers(0, len(content) - 1))
            return {"L": [*content[:place], flipped(data, content[place]), *content[place + 1 :]]}
        case "N":
            return {"N": str(int(content) ^ 1 << data.draw(st.integers(0, 40)))}
        case "B":
            spoiled = bytearray(content)
            spoiled[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
            return {"B": bytes(spoiled)}
    place = data.draw(st.integers(0, len(content) - 1))
    other = chr(ord(content[place]) ^ 1 << data.draw(st.integers(0, 5)))
    return {"S": content[:place] + other + content[place + 1 :]}


Judge = Callable[..., bool]


def test_the_ledger_of_these_tests_is_valid_and_has_all_kinds_of_rows_and_attributes(
    ledger: World, rows: list[Item], valid: Judge
) -> None:
    assert {row["t"]["S"] for row in rows} >= {"CREDIT", "DEBIT", "ACTIVATION", "EXPIRY", "RETURN", "REVOCATION"}
    assert {name for row in rows for name in row} >= {"m", "sa", "fp", "rf", "rp", "cb", "q", "l", "ea", "op"}
    assert valid(rows)
    assert audits.verify(ledger.store, ledger.wallet_id, "ann").valid


@settings(max_examples=min(400, settings().max_examples * 4))
@given(data=st.data())
def test_an_audit_finds_a_changed_bit_of_a_row(rows: list[Item], valid: Judge, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    row = rows[place]
    name = data.draw(st.sampled_from(sorted(row)))
    spoiled = flipped(data, row[name])
    # A row with another partition key or of another wallet is not read with the others.
    _, wallet_id, _ = row["sk"]["S"].split("#", 2)
    missing = name == "pk" or (name == "sk" and not spoiled["S"].startswith(f"TXN#{wallet_id}#"))
    changed = [] if missing else [{**row, name: spoiled}]
    assert not valid([*rows[:place], *changed, *rows[place + 1 :]]), (name, spoiled)


@given(data=st.data())
def test_an_audit_finds_an_added_or_removed_attribute(rows: list[Item], valid: Judge, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    spoiled = dict(rows[place])
    if data.draw(st.booleans()):
        del spoiled[data.draw(st.sampled_from(sorted(spoiled.keys() - {"pk", "sk"})))]
    else:
        known = {name: item[name] for item in rows for name in item}
        known |= {"dg": {"B": bytes(32)}, "qf": {"N": "1"}, "ttl": {"N": "1"}}
        name = data.draw(st.sampled_from(sorted(known.keys() - spoiled.keys())))
        spoiled[name] = known[name]
    assert not valid([*rows[:place], spoiled, *rows[place + 1 :]]), spoiled


@given(data=st.data())
def test_an_audit_finds_a_changed_bit_of_the_card(
    ledger: World, rows: list[Item], valid: Judge, data: st.DataObject
) -> None:
    (card,) = of_kind(ledger, "CARD#")
    name = data.draw(st.sampled_from(sorted(card.keys() - UNCHECKED - {"pk", "sk"})))
    spoiled = flipped(data, card[name])
    assert not valid(rows, {**card, name: spoiled}), (name, spoiled)


def test_an_audit_finds_a_missing_repeated_or_swapped_row(rows: list[Item], valid: Judge) -> None:
    for place, row in enumerate(rows):
        before, after = rows[:place], rows[place + 1 :]
        assert not valid([*before, *after]), "missing"
        assert not valid([*rows, {**row, "sk": {"S": row["sk"]["S"] + "x"}}]), "repeated"
        if after:
            swapped = [{**after[0], "sk": row["sk"]}, {**row, "sk": after[0]["sk"]}]
            assert not valid([*before, *swapped, *after[1:]]), "swapped"


def test_an_audit_finds_a_truncated_ledger(rows: list[Item], valid: Judge) -> None:
    assert not any(valid(rows[:length]) for length in range(len(rows)))
