"""Posts the refunds of a file, and checks the points and the money in each answer."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from scripts.replay.api import Failed
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


def refund_all(
    post: Callable[[Refund], Refunded], refunds: Sequence[Refund], incomplete: AbstractSet[str]
) -> list[Refunded | Failed]:
    """Posts one customer's refunds one after another: each starts from what the earlier ones left.

    Those of a customer whose orders are incomplete are not posted: a refund may decide what a later order earns.
    """

    def refund(one: Refund) -> Refunded | Failed:
        if one.order.customer_id in incomplete:
            return Failed("not posted, because an order of the customer failed")
        try:
            return post(one)
        except Failed as failed:
            return failed

    return [refund(one) for one in refunds]
