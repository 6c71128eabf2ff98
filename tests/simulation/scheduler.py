"""Several concurrent environments, one step at a time: a seed decides which task continues and which faults happen.

Every task runs in its own thread and stops at each request to DynamoDB: before the call, before the request is sent,
and before its answer arrives. The scheduler resumes one task at a time, with a verdict: well, or a fault. The seed
alone decides a history, so that the same seed runs the same history.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import botocore.endpoint
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from moto.core.models import botocore_stubber

import loyalty.messaging.bus
import loyalty.retry
import loyalty.store.table
import loyalty.usecases.history

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


WELL = "well"
LOST_REQUEST = "the request is lost"
LATE_REQUEST = "the request arrives later"
LOST_ANSWER = "the answer is lost"
CRASH = "the environment crashes"
CONFLICT = "another transaction is in progress"
THROTTLE = "the table is throttled"
UNPROCESSED = "keys are left unprocessed"

FAULTS = {
    "call TransactWriteItems": (CONFLICT, THROTTLE),
    "call BatchGetItem": (UNPROCESSED, UNPROCESSED, THROTTLE),
    "call": (THROTTLE,),
    "send TransactWriteItems": (LOST_REQUEST, LATE_REQUEST, LATE_REQUEST, CRASH),
    "send": (LOST_REQUEST, CRASH),
    "answer": (LOST_ANSWER, LOST_ANSWER, CRASH),
    "sleep": (),
}
"""The possible faults at a point. The most specific entry counts."""


class Crash(BaseException):
    """An environment crashes during its work. The product must not catch this exception."""


class Abandoned(BaseException):
    """The history ended early, so the thread must end, too."""


@dataclass
class Task:
    name: str
    work: Callable[[], None]
    point: str = "start"
    verdict: str = WELL
    unprocessed: Any = None
    """The keys that the present read leaves unprocessed."""
    elapsed: float = 0
    """The slept seconds: each task has its own clock, which takes no real time."""
    done: bool = False
    error: BaseException | None = None
    _turn: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _paused: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def resume(self, verdict: str) -> None:
        """Resumes the task and returns when the task is at its next point."""
        self.verdict = verdict
        self._turn.release()
        self._paused.acquire()

    def pause(self, point: str) -> str:
        """Pauses the calling task and returns the verdict of the scheduler."""
        self.point = point
        self._paused.release()
        self._turn.acquire()
        if self.verdict == CRASH:
            raise Crash
        if self.verdict == "abandon":
            raise Abandoned
        return self.verdict

    def _run(self) -> None:
        _own.task = self
        self._turn.acquire()
        try:
            self.work()
        except Abandoned:
            pass
        except BaseException as error:  # noqa: BLE001  # raised again by the scheduler
            self.error = error
        finally:
            self.done = True
            self._paused.release()


_own = threading.local()


def _task() -> Task | None:
    return getattr(_own, "task", None)


class Scheduler:
    def __init__(self, random: Random, fault_rate: float, between: Callable[[], None]) -> None:
        self.random = random
        self.fault_rate = fault_rate
        self.trace: list[str] = []
        self._between = between
        self._late: list[AWSPreparedRequest] = []

    def run(self, tasks: dict[str, Callable[[], None]]) -> None:
        """Runs all tasks concurrently until they end."""
        unfinished = [Task(name, work) for name, work in tasks.items()]
        for task in unfinished:
            task.start()
        try:
            while unfinished:
                self._between()
                self._deliver_late(rate=0.2)
                task = self.random.choice(unfinished)
                verdict = self._verdict(task.point)
                self.trace.append(f"{task.name}: {task.point}: {verdict}")
                task.resume(verdict)
                if task.done:
                    unfinished.remove(task)
                    if task.error:
                        raise task.error
            self._between()
            self._deliver_late(rate=1)
        finally:
            for task in unfinished:
                while not task.done:
                    task.resume("abandon")

    def _verdict(self, point: str) -> str:
        faults = FAULTS.get(point, FAULTS.get(point.partition(" ")[0], ()))
        if faults and self.random.random() < self.fault_rate:
            return self.random.choice(faults)
        return WELL

    def _deliver_late(self, rate: float) -> None:
        for request in list(self._late):
            if self.random.random() < rate:
                self._late.remove(request)
                botocore_stubber("before-send.dynamodb", request)
                self.trace.append("a late request arrives")
                self._between()

    @contextmanager
    def watching(self, client: "DynamoDBClient") -> Iterator[None]:
        """Pauses the tasks at every request of the client. Sleeping takes no real time."""
        events = client.meta.events
        calling: Any = self._calling
        events.register("before-call.dynamodb", calling)
        events.register("after-call.dynamodb.BatchGetItem", self._name_unprocessed)
        # moto answers between these two handlers.
        events.register_first("before-send", self._sending)
        events.register_last("before-send", self._answered)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(loyalty.retry, "sleep", self._sleep)
            patch.setattr(loyalty.retry, "monotonic", self._monotonic)
            patch.setattr(loyalty.retry, "uniform", self.random.uniform)
            patch.setattr(loyalty.store.table, "sleep", self._sleep)
            patch.setattr(loyalty.usecases.history, "sleep", self._sleep)
            patch.setattr(loyalty.messaging.bus, "sleep", self._sleep)
            patch.setattr(loyalty.messaging.bus, "uniform", self.random.uniform)
            patch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=self._sleep))
            yield

    def _calling(self, model: Any, params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]] | None:
        task = _task()
        verdict = task.pause(f"call {model.name}") if task else WELL
        body = json.loads(params["body"])
        if task and verdict == UNPROCESSED:
            return self._leave_unprocessed(task, params, body["RequestItems"])
        if verdict == THROTTLE and model.name == "TransactWriteItems":
            return _canceled(body, "ThrottlingError", 0)
        if verdict == THROTTLE:
            return _answer(400, {"Error": {"Code": "ThrottlingException", "Message": "Slow down."}})
        if verdict == CONFLICT:
            return _canceled(body, "TransactionConflict", len(body["TransactItems"]) - 1)
        return None

    def _leave_unprocessed(
        self, task: Task, params: dict[str, Any], wanted: dict[str, Any]
    ) -> tuple[Any, dict[str, Any]] | None:
        """Leaves some keys or all. The others are read now: one read is not one instant."""
        ((table, read),) = wanted.items()
        left = self.random.sample(read["Keys"], self.random.randint(1, len(read["Keys"])))
        processed = [key for key in read["Keys"] if key not in left]
        task.unprocessed = {table: {**read, "Keys": left}}
        if not processed:
            return _answer(200, {"Responses": {}})
        params["body"] = json.dumps({"RequestItems": {table: {**read, "Keys": processed}}}).encode()
        return None

    @staticmethod
    def _name_unprocessed(parsed: dict[str, Any], **_: Any) -> None:
        task = _task()
        if task and task.unprocessed:
            parsed["UnprocessedKeys"], task.unprocessed = task.unprocessed, None

    def _sending(self, event_name: str, request: AWSPreparedRequest, **_: Any) -> None:
        task = _task()
        verdict = task.pause(f"send {event_name.rpartition('.')[2]}") if task else WELL
        if verdict == LATE_REQUEST:
            self._late.append(request)
        if verdict in (LOST_REQUEST, LATE_REQUEST):
            raise ReadTimeoutError(endpoint_url=request.url)

    def _answered(self, event_name: str, request: AWSPreparedRequest, **_: Any) -> None:
        task = _task()
        verdict = task.pause(f"answer {event_name.rpartition('.')[2]}") if task else WELL
        if verdict == LOST_ANSWER:
            raise ConnectionClosedError(endpoint_url=request.url)

    @staticmethod
    def _sleep(seconds: float) -> None:
        task = _task()
        if task:
            task.elapsed += seconds
            task.pause("sleep")

    @staticmethod
    def _monotonic() -> float:
        task = _task()
        return task.elapsed if task else 0


def _answer(status: int, parsed: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    return SimpleNamespace(status_code=status), {
        **parsed,
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}},
    }


def _canceled(body: dict[str, Any], code: str, place: int) -> tuple[Any, dict[str, Any]]:
    reasons = [{"Code": code if n == place else "None"} for n in range(len(body["TransactItems"]))]
    error = {"Code": "TransactionCanceledException", "Message": "Transaction cancelled."}
    return _answer(400, {"Error": error, "CancellationReasons": reasons})
