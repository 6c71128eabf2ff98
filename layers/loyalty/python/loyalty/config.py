"""The deployment's settings: the only module that reads the environment."""

import os


def table() -> str:
    """Returns the name of the DynamoDB table."""
    return os.environ["LOYALTY_TABLE"]


def read_seconds(usual: int) -> int:
    """Returns the time of one attempt to get an answer of the table: the usual one, except on a local stack."""
    return int(os.environ.get("LOYALTY_READ_SECONDS", usual))


def table_endpoint() -> str | None:
    """Returns the URL of DynamoDB, if one is set. AWS's own variables come first, as for each client of the SDK."""
    names = ("AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL", "LOYALTY_TABLE_ENDPOINT")
    return next((os.environ[name] for name in names if os.environ.get(name)), None)


def region() -> str | None:
    """Returns the region, if it is set: Lambda always sets it."""
    return os.environ.get("AWS_DEFAULT_REGION")


def credentials() -> tuple[str, str, str | None] | None:
    """Returns key id, secret and session token, if the environment has credentials that do not expire, as in Lambda."""
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    key_id, secret = (os.environ.get(name) for name in names)
    if not key_id or not secret or "AWS_CREDENTIAL_EXPIRATION" in os.environ:
        return None
    return key_id, secret, os.environ.get("AWS_SESSION_TOKEN")


def stack() -> str:
    """Returns the name of the stack, which is also the service of the logs and metrics."""
    return os.environ["POWERTOOLS_SERVICE_NAME"]


def bus() -> str:
    """Returns the name of the event bus."""
    return os.environ["LOYALTY_BUS"]


def settle_queue_url() -> str:
    return os.environ["LOYALTY_SETTLE_QUEUE_URL"]


def settle_concurrency() -> int:
    """Returns the number of messages of the settle queue that are processed at the same time."""
    return int(os.environ["LOYALTY_SETTLE_CONCURRENCY"])


def award_queue_url() -> str:
    return os.environ["LOYALTY_AWARD_QUEUE_URL"]


def recalculation_queue_url() -> str:
    return os.environ["LOYALTY_RECALCULATION_QUEUE_URL"]


def failures_queue_url() -> str:
    return os.environ["LOYALTY_FAILURES_QUEUE_URL"]


def restoration() -> str:
    """Returns the text before the ids of events; empty unless the project's table was restored."""
    return os.environ["LOYALTY_RESTORATION"]


def time_zone() -> str:
    """Returns the IANA name of the project's zone, for use if no project is stored."""
    return os.environ["LOYALTY_TIME_ZONE"]


def currency() -> str:
    """Returns the ISO 4217 code of the project's currency, for use if no project is stored."""
    return os.environ["LOYALTY_CURRENCY"]


def is_deployed() -> bool:
    """Returns whether Lambda runs this process: Lambda sets the variable."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ
