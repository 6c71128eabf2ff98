"""What the deployment sets: the only module that reads the environment."""

import os


def table() -> str:
    """Name of the DynamoDB table."""
    return os.environ["LOYALTY_TABLE"]


def bus() -> str:
    """Name of the event bus."""
    return os.environ["LOYALTY_BUS"]


def settle_queue_url() -> str:
    return os.environ["LOYALTY_SETTLE_QUEUE_URL"]


def failures_queue_url() -> str:
    return os.environ["LOYALTY_FAILURES_QUEUE_URL"]


def time_zone() -> str:
    """IANA name of the project's zone, where no project is stored."""
    return os.environ["LOYALTY_TIME_ZONE"]


def currency() -> str:
    """ISO 4217 code of the project's currency, where no project is stored."""
    return os.environ["LOYALTY_CURRENCY"]
