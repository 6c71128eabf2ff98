"""Orders as credits: the script computes the points, and a refund is a request about one card."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from scripts.replay import api
from scripts.replay.api import Api
from scripts.replay.orders import Order, OrderFile
from scripts.replay.refunds import Refunded
from scripts.replay.run import Credited, Wallet, open_wallet
from scripts.replay.sales import Refund, Refunds


@dataclass(frozen=True, slots=True)
class ByCredits:
    number: int = 1
    wallet_id: str | None = None
    """An existing wallet, instead of the one with the number."""

    rule = "1 for each whole unit of the order's amount"

    def expect(self, file: OrderFile, refunds: Refunds) -> tuple[OrderFile, Refunds]:
        return file, refunds

    def open(self, client: Api, _say: Callable[[str], None]) -> Wallet:
        if self.wallet_id is None:
            return open_wallet(client, "Replay", "replay-wallet", self.number)
        answer = client.get(api.path("wallets", self.wallet_id))
        return Wallet(self.wallet_id, is_replay=True, began_at=answer.answered_at)

    def sequences(self, file: OrderFile) -> Sequence[tuple[Order, ...]]:
        return [(order,) for order in file.orders]

    def post(self, client: Api, wallet: Wallet, order: Order) -> Credited:
        answer = client.post(wallet.card(order.customer_id, "credits"), body_of(order), order.idempotency_key)
        try:
            row = answer.body["transaction"]
            # The answer to this run's first attempt may have been lost: then the repetition is this run's credit.
            is_own = answer.attempts > 1 and datetime.fromisoformat(row["createdAt"]) >= wallet.began_at
            return Credited({str(row["transactionId"]): int(row["points"])}, is_new=is_own or not answer.is_replay)
        except (KeyError, TypeError, ValueError) as error:
            api.malformed(answer, error)

    def refund(self, client: Api, wallet: Wallet, refund: Refund) -> Refunded:
        where = wallet.card(refund.order.customer_id, "refunds")
        answer = client.post(where, body_of_refund(refund), refund.wanted.key)
        try:
            points, amount = int(answer.body["revoked"]["points"]), int(answer.body["moneyAmount"])
        except (KeyError, TypeError, ValueError) as error:
            api.malformed(answer, error)
        return Refunded(points, amount, is_new=not answer.is_replay)


def body_of(order: Order) -> dict[str, object]:
    """Returns the request's body, the same on every run: the key belongs to exactly this body."""
    return {
        "points": order.points,
        "orderId": order.order_id,
        "order": order.details(),
        "pointsDescription": f"Order {order.order_id} of {order.at.date().isoformat()}",
    }


def body_of_refund(refund: Refund) -> dict[str, object]:
    """Returns the request's body, the same on every run."""
    return {"orderId": refund.order.order_id, **refund.wanted.body(), "reason": f"Refund {refund.wanted.label}"}
