"""Orders as events: campaigns give the points of paid orders, and refunds are events too."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from scripts.replay import api, money
from scripts.replay.api import Answer, Api, Failed
from scripts.replay.orders import Order, OrderFile
from scripts.replay.refunds import Refunded
from scripts.replay.run import Credited, Wallet, open_wallet
from scripts.replay.sales import Refund, Refunds

BONUS = 50
"""The points for a customer's first order."""
EFFECT_SECONDS = 15
"""A change of campaigns has an effect in every environment after this time."""


@dataclass(frozen=True, slots=True)
class ByEvents:
    currency: str
    number: int = 1

    rule = f"1 for each whole unit of the order's amount, and {BONUS} for each customer's first order"

    def expect(self, file: OrderFile, refunds: Refunds) -> tuple[OrderFile, Refunds]:
        """Returns the file with a bonus for the first order of each customer."""
        first = {orders[0].order_id for orders in file.orders_by_customer().values() if orders}
        orders = {one.order_id: replace(one, bonus=BONUS if one.order_id in first else 0) for one in file.all_orders}
        return replace(file, all_orders=tuple(orders.values())), refunds.of(orders)

    def sequences(self, file: OrderFile) -> Sequence[tuple[Order, ...]]:
        """A customer's orders are paid one after another: which one is the first decides the points."""
        return [orders for orders in file.orders_by_customer().values() if orders]

    def open(self, client: Api, say: Callable[[str], None]) -> Wallet:
        """Makes or finds the wallet and its campaigns, and returns when the campaigns have an effect."""
        # Campaigns count the orders of a customer in the whole project: each wallet has customers of its own.
        found = open_wallet(client, "Replay by events", "replay-events", self.number)
        wallet = replace(found, prefix=f"replay-{self.number}-")
        every_unit = {"type": "PROPORTIONAL", "every": money.unit(self.currency), "points": 1}
        bonus = {"type": "FIXED", "points": BONUS}
        purchases = self._campaign(client, wallet, "purchases", {}, every_unit)
        is_first = {"customer": {"orderCount": [0]}}
        first_order = self._campaign(client, wallet, "first-order", is_first, bonus)
        await_effect(client, first_order, say)
        wallet = replace(wallet, campaigns=(_id_of(purchases), _id_of(first_order)))
        self._require_effect(client, wallet)
        return wallet

    def post(self, client: Api, wallet: Wallet, order: Order) -> Credited:
        answer = client.post(api.path("events"), _paid(wallet, order))
        try:
            awards = [award for award in answer.body["awards"] if award["campaignId"] in wallet.campaigns]
            # The answer to this run's first attempt may have been lost: then the repetition is this run's event.
            is_new = not answer.body["replayed"] or (answer.attempts > 1 and not wallet.is_replay)
            rows = {str(award["transactionId"]): int(award["points"]) for award in awards}
            difference = difference_of(answer, wallet, order)
            if not is_new and not wallet.is_replay:
                difference = difference or "the order was paid before the wallet was made"
            return Credited(rows, is_new, difference)
        except (KeyError, TypeError, ValueError) as error:
            api.malformed(answer, error)

    def refund(self, client: Api, wallet: Wallet, refund: Refund) -> Refunded:
        body = {
            "name": "order.refunded",
            "customerId": wallet.customer_id(refund.order.customer_id),
            "eventId": refund.wanted.key,
            "orderId": refund.order.order_id,
            "refund": refund.wanted.body(),
        }
        answer = client.post(api.path("events"), body)
        try:
            done = answer.body["refund"]
            points = sum(one["revoked"]["points"] for one in done["wallets"] if one["walletId"] == wallet.wallet_id)
            return Refunded(points, int(done["moneyAmount"]), is_new=not answer.body["replayed"])
        except (KeyError, TypeError, ValueError) as error:
            api.malformed(answer, error)

    def _campaign(
        self,
        client: Api,
        wallet: Wallet,
        name: str,
        conditions: Mapping[str, object],
        reward: Mapping[str, object],
    ) -> Answer:
        """Makes or finds a campaign of the wallet, by a fixed key too."""
        body = {
            "name": f"Replay by events {self.number}: {name}",
            "status": "ACTIVE",
            "trigger": {"type": "EVENT", "event": "order.paid"},
            # Other customers of the project get nothing.
            "conditions": {"customerId": [{"prefix": wallet.prefix}], **conditions},
            "rewards": [{"walletId": wallet.wallet_id, **reward}],
        }
        return client.post(api.path("campaigns"), body, f"replay-events-{name}-{self.number}")

    def _require_effect(self, client: Api, wallet: Wallet) -> None:
        """Raises Failed if a first order would not get the points of both campaigns, for example as one is paused."""
        now = datetime.now(UTC)
        order = Order("example", "example", now, 0, self.currency, money.unit(self.currency), bonus=BONUS)
        answer = client.post(api.path("events", "examine"), _paid(wallet, order))
        try:
            difference = difference_of(answer, wallet, order)
        except (KeyError, TypeError, ValueError) as error:
            api.malformed(answer, error)
        if difference:
            raise Failed(f"in the examination of an order, {difference}; campaigns {', '.join(wallet.campaigns)}")


def _id_of(campaign: Answer) -> str:
    try:
        return str(campaign.body["campaignId"])
    except KeyError as error:
        api.malformed(campaign, error)


def await_effect(client: Api, campaign: Answer, say: Callable[[str], None]) -> None:
    """Waits until the campaign has an effect: an order that is decided without it never gets its points."""
    try:
        activated_at = datetime.fromisoformat(campaign.body["activatedAt"])
    except (KeyError, TypeError, ValueError) as error:
        api.malformed(campaign, error)
    left = activated_at + timedelta(seconds=EFFECT_SECONDS) - campaign.answered_at
    seconds = min(left.total_seconds(), EFFECT_SECONDS)
    if seconds > 0:
        say(f"the campaigns are new: they have an effect in {seconds:.0f} seconds …")
        client.pause(seconds)


def _paid(wallet: Wallet, order: Order) -> dict[str, object]:
    """Returns the event, the same on every run. It happens when it arrives: orders of a file may be too old."""
    return {
        "name": "order.paid",
        "customerId": wallet.customer_id(order.customer_id),
        "eventId": order.idempotency_key,
        "orderId": order.order_id,
        "order": order.details(),
    }


def difference_of(answer: Answer, wallet: Wallet, order: Order) -> str:
    """Describes how the decision of the wallet's campaigns differs from the file; other campaigns do not matter."""
    card = (wallet.wallet_id, wallet.customer_id(order.customer_id))
    given = Counter[str]()
    for award in answer.body["awards"]:
        if (award["walletId"], award["customerId"]) == card:
            given[award["campaignId"]] += int(award["points"])
    purchases, first_order = wallet.campaigns
    if given != +Counter({purchases: order.base, first_order: order.bonus}):
        others = given.total() - given[purchases] - given[first_order]
        return (
            f"campaigns gave {given[purchases]} points for the order, {given[first_order]} for a first order "
            f"and {others} otherwise, instead of {order.base}, {order.bonus} and 0"
        )
    reasons = {skip["campaignId"]: skip["reason"] for skip in answer.body["skipped"]}
    # A repetition may leave out skipped campaigns.
    if not order.bonus and reasons.get(first_order, "conditions") != "conditions":
        return f"the bonus was skipped for another reason: {reasons[first_order]}"
    return ""
