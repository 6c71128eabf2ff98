"""Pages of a wallet's members: what one message of a queue does with each of its customers."""

from collections.abc import Callable, Iterable

from loyalty.telemetry import log_failure

OVERDUE_SECONDS = 6 * 3_600
"""How long the pages of one work may take before an alarm."""
TRIES_MAX = 3
FAILURES_MAX = 5
"""The members of a page who may fail at the last try. If more fail, the cause is not in their cards."""


def for_each_member(
    customer_ids: Iterable[str], act: Callable[[str], None], failure: str, *, failures_max: int, **context: str
) -> list[str]:
    """Acts for each customer, and returns the customers for whom this failed.

    A failure is logged with the context. Raises the last error if more fail than `failures_max`.
    """
    failures: list[str] = []
    last: Exception | None = None
    for customer_id in customer_ids:
        try:
            act(customer_id)
        except Exception as error:  # noqa: BLE001  # whatever is wrong with one card must not stop the others
            log_failure(failure, error, customer_id=customer_id, **context)
            failures.append(customer_id)
            last = error
            if len(failures) > FAILURES_MAX:
                break
    if last and len(failures) > failures_max:
        raise last
    return failures
