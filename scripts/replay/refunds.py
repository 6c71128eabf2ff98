"""Posts the refunds of a file, and checks the points and the money in each answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from scripts.replay import api
from scripts.replay.api import Api, Failed
from scripts.replay.run import Wallet
from scripts.replay.sales import Refund


@dataclass(frozen=True, slots=True)
class Refunded:
    points: int
    """The revoked points."""
    amount: int
    """The money to pay back."""
    is_new: bool


@dataclass(slots=True)
class Settled:
    """The results of the refunds so far; only the main thread changes them."""

    made: int = 0
    replayed: int = 0
    points: int = 0
    amount: int = 0
    failures: list[tuple[Refund, str]] = field(default_factory=list)

    @property
    def answered(self) -> int:
        return self.made + self.replayed

    def add(self, refund: Refund, outcome: Refunded | Failed) -> None:
        if isinstance(outcome, Failed):
            self.failures.append((refund, str(outcome)))
            return
        if (outcome.points, outcome.amount) != (refund.points, refund.amount):
            difference = (
                f"{outcome.points} points were revoked instead of {refund.points}, "
                f"{outcome.amount} are to be paid back instead of {refund.amount}"
            )
            self.failures.append((refund, difference))
        self.made += outcome.is_new
        self.replayed += not outcome.is_new
        self.points += outcome.points
        self.amount += outcome.amount


def refund_all(client: Api, wallet: Wallet, refunds: Sequence[Refund]) -> list[Refunded | Failed]:
    """Posts one customer's refunds one after another: each starts from what the earlier ones left."""
    return [_refund(client, wallet, refund) for refund in refunds]


def _refund(client: Api, wallet: Wallet, refund: Refund) -> Refunded | Failed:
    where = api.path("wallets", wallet.wallet_id, "cards", refund.order.customer_id, "refunds")
    try:
        answer = client.post(where, refund.body(), refund.wanted.key)
        try:
            points, amount = int(answer.body["revoked"]["points"]), int(answer.body["moneyAmount"])
        except (KeyError, TypeError, ValueError) as error:
            api.malformed(answer, error)
    except Failed as failed:
        return failed
    return Refunded(points, amount, is_new=not answer.is_replay)
