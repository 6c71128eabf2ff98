"""Two ways to the same end, measured in turn, so that whatever else the machine does meets both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from time import perf_counter, thread_time

Advance = Callable[[int], None]
"""Tells the progress bar that so many more steps are done."""


class Wrong(Exception):
    """The product did what it must never do, however fast."""


def require(holds: bool, text: str) -> None:
    if not holds:
        raise Wrong(text)


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio, its spread over the rounds, and what was promised of it."""

    name: str
    ratio: float
    low: float
    high: float
    measured: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def promise(self) -> str:
        if self.at_most is not None:
            return f"<= {self.at_most:.2f}"
        return "" if self.at_least is None else f">= {self.at_least:.2f}"

    @property
    def kept(self) -> bool | None:
        """None where nothing was promised."""
        if self.at_most is not None:
            return self.ratio <= self.at_most
        return None if self.at_least is None else self.ratio >= self.at_least


@dataclass(slots=True)
class Side:
    """Seconds of every call, round by round: on the clock, and of this thread's processor time."""

    clock: list[list[float]] = field(default_factory=list)
    processor: list[list[float]] = field(default_factory=list)

    def run(self, action: Callable[[], object], calls: int) -> None:
        clock, processor = [], []
        for _ in range(calls):
            spent, began = thread_time(), perf_counter()
            action()
            clock.append(perf_counter() - began)
            processor.append(thread_time() - spent)
        self.clock.append(clock)
        self.processor.append(processor)

    def add(self, clock: float, processor: float = 0.0) -> None:
        """A round that was measured as a whole."""
        self.clock.append([clock])
        self.processor.append([processor])


@dataclass(slots=True)
class Pair:
    ours: Side = field(default_factory=Side)
    bare: Side = field(default_factory=Side)

    @property
    def milliseconds(self) -> tuple[float, float]:
        return middle(self.ours.clock) * 1_000, middle(self.bare.clock) * 1_000

    @property
    def processor_milliseconds(self) -> tuple[float, float]:
        return middle(self.ours.processor) * 1_000, middle(self.bare.processor) * 1_000

    def times(self) -> tuple[float, float, float]:
        """Our time in times of the bare one: of all medians, and the middle half of the rounds."""
        return _ratios(self.ours.clock, self.bare.clock)

    def processor_times(self) -> tuple[float, float, float]:
        return _ratios(self.ours.processor, self.bare.processor)

    def rates(self) -> tuple[float, float, float]:
        """Our rate in parts of the bare one."""
        return _ratios(self.bare.clock, self.ours.clock)


def in_turn(rounds: int, ours: Callable[[], object], bare: Callable[[], object], advance: Advance) -> None:
    """Runs both, a round each, and first who was last: A B B A A B."""
    for number in range(rounds):
        for action in (ours, bare) if number % 2 == 0 else (bare, ours):
            action()
            advance(1)


def compared(calls: int, round_: int, ours: Callable[[], object], bare: Callable[[], object], advance: Advance) -> Pair:
    """Calls of each side in rounds of the given size, after a round that does not count."""
    pair, warm = Pair(), Pair()
    in_turn(1, lambda: warm.ours.run(ours, round_), lambda: warm.bare.run(bare, round_), advance)
    rounds = -(-calls // round_)
    in_turn(rounds, lambda: pair.ours.run(ours, round_), lambda: pair.bare.run(bare, round_), advance)
    return pair


def middle(rounds: Sequence[Sequence[float]]) -> float:
    return median(value for one in rounds for value in one)


def _ratios(above: Sequence[Sequence[float]], below: Sequence[Sequence[float]]) -> tuple[float, float, float]:
    by_round = [median(one) / median(other) for one, other in zip(above, below, strict=True)]
    low, _, high = quantiles(by_round, n=4) if len(by_round) > 1 else by_round * 3
    return middle(above) / middle(below), low, high
