"""What a million of each operation costs at list prices, from counted figures and stated assumptions."""

from dataclasses import dataclass
from decimal import Decimal

from tests.bench.prices import LOG_LINE_OVERHEAD, MILLION, Prices

MEMORY_GB = Decimal("0.5")
BASE_MILLISECONDS, REQUEST_MILLISECONDS = 15, 10
"""The stated duration of a function: 4 ms of a processor at 0.29 processors, and a round trip for each request."""
ACCESS_LINE = 188
"""The bytes of a line of the access log."""
PUBLISHED_TOGETHER = 10
PUBLISH_MILLISECONDS, PUBLISH_LINE = 60, 300
"""The stated run of the functions that read the stream: so many records, milliseconds, and bytes of its log line."""
SETTLED_TOGETHER = 100
"""The cards of a message, which one run of the function settles."""
QUEUE_REQUESTS = Decimal("0.03")
"""A message is sent, received and deleted."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One operation. Bytes are those of the answer to the caller and of the function's log lines."""

    requests: int
    read_units: float
    write_units: int
    answer: int = 0
    log: int = 0
    log_lines: int = 1
    events: int = 0
    order_entries: int = 0
    """Rows with an order, each of which writes one entry of the index of orders after the answer."""
    by_http: bool = True


@dataclass(frozen=True, slots=True)
class Cost:
    """Dollars of a million operations."""

    writes: Decimal
    reads: Decimal
    api: Decimal
    function: Decimal
    logs: Decimal
    events: Decimal
    data_out: Decimal

    @property
    def total(self) -> Decimal:
        return self.writes + self.reads + self.api + self.function + self.logs + self.events + self.data_out


def million(operation: Counted) -> Cost:
    """The dollars of a million operations, each with a warm function and a cached authorization."""
    together = 1 if operation.by_http else SETTLED_TOGETHER
    seconds = Decimal(BASE_MILLISECONDS + REQUEST_MILLISECONDS * operation.requests) / 1_000
    runs = Decimal(1) / together
    function = Prices.LAMBDA_REQUESTS.cost(MILLION * runs) + Prices.LAMBDA_DURATION.cost(MILLION * seconds * MEMORY_GB)
    lines = Decimal(operation.log + LOG_LINE_OVERHEAD * operation.log_lines) * runs
    if operation.by_http:
        lines += ACCESS_LINE + LOG_LINE_OVERHEAD
        api = Prices.HTTP_API.cost(MILLION)
    else:
        api = Prices.QUEUE_REQUESTS.cost(MILLION * QUEUE_REQUESTS)
    published, published_bytes = _stream(operation)
    return Cost(
        writes=Prices.WRITE_UNITS.cost(MILLION * (operation.write_units + operation.order_entries)),
        reads=Prices.READ_UNITS.cost(MILLION * Decimal(operation.read_units)),
        api=api,
        function=function,
        logs=Prices.LOGS.cost(MILLION * (lines + published_bytes)),
        events=Prices.EVENTS.cost(MILLION * operation.events) + published,
        data_out=Prices.DATA_OUT.cost(MILLION * operation.answer),
    )


def _stream(operation: Counted) -> tuple[Decimal, Decimal]:
    """The dollars of the functions that read the stream, and the bytes of their log lines for one operation."""
    runs = Decimal(operation.events + operation.order_entries) / PUBLISHED_TOGETHER
    seconds = Decimal(PUBLISH_MILLISECONDS) / 1_000
    dollars = Prices.LAMBDA_REQUESTS.cost(MILLION * runs) + Prices.LAMBDA_DURATION.cost(
        MILLION * runs * seconds * MEMORY_GB
    )
    return dollars, runs * (PUBLISH_LINE + LOG_LINE_OVERHEAD)


def month(stored_bytes: int) -> Decimal:
    """The dollars that a million rows of so many bytes cost in each month, with point-in-time recovery."""
    size = MILLION * stored_bytes
    return Prices.STORAGE.cost(size) + Prices.POINT_IN_TIME_RECOVERY.cost(size)
