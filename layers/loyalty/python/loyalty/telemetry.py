"""Log and metrics of every function. Names come from the template's environment; ids are logged, contents never."""

import functools
import gc
import logging
import traceback
import warnings
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from loyalty.errors import LoyaltyError

# Most requests publish no metric, and Powertools would warn about each.
warnings.filterwarnings("ignore", "No application metrics to publish")

# Lambda sets the root logger to the function's level: at DEBUG, libraries would log requests with their contents.
for library in ("aws_lambda_powertools", "boto3", "botocore", "urllib3"):
    logging.getLogger(library).setLevel(logging.WARNING)

logger = Logger(use_rfc3339=True, utc=True)
metrics = Metrics()

# The log group has the stack, the name of the stream has the function, and nothing is traced.
_LEFT_OUT: dict[str, Any] = dict.fromkeys(("location", "service", "xray_trace_id"))
_of_first_invocation: dict[str, Any] = {"cold_start": True}

T = TypeVar("T")


class FunctionFailed(Exception):
    """A function failed, and the log has the cause. Lambda logs the message, so the message has no contents."""


def logs_without_contents(handler: Callable[[dict[str, Any], LambdaContext], T]) -> Callable[..., T]:
    """Gives the lines of an invocation the id of its request, and replaces exceptions by `FunctionFailed`.

    Lambda logs the text of an exception. A request of the API has the gateway's id, other invocations have Lambda's.
    """
    if not gc.isenabled():
        # What the imports have made stays, so the collector does not look at it.
        gc.freeze()
        gc.enable()

    @functools.wraps(handler)
    def handle(event: dict[str, Any], context: LambdaContext) -> T:
        request_id = event.get("requestContext", {}).get("requestId")
        ids = (
            {"correlation_id": request_id}
            if request_id
            else {"function_name": context.function_name, "function_request_id": context.aws_request_id}
        )
        logger.structure_logs(**_LEFT_OUT, **_of_first_invocation, **ids)
        _of_first_invocation.clear()
        try:
            return handler(event, context)
        except Exception as error:  # noqa: BLE001  # whatever failed, its text is not for the log
            log_failure("failed", error)
            raise FunctionFailed(_kind(error)) from None

    return handle


def log_failure(message: str, error: Exception, **ids: Any) -> None:
    """Logs kinds and places of an exception and its causes. Its text may have contents of a request or an event."""
    causes = list(_causes(error))
    logger.error(
        message,
        **ids,
        error=[_kind(cause) for cause in causes],
        trace=[
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for cause in reversed(causes)
            for frame in traceback.extract_tb(cause.__traceback__)
        ],
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _kind(error: BaseException) -> str:
    """Names the kind of the exception.

    The text of an AWS service stays, because it has no contents and names a missing right.
    """
    if isinstance(error, LoyaltyError):
        return error.code
    if isinstance(getattr(error, "response", None), dict):
        return str(error)
    return type(error).__qualname__
