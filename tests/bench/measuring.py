"""Two ways to one result, measured in turn, so that other work of the machine affects both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from time import perf_counter, thread_time

Advance = Callable[[int], None]
"""Reports finished steps to the progress bar."""


class Wrong(Exception):
    """The product violated a rule."""


def require(holds: bool, text: str) -> None:
    if not holds:
        raise Wrong(text)


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio or a count, its spread over the rounds, and its promise. `held_back` says why a promise is not kept."""

    name: str
    ratio: float
    low: float
    high: float
    measured: str
    at_most: float | None = None
    at_least: float | None = None
    below: float | None = None
    held_back: str = ""

    @property
    def promise(self) -> str:
        if self.below is not None:
            return f"< {self.below:.2f}"
        if self.at_most is not None:
            return f"<= {self.at_most:.2f}"
        return "" if self.at_least is None else f">= {self.at_least:.2f}"

    @property
    def kept(self) -> bool | None:
        """Whether the promise is kept; None without a promise."""
        if self.below is not None:
            return self.ratio < self.below
        if self.at_most is not None:
            return self.ratio <= self.at_most
        return None if self.at_least is None else self.ratio >= self.at_least


@dataclass(slots=True)
class Side:
    """The seconds of every call by round: of the clock, and of this thread's processor time."""

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
        """Adds a round that was measured as a whole."""
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
        """The ratio of the product's time to the bare time: of the medians, and the middle half of the rounds."""
        return _ratios(self.ours.clock, self.bare.clock)

    def processor_times(self) -> tuple[float, float, float]:
        return _ratios(self.ours.processor, self.bare.processor)

    def rates(self) -> tuple[float, float, float]:
        """The ratio of the product's rate to the bare rate."""
        return _ratios(self.bare.clock, self.ours.clock)


def in_turn(rounds: int, ours: Callable[[], object], bare: Callable[[], object], advance: Advance) -> None:
    """Runs a round of each side, in the order A B B A A B."""
    for number in range(rounds):
        for action in (ours, bare) if number % 2 == 0 else (bare, ours):
            action()
            advance(1)


def compared(calls: int, round_: int, ours: Callable[[], object], bare: Callable[[], object], advance: Advance) -> Pair:
    """Measures calls of each side in rounds of the given size, after a warm-up round."""
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
