"""The replay of an orders file: reading, posting, counting and comparing."""

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import boto3
import httpx
import pytest
from moto import mock_aws

from scripts.replay import api, by_credits, by_events, events, files, order_lines, orders, run, settings
from scripts.replay.api import Answer, Api, Failed
from scripts.replay.by_credits import ByCredits
from scripts.replay.orders import Order, OrderFile, OrdersUnreadable
from scripts.replay.run import Credited, Posted, Wallet
from scripts.replay.settings import NotConfigured, Settings

HEADER = "invoice_no,stock_code,quantity,invoice_date,unit_price,customer_id\n"
CREDITS = ByCredits()
DATE = "Mon, 06 Dec 2010 10:00:00 GMT"


def file_of(*rows: str) -> OrderFile:
    return order_lines.group(order_lines.read_lines([HEADER, *(f"{row}\n" for row in rows)]))


def counts(file: OrderFile) -> dict[str, int]:
    return {count.label: count.number for count in file.counts if count.number}


def row(
    invoice: str = "536365",
    code: str = "71053",
    quantity: int = 1,
    price: str = "3.39",
    customer: str = "17850",
) -> str:
    return f"{invoice},{code},{quantity},2010-12-01T08:26:00,{price},{customer}"


class FakeApi:
    """A part of the API in memory: it credits once per key and answers balances and transactions."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.bodies: dict[str, Any] = {}
        self.cards: dict[str, list[dict[str, Any]]] = {}
        self.before: list[Callable[[], httpx.Response]] = []
        self.after: list[Callable[[], httpx.Response]] = []
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.before:
            return self.before.pop(0)()
        answer = self.post(request) if request.method == "POST" else self.get(request)
        return self.after.pop(0)() if self.after else answer

    def post(self, request: httpx.Request) -> httpx.Response:
        key = request.headers["Idempotency-Key"]
        body = json.loads(request.content)
        is_replay = key in self.bodies
        if is_replay and self.bodies[key] != body:
            return httpx.Response(422, json={"code": "key_reused", "title": "Another request had this key"})
        self.bodies[key] = body
        headers = {"Date": DATE} | ({"Idempotent-Replayed": "true"} if is_replay else {})
        if request.url.path == "/v1/wallets":
            return httpx.Response(201, json={"walletId": "w1"}, headers=headers)
        if not is_replay:
            card = self.cards.setdefault(request.url.path.split("/")[5], [])
            self.rows[key] = {
                "transactionId": f"{request.url.path.split('/')[5]}.{len(card) + 1}",
                "type": "CREDIT",
                "points": body["points"],
                "orderId": body["orderId"],
                "createdAt": "2010-12-06T10:00:01Z",
            }
            card.append(self.rows[key])
        return httpx.Response(201, json={"transaction": self.rows[key]}, headers=headers)

    def get(self, request: httpx.Request) -> httpx.Response:
        card = self.cards.get(request.url.path.split("/")[5])
        if card is None:
            return httpx.Response(404, json={"code": "card_not_found", "title": "No card"})
        if request.url.path.endswith("/transactions"):
            start = int(request.url.params.get("cursor", "0"))
            after = str(start + 1) if start + 1 < len(card) else None
            return httpx.Response(200, json={"data": card[start : start + 1], "nextCursor": after})
        return httpx.Response(200, json={"balance": {"active": sum(one["points"] for one in card)}})


@pytest.fixture
def fake() -> FakeApi:
    return FakeApi()


@pytest.fixture
def client(fake: FakeApi, monkeypatch: pytest.MonkeyPatch) -> Api:
    monkeypatch.setattr(api, "PAUSE_FIRST_MS", 0)
    monkeypatch.setattr(run, "LISTING_PAUSE_SECONDS", 0)
    stack = Settings("http://127.0.0.1:1", "secret", "")
    return Api(stack, connections=2, attempts_max=3, stop=Event(), transport=httpx.MockTransport(fake))


def post_all(client: Api, file: OrderFile) -> Posted:
    posted = Posted()
    wallet = CREDITS.open(client, print)

    def settle(sequence: Sequence[Order], outcomes: Sequence[Credited | Failed]) -> None:
        for order, outcome in zip(sequence, outcomes, strict=True):
            posted.add(order, outcome)

    post = partial(CREDITS.post, client, wallet)
    run.in_parallel(partial(run.post_in_sequence, post), CREDITS.sequences(file), settle, workers=2, stop=Event())
    return posted


def post_one(client: Api, wallet: Wallet) -> Credited | Failed:
    """Posts an order of 3 points."""
    (outcome,) = run.post_in_sequence(partial(CREDITS.post, client, wallet), file_of(row()).orders)
    return outcome


def compare_all(client: Api, file: OrderFile, *, deep: bool = True) -> dict[str, run.Compared]:
    wallet = CREDITS.open(client, print)
    return {
        customer: run.compare(client, wallet, customer, its_orders, revoked=0, deep=deep)
        for customer, its_orders in file.orders_by_customer().items()
    }


# Reading


def test_an_order_earns_one_point_for_each_whole_pound() -> None:
    (order,) = file_of(row(quantity=6, price="2.55"), row(code="84406B", quantity=8, price="2.75")).orders
    assert (order.amount, order.points) == (3730, 37)


def test_amounts_are_exact_decimals() -> None:
    (order,) = file_of(*[row(code=str(code), quantity=3, price="0.1") for code in range(10)]).orders
    assert order.amount == 300


def test_a_credit_has_the_order_in_pence_with_one_item_per_product_and_one_charge_per_type() -> None:
    file = file_of(
        row(quantity=2, price="3.39"),
        row(code="POST", price="18.0"),
        row(quantity=1, price="2.00"),
        row(code="C2", price="1.0"),
        row(code="BANK CHARGES", price="15.0"),
        row(code="D", quantity=-1, price="1.50"),
    )
    (order,) = file.orders
    assert order.idempotency_key == "replay-order-536365"
    assert by_credits.body_of(order) == {
        "points": 41,
        "orderId": "536365",
        "order": {
            "amount": 4128,
            "currency": "GBP",
            "items": [{"productId": "71053", "quantity": 3, "amount": 878}],
            "charges": [
                {"type": "SHIPPING", "amount": 1900},
                {"type": "FEE", "amount": 1500},
                {"type": "DISCOUNT", "amount": -150},
            ],
        },
        "pointsDescription": "Order 536365 of 2010-12-01",
    }


def test_small_orders_guest_orders_and_cancellations_are_counted_and_earn_nothing() -> None:
    file = file_of(
        row("1", price="0.95"),
        row("2", customer=""),
        row("2", code="22", customer=""),
        row("C3", quantity=-1),
        row("C3", code="22", quantity=-2),
        row("4"),
    )
    assert [order.order_id for order in file.orders] == ["4"]
    assert [order.order_id for order in file.too_small] == ["1"]
    assert counts(file) == {"invoices": 4, "guests": 1, "cancellations": 1}
    assert [count.meaning for count in file.counts if count.label == "cancellations"] == ["2 lines"]
    assert file.customers == ("17850",)


def test_free_goods_remain_items_and_lines_below_zero_are_discounts() -> None:
    file = file_of(
        row(price="5.00"),
        row(code="22841", price="0.0"),
        row(code="D", quantity=-1, price="1.50"),
        row(code="POST", price="0.5"),
    )
    (order,) = file.orders
    assert (order.amount, order.points) == (400, 4)
    assert [(item.product_id, item.amount) for item in order.items] == [("71053", 500), ("22841", 0)]
    assert counts(file) == {"invoices": 1, "free lines": 1, "charges": 1, "discounts": 1}


def test_an_order_with_a_negative_total_earns_nothing() -> None:
    file = file_of(row(price="-11062.06", code="B"))
    assert file.orders == ()
    assert file.points == 0


@pytest.mark.parametrize(("price", "pence"), [("1.005", 101), ("1.004", 100), ("1.015", 102)])
def test_a_fraction_of_a_penny_is_rounded_half_up_and_counted(price: str, pence: int) -> None:
    file = file_of(row(price=price))
    assert file.orders[0].amount == pence
    assert counts(file)["rounded lines"] == 1


def test_an_order_that_is_too_long_for_the_ledger_is_posted_without_items() -> None:
    file = file_of(*[row(code=f"{code:05}") for code in range(1_001)])
    assert "items" not in json.dumps(by_credits.body_of(file.orders[0]))
    assert file.orders_without_items == 1
    fitting = file_of(*[row(code=str(code), price="1") for code in range(450)])
    assert "items" in json.dumps(by_credits.body_of(fitting.orders[0]))
    wide = file_of(*[row(code=f"{code:050}", price="1") for code in range(150)])
    assert wide.orders_without_items == 1


@pytest.mark.parametrize("invoice", ["1", "x" * 50, "x" * 51, "12 3", "№ 5"])
def test_idempotency_keys_are_stable_and_have_a_valid_form(invoice: str) -> None:
    key = orders.idempotency_key(invoice, prefix="refund")
    assert key == orders.idempotency_key(invoice, prefix="refund")
    assert 8 <= len(key) <= 64
    assert all("!" <= character <= "~" for character in key)


def test_gzip_files_and_plain_files_have_the_same_orders(tmp_path: Path) -> None:
    text = HEADER + row() + "\n"
    (tmp_path / "plain.csv").write_text(text)
    (tmp_path / "packed.csv.gz").write_bytes(gzip.compress(text.encode()))
    assert files.load(tmp_path / "plain.csv") == files.load(tmp_path / "packed.csv.gz")


@pytest.mark.parametrize(
    "bad",
    [
        row(price="NaN"),
        row(price="three"),
        row(invoice=""),
        "1,2",
        "536365,71053,1.5,2010-12-01T08:26:00,1,17850",
        "536365,71053,1,first of May,1,17850",
    ],
)
def test_an_unreadable_line_stops_the_replay_and_is_named(bad: str) -> None:
    with pytest.raises(OrdersUnreadable, match="line 3"):
        file_of(row(), bad)


def test_an_invoice_of_two_customers_and_a_file_without_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OrdersUnreadable, match="536365"):
        file_of(row(customer="1"), row(customer="2"))
    with pytest.raises(OrdersUnreadable, match="unit_price"):
        list(order_lines.read_lines(["invoice_no,stock_code\n"]))
    with pytest.raises(OrdersUnreadable, match="cannot be read"):
        files.load(tmp_path / "absent.csv")


# Settings


def test_environment_variables_override_the_stack_file(tmp_path: Path) -> None:
    path = tmp_path / "stack.env"
    path.write_text("# local\nexport LOYALTY_API_URL='http://file/'\nLOYALTY_API_KEY=a=b\n\nLOYALTY_BUS=bus\n")
    environment = settings.with_stack_env({"LOYALTY_BUS": "mine"}, path)
    assert settings.settings_from(environment, path) == Settings("http://file", "a=b", "mine")
    assert "a=b" not in repr(settings.settings_from(environment, path))
    with pytest.raises(NotConfigured, match="LOYALTY_API_KEY"):
        settings.settings_from({"LOYALTY_API_URL": "http://x"}, path)


# Posting and comparing


def test_a_second_run_changes_nothing_and_the_balances_agree_with_the_file(client: Api, fake: FakeApi) -> None:
    file = file_of(row("1"), row("2", price="10"), row("3", customer="9"), row("C4", quantity=-1, customer="8"))
    first = post_all(client, file)
    assert (len(first.created), first.points_created, first.replayed) == (3, 16, 0)
    second = post_all(client, file)
    assert (second.created, second.replayed, second.points_replayed) == ({}, 3, 16)
    assert {customer: one.expected for customer, one in compare_all(client, file).items()} == {
        "17850": 13, "9": 3, "8": 0,
    }  # fmt: skip
    assert all(one.is_equal for one in compare_all(client, file).values())
    assert {request.headers["X-Api-Key"] for request in fake.requests} == {"secret"}


def test_a_comparison_finds_wrong_balances_and_wrong_histories(client: Api, fake: FakeApi) -> None:
    file = file_of(row("1"), row("2", customer="9"), row("3", customer="7"), row("C4", quantity=-1, customer="8"))
    post_all(client, file)
    fake.cards["17850"][0]["points"] = 4
    fake.cards["9"][0]["orderId"] = "5"
    del fake.cards["7"]
    fake.cards["8"] = [{"type": "CREDIT", "points": 1, "orderId": "1"}]
    assert {customer for customer, one in compare_all(client, file).items() if not one.is_equal} == {
        "17850", "9", "7", "8",
    }  # fmt: skip
    assert compare_all(client, file, deep=False)["9"].is_equal


def test_only_a_missing_card_counts_as_zero_points(client: Api, fake: FakeApi) -> None:
    fake.before = [lambda: httpx.Response(404, json={"message": "Not Found"})]
    wallet = Wallet("w1", is_replay=True, began_at=datetime.now(UTC))
    compared = run.compare(client, wallet, "9", (), revoked=0, deep=False)
    assert not compared.is_equal


def test_overload_and_timeouts_are_retried_with_the_same_key(client: Api, fake: FakeApi) -> None:
    def silence() -> httpx.Response:
        raise httpx.ReadTimeout("too late")

    wallet = CREDITS.open(client, print)
    fake.before = [lambda: httpx.Response(503, headers={"Retry-After": "0"}), silence]
    outcome = post_one(client, wallet)
    assert outcome == Credited({"17850.1": 3}, is_new=True)
    assert [request.headers["Idempotency-Key"] for request in fake.requests[1:]] == ["replay-order-536365"] * 3


def test_a_repetition_of_a_request_with_a_lost_answer_counts_as_new(client: Api, fake: FakeApi) -> None:
    wallet = CREDITS.open(client, print)
    fake.after = [lambda: httpx.Response(504)]
    outcome = post_one(client, wallet)
    assert outcome == Credited({"17850.1": 3}, is_new=True)


def test_orders_wait_for_campaigns_that_are_new() -> None:
    stop = Event()
    stop.set()
    client = Api(Settings("http://127.0.0.1:1", "key", ""), connections=1, attempts_max=1, stop=stop)
    body = {"activatedAt": "2026-03-01T00:00:00Z"}
    said: list[str] = []
    activated_at = datetime(2026, 3, 1, tzinfo=UTC)
    old = Answer(body, is_replay=True, attempts=1, answered_at=activated_at + timedelta(seconds=15))
    by_events.await_effect(client, old, said.append)
    assert said == []
    new = Answer(body, is_replay=False, attempts=1, answered_at=activated_at + timedelta(seconds=2))
    with pytest.raises(api.Stopped):
        by_events.await_effect(client, new, said.append)
    assert said == ["the campaigns are new: they have an effect in 13 seconds …"]


@pytest.mark.parametrize(
    ("awards", "reason", "difference"),
    [
        ([("cmp_p", 3)], "conditions", ""),
        ([("cmp_p", 2)], "conditions", "campaigns gave 2 points for the order, 0 for a first order and 0 otherwise"),
        ([("cmp_p", 3), ("cmp_f", 50)], None, "gave 3 points for the order, 50 for a first order and 0 otherwise"),
        (
            [("cmp_p", 3), ("cmp_x", 7)],
            "conditions",
            "gave 3 points for the order, 0 for a first order and 7 otherwise",
        ),
        ([("cmp_p", 3)], "too_many_awards", "the bonus was skipped for another reason: too_many_awards"),
    ],
)
def test_other_awards_than_those_of_the_file_are_described(
    awards: list[tuple[str, int]], reason: str | None, difference: str
) -> None:
    wallet = Wallet("w1", is_replay=True, began_at=datetime.now(UTC), prefix="r-", campaigns=("cmp_p", "cmp_f"))
    given = [{"campaignId": id_, "points": points, "walletId": "w1", "customerId": "r-17850"} for id_, points in awards]
    elsewhere = [given[0] | {"walletId": "w2"}, given[0] | {"customerId": "friend"}]
    skipped = [{"campaignId": "cmp_f", "reason": reason}] if reason else []
    body = {"awards": [*given, *elsewhere], "skipped": skipped}
    answer = Answer(body, is_replay=False, attempts=1, answered_at=datetime.now(UTC))
    found = by_events.difference_of(answer, wallet, file_of(row()).orders[0])
    assert difference in found
    assert bool(found) == bool(difference)


def test_attempts_are_limited_and_the_last_error_is_reported(client: Api, fake: FakeApi) -> None:
    wallet = CREDITS.open(client, print)
    fake.before = [lambda: httpx.Response(429, json={"message": "Too Many Requests"})] * 9
    outcome = post_one(client, wallet)
    assert str(outcome) == "gave up after 3 attempts: 429: Too Many Requests"
    assert len(fake.before) == 6


def test_a_refusal_is_reported_with_its_problem_and_not_retried(client: Api, fake: FakeApi) -> None:
    wallet = CREDITS.open(client, print)
    problem = {
        "title": "Another currency",
        "code": "currency_differs",
        "detail": "The project counts in USD.",
        "requestId": "r-1",
        "errors": [{"field": "body.order.currency"}],
    }
    fake.before = [lambda: httpx.Response(422, json=problem)]
    outcome = post_one(client, wallet)
    assert isinstance(outcome, Failed)
    assert str(outcome) == (
        "422 currency_differs: Another currency · The project counts in USD."
        ' · {"field": "body.order.currency"} · requestId r-1'
    )
    assert len(fake.requests) == 2


def test_an_answer_without_a_transaction_is_a_failure(client: Api, fake: FakeApi) -> None:
    wallet = CREDITS.open(client, print)
    fake.before = [lambda: httpx.Response(201, json={}), lambda: httpx.Response(201, text="fine")]
    assert isinstance(post_one(client, wallet), Failed)
    assert isinstance(post_one(client, wallet), Failed)


def test_a_credit_that_a_limit_cut_is_a_failure() -> None:
    posted = Posted()
    posted.add(file_of(row()).orders[0], Credited({"17850.1": 2}, is_new=True))
    assert [text for _, text in posted.failures] == ["2 points were credited instead of 3"]


def test_posting_stops_if_every_order_fails() -> None:
    file = file_of(*[row(str(number)) for number in range(100)])
    posted = Posted()
    with pytest.raises(run.Hopeless):
        run.in_parallel(lambda _: Failed("no"), file.orders, posted.add, workers=2, stop=Event())
    assert len(posted.failures) == run.HOPELESS_AFTER


def test_an_interrupt_stops_orders_that_have_not_started() -> None:
    stop = Event()
    begun: list[int] = []

    def work(number: int) -> None:
        begun.append(number)
        if number:
            stop.wait(5)

    def settle(_number: int, _outcome: None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.in_parallel(work, range(100), settle, workers=1, stop=stop)
    assert stop.is_set()
    assert len(begun) < 100


def test_odd_characters_of_customer_ids_and_keys_are_escaped_in_paths() -> None:
    assert api.path("cards", "a/b #c") == "v1/cards/a%2Fb%20%23c"


def test_pauses_grow_to_a_maximum_and_respect_retry_after() -> None:
    assert all(api.pause_seconds(1, 0) <= 0.2 for _ in range(50))
    assert all(api.pause_seconds(40, 0) <= 10 for _ in range(50))
    assert api.pause_seconds(1, 3) >= 3
    assert api.retry_after_seconds(httpx.Response(503, headers={"Retry-After": "900"})) == 30
    assert api.retry_after_seconds(httpx.Response(503, headers={"Retry-After": "soon"})) == 0


# Events


def event(event_id: str, points: int = 3, source: str = events.SOURCE) -> str:
    return json.dumps({"source": source, "detail": {"eventId": event_id, "points": points}})


def test_each_event_counts_once() -> None:
    seen = events.Seen()
    for message in (event("a.1"), event("a.1"), event("a.2", points=4), event("other.1")):
        seen.note(message)
    created = {"a.1": 3, "a.2": 3, "a.3": 3}
    assert seen.missing(created) == ["a.3"]
    assert seen.wrong(created) == ["a.2"]
    assert (seen.repeated, seen.others(created)) == (1, 1)


def test_the_probe_event_is_not_counted_as_a_credit() -> None:
    seen = events.Seen()
    seen.note(event("p", source=events.PROBE_SOURCE))
    assert seen.probed.is_set()
    assert seen.points == {}


def test_the_rule_matches_credits_of_one_wallet_only() -> None:
    pattern = json.loads(events.pattern("w1"))
    assert pattern["detail"] == {"walletId": ["w1"]}
    assert "loyalty.wallets" in pattern["source"]
    assert "Points Credited" in pattern["detail-type"]


def test_only_the_rule_may_write_to_the_queue() -> None:
    (statement,) = json.loads(events.queue_policy("arn:queue", "arn:rule"))["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": "arn:rule"}}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-west-2",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(events, "LONG_POLL_SECONDS", 1)
    monkeypatch.setattr(events, "RECEIVERS", 1)
    with mock_aws():
        boto3.client("events").create_event_bus(Name="bus")
        yield


def rules_and_queues() -> list[str]:
    rules = boto3.client("events").list_rules(EventBusName="bus")["Rules"]
    return [rule["Name"] for rule in rules] + boto3.client("sqs").list_queues().get("QueueUrls", [])


@pytest.mark.usefixtures("aws")
def test_a_watch_collects_the_events_of_a_run_and_removes_its_rule_and_queue() -> None:
    seen = events.Seen()
    with events.watch("bus", "w1", seen, Event()):
        for wallet, event_id in (("w1", "a.1"), ("w2", "b.1")):
            detail = {"eventId": event_id, "walletId": wallet, "points": 3}
            boto3.client("events").put_events(
                Entries=[
                    {
                        "Source": events.SOURCE,
                        "DetailType": events.CREDITED,
                        "Detail": json.dumps(detail),
                        "EventBusName": "bus",
                    }
                ]
            )
        assert len(rules_and_queues()) == 2
        for _ in range(12_000):
            if seen.points:
                break
            Event().wait(0.05)
    assert seen.points == {"a.1": 3}
    assert rules_and_queues() == []


@pytest.mark.usefixtures("aws")
def test_an_interrupted_run_removes_its_rule_and_queue() -> None:
    with pytest.raises(KeyboardInterrupt), events.watch("bus", "w1", events.Seen(), Event()):
        raise KeyboardInterrupt
    assert rules_and_queues() == []


@pytest.mark.usefixtures("aws")
def test_a_missing_bus_is_reported_and_the_queue_is_removed() -> None:
    watching = events.watch("absent", "w1", events.Seen(), Event())
    with pytest.raises(events.EventsUnavailable, match="absent"), watching:
        pass
    assert rules_and_queues() == []
