"""Pauses between attempts after a lost race."""

import random
from itertools import count

import pytest

from loyalty.errors import Busy
from loyalty.retry import LostRace, retry


def lose() -> None:
    raise LostRace


def test_environments_that_start_from_one_snapshot_do_not_pause_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """They would lose the next race to each other again."""
    ticks = count()
    monkeypatch.setattr("loyalty.retry.monotonic", lambda: next(ticks))
    snapshot, pauses = random.getstate(), []
    for _ in range(2):
        random.setstate(snapshot)
        of_environment: list[float] = []
        monkeypatch.setattr("loyalty.retry.sleep", of_environment.append)
        with pytest.raises(Busy):
            retry(lose, "the card")
        pauses.append(of_environment)
    assert len(pauses[0]) == len(pauses[1]) > 3
    assert not set(pauses[0]) & set(pauses[1])
