"""Paid, refunded and canceled orders at once, in any order and with faults: each order ends as if nothing had failed.

`LOYALTY_SIMULATION_SEED=123 pytest tests/simulation` runs one history again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import Phase, given, settings

from loyalty.domain.cards.transaction import Context, RefundType, Source, Transaction, TransactionType
from loyalty.domain.custom_event import CustomEvent
from loyalty.domain.earning.campaign import CampaignStatus
from loyalty.domain.earning.event import ORDER_CANCELED, ORDER_PAID, ORDER_REFUNDED, order_key
from loyalty.domain.earning.receipt import Receipt
from loyalty.domain.movements.refund_amounts import RefundDemand
from loyalty.domain.order import Order
from loyalty.errors import Busy, ClockSkew, LoyaltyError
from loyalty.store.keys import RECEIPT, key_origin
from loyalty.store.receipts import receipt_from
from loyalty.store.row_items import row_from
from loyalty.store.store import Store
from loyalty.store.table import put
from loyalty.usecases import custom_events
from loyalty.usecases.custom_events import SentEvent
from loyalty.usecases.earning import campaigns
from loyalty.usecases.ledger import Command
from loyalty.usecases.points import refunds
from tests.simulation.account import SEEDS, SENDINGS_MAX, new_client
from tests.simulation.scheduler import Crash, Scheduler
from tests.support.audit import TableAudit
from tests.support.world import World, world

AMOUNT = 1_000
ORDERS = ("A", "B")
PENDING = {"activateAfter": {"every": 14, "unit": "DAY"}}
FULL = RefundDemand(RefundType.FULL)


@dataclass
class Shop:
    """A friend of a referrer, and the friend's orders. All points stay pending."""

    world: World
    scheduler: Scheduler
    sent: list[SentEvent] = field(default_factory=list)

    def event(self, name: str, order_id: str, event_id: str, demand: RefundDemand | None = None) -> SentEvent:
        of_order = name in (ORDER_PAID, ORDER_CANCELED)
        one = SentEvent(
            event=CustomEvent(name, "ann", event_id, order_id),
            properties={},
            order=Order(AMOUNT, None) if name == ORDER_PAID else None,
            refund=demand,
            fingerprint=event_id.encode(),
            receipt_fingerprint=order_id.encode() if of_order else event_id.encode(),
            actor="test",
            request_id=f"{name} {event_id} {len(self.sent)}",
        )
        self.sent.append(one)
        return one

    def sending(self, event: SentEvent, store: Store) -> Callable[[], None]:
        return lambda: self._repeat(lambda: custom_events.accept(store, event, self.world.now))

    def refunding(self, order_id: str, key: str, demand: RefundDemand, store: Store) -> Callable[[], None]:
        """Refunds the order in all wallets by the route."""
        context = Context(source=Source.API, order_id=order_id, request_id=key, fingerprint=repr(demand).encode())

        def command_in(wallet_id: str) -> Command:
            return Command(wallet_id=wallet_id, customer_id="ann", origin=key_origin(key), context=context)

        return lambda: self._repeat(
            lambda: refunds.refund_everywhere(store, "ann", order_id, command_in, demand, self.world.now)
        )

    def _repeat(self, act: Callable[[], object]) -> None:
        for _ in range(SENDINGS_MAX):
            try:
                act()
            except (Crash, ClientError, BotoCoreError, ClockSkew, Busy):
                continue
            except LoyaltyError:
                return
            return

    def receipts(self) -> list[Receipt]:
        return [receipt_from(item) for item in self.world.items() if item["sk"]["S"].startswith(f"{RECEIPT}#")]

    def check(self) -> None:
        receipts, items = self.receipts(), self.world.items()
        assert TableAudit(items).drifts() == []
        rows = [row_from(item) for item in items if item["sk"]["S"].startswith("TXN#")]
        counted = 0
        for order_id in ORDERS:
            of_order = [one for one in receipts if one.order_id == order_id]
            (paid,) = [one for one in of_order if one.name == ORDER_PAID]
            is_whole = self._check_order(paid, of_order, [row for row in rows if row.context.order_id == order_id])
            assert paid.uncounted is is_whole, order_id
            counted += not paid.uncounted
        assert self.world.store.customers.read("ann").customer.orders == counted

    def _check_order(self, paid: Receipt, receipts: list[Receipt], rows: list[Transaction]) -> bool:
        """Returns whether the whole order was refunded."""
        before = sum(one.refunded or 0 for one in receipts if one.name != ORDER_PAID and not one.refunds)
        cards = {row.card_id for row in rows}
        is_canceled = any(one.name == ORDER_CANCELED for one in receipts)
        if not cards:
            assert paid.uncounted, f"{paid.awards} {paid.skips} {paid.refunded} {paid.status}"
            assert (paid.refunded or 0) >= AMOUNT or is_canceled or any(one.refunded is None for one in receipts)
            return True
        assert (paid.refunded or 0) == before
        net = AMOUNT - before
        wholes = set()
        for card in cards:
            own = [row for row in rows if row.card_id == card]
            earned = sum(row.points for row in own if row.type is TransactionType.CREDIT)
            revoked = sum(row.points for row in own if row.type is TransactionType.REVOCATION)
            refunded = sum(row.refund.amount or 0 for row in own if row.refund)
            assert refunded <= net
            assert revoked == earned * refunded // net
            wholes.add(refunded == net)
        (is_whole,) = wholes
        assert is_whole or not is_canceled
        for one in receipts:
            amounts = {
                row.refund.in_all_wallets
                for row in self.world.store.receipts.refund_rows(one, _origin(one))
                if row.refund
            }
            assert not one.refunds or {amount for amount, _ in filter(None, amounts)} == {one.refunded}
        return is_whole


def _origin(receipt: Receipt) -> str:
    return "O:canceled" if receipt.name == ORDER_CANCELED else f"O:refunded:{receipt.key}"


@contextmanager
def shop(seed: int) -> Iterator[Shop]:
    random = Random(seed)
    with world(new_client()) as made:
        friend = {"pk": {"S": "CUSTOMER#ann"}, "sk": {"S": "CUSTOMER"}, "s": {"S": "1"}, "rb": {"S": "rob"}}
        made.store.cards.commit(companions=[put("customer", friend)])
        wallet = made.wallet_id
        rewards = [
            {"walletId": wallet, "type": "PROPORTIONAL", "every": 10, "points": 1, **PENDING},
            {"walletId": wallet, "type": "FIXED", "points": 50, "to": "REFERRER", **PENDING},
        ]
        document = {"name": "Both", "trigger": {"type": "EVENT", "event": ORDER_PAID}, "rewards": rewards}
        campaigns.create(made.store, document, CampaignStatus.ACTIVE, made.now, "test")
        scheduler = Scheduler(random, random.choice((0, 0.03, 0.15)), lambda: None)
        one = Shop(made, scheduler)
        with scheduler.watching(made.client):
            try:
                yield one
            except BaseException as failure:
                failure.add_note("\n".join((f"LOYALTY_SIMULATION_SEED={seed}", *scheduler.trace)))
                raise


@settings(
    max_examples=settings().max_examples // 4,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    report_multiple_bugs=False,
)
@given(SEEDS)
def test_orders_that_are_paid_and_undone_at_once_end_as_if_nothing_had_failed(seed: int) -> None:
    with shop(seed) as one:
        random = one.scheduler.random
        environments = [one.world.environment() for _ in range(3)]
        tasks: dict[str, Callable[[], None]] = {}
        for number in range(random.randint(4, 9)):
            store, order_id = random.choice(environments), random.choice(ORDERS)
            kind = random.choice(("paid", "paid", "part", "part", "full", "canceled", "route"))
            name = f"{number} {kind} {order_id}"
            amount = random.choice((100, 333, 700))
            match kind:
                case "paid":
                    tasks[name] = one.sending(one.event(ORDER_PAID, order_id, f"paid-{number}"), store)
                case "part":
                    part = RefundDemand(RefundType.AMOUNT, amount)
                    tasks[name] = one.sending(one.event(ORDER_REFUNDED, order_id, f"{order_id}-{amount}", part), store)
                case "full":
                    tasks[name] = one.sending(one.event(ORDER_REFUNDED, order_id, f"full-{number}", FULL), store)
                case "canceled":
                    tasks[name] = one.sending(one.event(ORDER_CANCELED, order_id, f"gone-{number}", FULL), store)
                case "route":
                    demand = random.choice((FULL, RefundDemand(RefundType.AMOUNT, amount)))
                    tasks[name] = one.refunding(order_id, f"key-{number}", demand, store)
        one.scheduler.run(tasks)
        for order_id in ORDERS:
            one.event(ORDER_PAID, order_id, "at last")
        for event in one.sent:
            one.sending(event, one.world.store)()
        recorded = one.receipts()
        for event in one.sent:
            one.sending(event, one.world.store)()
        # A part that exceeded the rest was refused; once nothing is left, it is accepted and does nothing.
        more = [receipt for receipt in one.receipts() if receipt not in recorded]
        assert [receipt for receipt in one.receipts() if receipt in recorded] == recorded
        assert all((receipt.name, receipt.refunded) == (ORDER_REFUNDED, 0) for receipt in more)
        assert all(one.world.store.receipts.get("ann", ORDER_PAID, order_key(order)) for order in ORDERS)
        one.check()
