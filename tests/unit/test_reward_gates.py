"""What the gates of a reward of the catalogue read."""

from loyalty.domain.catalogue.availability import wallets_read
from loyalty.domain.patterns import compile_pattern


def test_conditions_read_the_balances_of_wallets_whose_id_can_be_a_key() -> None:
    any_balance = [{"exists": False}]
    pattern = compile_pattern({"walletBalances": {"wal_stars": any_balance, "x" * 2_000: any_balance}})
    assert wallets_read(pattern) == {"wal_stars"}
