"""The product with the promises of the alternatives: its use cases, as their handlers call them."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
from loyalty import errors
from loyalty.domain.cards.transaction import Context, Source
from loyalty.domain.dates import instant
from loyalty.domain.movements.credit import Grant
from loyalty.domain.wallets.wallet import WalletStatus
from loyalty.store.keys import key_origin
from loyalty.store.store import Store
from loyalty.usecases import history, wallets
from loyalty.usecases.history import Filters
from loyalty.usecases.ledger import Command, Outcome
from loyalty.usecases.points import credits, debits
from tests.bench.alternatives.contract import Answer, InsufficientPoints, Item, Movement
from tests.support.stack import make_table

WALLET = {"name": "Stars", "expiration": {"type": "ROLLING_EXPIRATION", "every": 1, "unit": "YEAR"}}


class Product:
    letter: ClassVar[str] = ""
    title: ClassVar[str] = "This product"

    def __init__(
        self, client: "DynamoDBClient", table: str = "loyalty", *, wallet_id: str = "", store: Store | None = None
    ) -> None:
        self._client = client
        self._table = table
        self._store = store or Store(client, table)
        self.wallet_id = wallet_id

    def make_tables(self) -> None:
        make_table(self._client, self._table)
        wallet, _ = wallets.create(self._store, WALLET, WalletStatus.ACTIVE, datetime.now(UTC), "bench")
        self.wallet_id = wallet.wallet.wallet_id

    def move(self, movement: Movement) -> Answer:
        command = self._command(movement)
        try:
            outcome = self._perform(command, movement)
        except errors.InsufficientPoints as refused:
            raise InsufficientPoints from refused
        row = outcome.transaction
        points = row.points if movement.points > 0 else -row.points
        return {"points": points, "balance": outcome.balance.active, "at": str(row.created_at)}

    def remember_wallet(self, at: datetime) -> None:
        """Reads the definition of the wallet, unless it was read in the last ten seconds before `at`."""
        self._store.wallets.recent(self.wallet_id, instant(at))

    def _perform(self, command: Command, movement: Movement) -> Outcome:
        if movement.points > 0:
            return credits.credit(self._store, command, Grant(movement.points), movement.at)
        return debits.debit(self._store, command, -movement.points, movement.at)

    def _command(self, movement: Movement) -> Command:
        context = Context(
            source=Source.API,
            order_id=movement.order_id,
            points_description=movement.description,
            metadata=movement.metadata,
            actor=movement.actor,
            request_id=movement.key,
            fingerprint=sha256(movement.key.encode()).digest()[:16],
        )
        return Command(
            wallet_id=self.wallet_id,
            customer_id=movement.customer_id,
            origin=key_origin(movement.key),
            context=context,
        )

    def balance(self, customer_id: str, at: datetime) -> int:
        card = self._store.cards.card(customer_id, self.wallet_id)
        return card.balance.active if card else 0

    def newest(self, customer_id: str, limit: int) -> list[Item]:
        page = history.of_card(self._store, self.wallet_id, customer_id, Filters(), None, limit)
        return [{"points": {"N": str(row.points)}, "balance": {"N": str(row.balance.active)}} for row in page.rows]
