"""The ways to post a file: as credits, or as events."""

from collections.abc import Callable, Sequence
from typing import Protocol

from scripts.replay.api import Api
from scripts.replay.orders import Order, OrderFile
from scripts.replay.refunds import Refunded
from scripts.replay.run import Credited, Wallet
from scripts.replay.sales import Refund, Refunds


class Mode(Protocol):
    """What is posted, and which points are expected."""

    @property
    def rule(self) -> str:
        """The points of an order, for the screen."""

    def expect(self, file: OrderFile, refunds: Refunds) -> tuple[OrderFile, Refunds]:
        """Returns the file with the points that its orders get in this way."""

    def sequences(self, file: OrderFile) -> Sequence[tuple[Order, ...]]:
        """Returns the orders to post. Those of one sequence are posted one after another."""

    def open(self, client: Api, say: Callable[[str], None]) -> Wallet:
        """Makes or finds the wallet. Raises Failed."""

    def post(self, client: Api, wallet: Wallet, order: Order) -> Credited:
        """Posts an order. Raises Failed."""

    def refund(self, client: Api, wallet: Wallet, refund: Refund) -> Refunded:
        """Posts a refund. Raises Failed."""
