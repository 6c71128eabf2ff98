"""List prices of AWS in us-east-1, in dollars, without free tiers and discounts for volume.

`read` is the date of the public text that quotes the price, empty if the text has no date: the price pages themselves
show prices by script. Check the prices before an estimate.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum


@dataclass(frozen=True, slots=True)
class Price:
    dollars: Decimal
    each: str
    page: str
    read: str

    @classmethod
    def of(cls, dollars: str, each: str, page: str, read: str = "") -> "Price":
        return cls(Decimal(dollars), each, page, read)


MILLION = Decimal(1_000_000)
GIGABYTE = Decimal(1_000_000_000)
LOG_LINE_OVERHEAD = 26
"""The bytes that CloudWatch Logs adds to each line (API reference, PutLogEvents)."""


class Prices(Enum):
    WRITE_UNITS = Price.of(
        "0.625", "million write units, on demand", "https://aws.amazon.com/dynamodb/pricing/on-demand/", "2025-07-21"
    )
    READ_UNITS = Price.of(
        "0.125", "million read units, on demand", "https://aws.amazon.com/dynamodb/pricing/on-demand/", "2025-07-21"
    )
    STORAGE = Price.of("0.25", "GB and month", "https://aws.amazon.com/dynamodb/pricing/on-demand/")
    POINT_IN_TIME_RECOVERY = Price.of("0.20", "GB and month", "https://aws.amazon.com/dynamodb/pricing/on-demand/")
    HTTP_API = Price.of("1.00", "million requests", "https://aws.amazon.com/api-gateway/pricing/", "2026")
    LAMBDA_REQUESTS = Price.of("0.20", "million requests", "https://aws.amazon.com/lambda/pricing/", "2026-05-11")
    LAMBDA_DURATION = Price.of(
        "13.3334", "million GB-seconds, arm64", "https://aws.amazon.com/lambda/pricing/", "2026-05-11"
    )
    EVENTS = Price.of(
        "1.00", "million custom events of 64 KB", "https://aws.amazon.com/eventbridge/pricing/", "2026-03-13"
    )
    LOGS = Price.of("0.50", "GB of logs", "https://aws.amazon.com/cloudwatch/pricing/", "2026")
    QUEUE_REQUESTS = Price.of("0.40", "million requests", "https://aws.amazon.com/sqs/pricing/")
    DATA_OUT = Price.of("0.09", "GB to the internet", "https://aws.amazon.com/ec2/pricing/on-demand/", "2025-05-19")

    def cost(self, number: Decimal | float) -> Decimal:
        """The dollars of so many units, requests, events, GB-seconds or bytes."""
        size = GIGABYTE if self.value.each.startswith("GB") else MILLION
        return Decimal(number) * self.value.dollars / size


@dataclass(frozen=True, slots=True)
class Peer:
    name: str
    text: str
    page: str


PEERS = (
    Peer(
        "Voucherify",
        "A stored copy of the page, without a date and some years old: plan Startup 59 a month for 100 redemptions and "
        "1,000 API calls an hour, plan Growth 199 a month. The current price of a million calls is not public there; "
        "the fair use policy sells more calls by plan or package",
        "https://www.voucherify.io/pricing",
    ),
    Peer(
        "CleverTap",
        "Bills the number of monthly active users, with 10,000 data points for each in the plan Essentials. The page "
        "names no price",
        "https://docs.clevertap.com/docs/billing",
    ),
)
"""Peers do not publish a price for an operation, so that only their pages can be quoted."""
