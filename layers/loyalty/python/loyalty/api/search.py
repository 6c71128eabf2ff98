"""Answers about what a text or an order identifies."""

from datetime import datetime

from pydantic import Field

from loyalty.api import answered
from loyalty.api.base import Answer
from loyalty.domain.dates import datetime_of
from loyalty.domain.order_entry import OrderEntry
from loyalty.usecases import search as usecase
from loyalty.usecases.search import ResultKind


class SearchResult(Answer):
    """Something that the text identifies."""

    kind: ResultKind = Field(description="What was found.")
    id: str = Field(description="The id of what was found; the code of a card.")
    wallet_id: str | None = Field(description="The wallet of a card or transaction, or the wallet that was found.")
    customer_id: str | None = Field(description="The customer; null for a wallet.")
    label: str = Field(description="A short text for people, such as the name of a wallet.")

    @classmethod
    def of(cls, found: usecase.SearchResult) -> "SearchResult":
        return cls(
            kind=found.kind, id=found.id, wallet_id=found.wallet_id, customer_id=found.customer_id, label=found.label
        )


class SearchResultList(Answer):
    """Everything that the text identifies."""

    data: list[SearchResult] = Field(description="At most ten matches; empty if the text identifies nothing.")


class OrderCustomer(Answer):
    """A customer who has transactions of the order."""

    customer_id: answered.CustomerId
    wallet_ids: list[str] = Field(description="The wallets of these transactions.")
    first_at: datetime = Field(description="The instant at which the first of these transactions was recorded.")

    @classmethod
    def of(cls, entry: OrderEntry) -> "OrderCustomer":
        return cls(
            customer_id=entry.customer_id, wallet_ids=sorted(entry.wallet_ids), first_at=datetime_of(entry.first_at)
        )


class OrderCustomerList(Answer):
    """The customers of an order."""

    data: list[OrderCustomer] = Field(
        description="At most 100 customers who have transactions of the order; possibly none."
    )
