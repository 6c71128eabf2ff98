"""Keys of the table: each key has one owner, and an order finds only its own rows."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from loyalty.store import keys

PARTITION_KEY_BYTES_MAX = 2_048
SORT_KEY_BYTES_MAX = 1_024
IDS = st.text(string.ascii_letters + string.digits + "._~-", min_size=1, max_size=8) | st.just("w" * 64)
# Characters with a meaning in keys are frequent on purpose.
ORDERS = st.none() | st.text(
    st.sampled_from("#%=-AB23:SK") | st.characters(categories=("L", "N", "P", "S")), min_size=1
)
CLIENT_KEYS = st.text(st.sampled_from("#%=-:2KS3") | st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1)
ORIGINS = (
    st.builds(keys.key_origin, CLIENT_KEYS)
    | st.builds(lambda key: keys.row_origin(keys.key_origin(key), 1), CLIENT_KEYS)
    | st.builds(keys.settlement_origin, st.integers(1, 10**12 - 1))
)
PLACES = st.tuples(IDS, ORDERS, ORIGINS)
Place = tuple[str, str | None, str]


@given(PLACES, PLACES)
@example(("w", "-", "K:a"), ("w", None, "K:a"))
@example(("w", "A#B", "K:a"), ("w", "A%23B", "K:a"))
@example(("w", "A", "K:B"), ("w", "A#K:B", "K:B"))
def test_two_rows_never_share_a_key(one: Place, other: Place) -> None:
    assert (keys.row(*one) == keys.row(*other)) == (one == other)


@given(CLIENT_KEYS, CLIENT_KEYS, st.integers(1, 10**9))
@example("a", "a#2", 1)
@example("S:000000000001", "a", 1)
def test_no_callers_key_equals_an_origin_of_the_product(one: str, other: str, seq: int) -> None:
    assert keys.key_origin(one) != keys.row_origin(keys.key_origin(other), 1)
    assert keys.key_origin(one) != keys.settlement_origin(seq)
    assert (keys.key_origin(one) == keys.key_origin(other)) == (one == other)


@given(PLACES)
def test_a_row_key_contains_the_wallet_the_order_and_the_origin(place: Place) -> None:
    by_time = place[2].startswith("S:")
    assert keys.parse_row_key(keys.row(*place)) == (*place[:2], None if by_time else place[2])


@given(PLACES, IDS, ORDERS)
@example(("w", "A#B", "K:a"), "w", "A")
@example(("w", "AB", "K:a"), "w", "A")
@example(("w", None, "K:a"), "w", "-")
@example(("w", "A#K:x", "K:a"), "w", "A")
@example(("ww", "A", "K:a"), "w", "A")
def test_an_order_finds_its_own_rows_only(place: Place, wallet_id: str, order_id: str | None) -> None:
    seen = keys.row(*place).startswith(keys.order_rows(wallet_id, order_id))
    assert seen == (place[:2] == (wallet_id, order_id))


@given(st.integers(1, 10**12 - 1), st.integers(1, 10**12 - 1))
def test_settlement_rows_are_sorted_by_their_seq(one: int, other: int) -> None:
    assert (keys.settlement_origin(one) < keys.settlement_origin(other)) == (one < other)


@given(IDS, st.text(string.ascii_letters + string.digits + "._~@+:-", min_size=1))
def test_ids_are_read_from_their_keys(wallet_id: str, customer_id: str) -> None:
    assert keys.after_first_hash(keys.customer(customer_id)) == customer_id
    assert keys.after_first_hash(keys.card(wallet_id)) == wallet_id


@pytest.mark.parametrize("character", ["a", "#", "%", "ü", "漢", "𝄞"])
@pytest.mark.parametrize("key_character", ["k", "#", "%"])
def test_the_longest_ids_make_keys_within_the_limits_of_dynamodb(character: str, key_character: str) -> None:
    origin = keys.row_origin(keys.key_origin(key_character * 64), 1)
    sort_key = keys.row("w" * 64, character * 128, origin)
    assert len(sort_key.encode()) <= SORT_KEY_BYTES_MAX
    assert keys.parse_row_key(sort_key) == ("w" * 64, character * 128, origin)
    assert len(keys.customer("c" * 128).encode()) <= PARTITION_KEY_BYTES_MAX
    assert len(keys.code("c" * 64).encode()) <= PARTITION_KEY_BYTES_MAX


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Stars", "STARS", True),
        ("Stars", " stars ", True),
        ("Gold  Stars", "gold stars", True),
        ("Straße", "STRASSE", True),
        ("Gold Stars", "GoldStars", False),
        ("Stars", "Stärs", False),
    ],
)
def test_wallet_names_are_compared_without_case_and_outer_or_repeated_spaces(
    one: str, other: str, *, same: bool
) -> None:
    assert (keys.wallet_name(one) == keys.wallet_name(other)) == same


def test_every_shard_has_its_own_partition_in_each_index() -> None:
    dues = {keys.due(kind, shard) for kind in "AE" for shard in range(keys.SHARDS)}
    assert len(dues) == 2 * keys.SHARDS
    assert len({keys.members(wallet, shard) for wallet in ("w", "w.1") for shard in range(keys.SHARDS)}) == 128
