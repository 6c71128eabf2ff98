"""The counted figures of the operations whose costs the document has.

`tests/integration/test_counted_figures.py` asserts requests, units and bytes; `test_money.py` the events, and the
figures of what is only here.
"""

from tests.bench.money import Counted
from tests.integration.test_counted_figures import FIGURES

EVENTS = {
    "first credit": 2,
    "credit": 1,
    "batch of 25 credits": 25,
    "debit": 1,
    "payment": 1,
    "refund": 2,
    "replay": 0,
    "refusal": 0,
    "expiry by sweep": 1,
}
"""The events on the bus, by operation."""
ROWS_WITH_ORDER = {"first credit": 1, "credit": 1, "batch of 25 credits": 25, "debit": 1, "payment": 1, "refund": 2}
METRIC_LINE = 340
"""The stated bytes of a line with a metric, which a refusal logs too. Tests switch metrics off."""
NOT_BY_HTTP = {"expiry by sweep"}
BALANCE = Counted(requests=1, read_units=2, write_units=0, answer=600, log=270)


def counted() -> dict[str, Counted]:
    """The operations of the table of counted figures, and the read of a balance."""
    found = {
        name: Counted(
            requests=len(figures.requests),
            read_units=figures.read_units,
            write_units=figures.write_units,
            answer=figures.answer,
            log=figures.log + (METRIC_LINE if name == "refusal" else 0),
            log_lines=2 if name == "refusal" else 1,
            events=EVENTS[name],
            order_entries=ROWS_WITH_ORDER.get(name, 0),
            by_http=name not in NOT_BY_HTTP,
        )
        for name, figures in FIGURES.items()
    }
    return {**found, "read of a balance": BALANCE}
