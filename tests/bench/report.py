"""The results of a run, as JSON and back."""

from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter

from tests.bench.measuring import Figure


@dataclass(frozen=True, slots=True)
class DesignCost:
    """What a design spends for a card's movements, from the first one on. The product has no letter."""

    letter: str
    title: str
    movements: int
    requests: int
    reads: float
    writes: int
    credit: tuple[int, float, int]
    """Requests, read units and write units of the last credit."""
    debit: tuple[int, float, int]
    stored: int
    """The bytes of storage that remain for each movement, with index entries, without items that expire."""


@dataclass(frozen=True, slots=True)
class Time:
    """The processor time of a handler of the product and of a design, in milliseconds."""

    letter: str
    verb: str
    ours: float
    theirs: float
    ratio: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Growth:
    """A debit of a card with so many rows or lots. The product has no letter."""

    letter: str
    by: str
    size: int
    requests: int
    reads: float
    writes: int


@dataclass(frozen=True, slots=True)
class Writers:
    """Many writers on one card."""

    letter: str
    rate: float
    """Movements per second."""
    movements: int
    difference: int
    """The points that the balance has too many or too few."""
    repeated_keys: int
    applied_twice: int
    refused_in_progress: int
    """Requests with a repeated key that got an error, because the first request had no answer yet."""


@dataclass(frozen=True, slots=True)
class Faults:
    """The states after a fault at each request of a debit, once the debit is sent again."""

    letter: str
    once: int
    twice: int
    incomplete: int


@dataclass(frozen=True, slots=True)
class SweepRun:
    cards: int
    seconds: float
    processes: int


@dataclass(slots=True)
class Report:
    at: str
    machine: dict[str, str]
    full: bool
    """Whether rows, lots and due cards have the sizes that the document names."""
    seconds: int = 0
    """The duration of the run."""
    figures: list[Figure] = field(default_factory=list)
    costs: list[DesignCost] = field(default_factory=list)
    times: list[Time] = field(default_factory=list)
    growth: list[Growth] = field(default_factory=list)
    writers: list[Writers] = field(default_factory=list)
    faults: list[Faults] = field(default_factory=list)
    sweep: SweepRun | None = None
    notes: list[str] = field(default_factory=list)
    wrong: str | None = None


_ADAPTER = TypeAdapter(Report)


def save(report: Report, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_ADAPTER.dump_json(report, indent=1) + b"\n")


def load(file: Path) -> Report:
    return _ADAPTER.validate_json(file.read_bytes())
