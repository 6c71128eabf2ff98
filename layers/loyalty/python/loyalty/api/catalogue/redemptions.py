"""Requests and answers about redemptions and entitlements."""

from datetime import datetime
from typing import Any, Self

from pydantic import ConfigDict, Field

from loyalty.api import answered
from loyalty.api.base import Answer, Request
from loyalty.api.catalogue.rewards import Price
from loyalty.api.fields import Id, Metadata, metadata_from
from loyalty.api.points.balances import Balance
from loyalty.api.points.movements import DryRun, DryRunFlag
from loyalty.api.points.transactions import Transaction
from loyalty.domain.catalogue import redemption as domain
from loyalty.domain.catalogue.redemption import RedemptionStatus
from loyalty.domain.catalogue.reward import RewardKind
from loyalty.domain.dates import datetime_of
from loyalty.usecases.catalogue import entitlements
from loyalty.usecases.catalogue.cancellations import Manner
from loyalty.usecases.catalogue.redemptions import RedemptionOutcome


class RewardRedemptionRequest(Request):
    """The reward that the customer redeems."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"rewardId": "rwd_0123456789abcdef0123", "metadata": {"shop": "Berlin"}, "dryRun": False}]
        }
    )

    reward_id: Id = Field(description="The id of the reward.")
    metadata: Metadata | None = Field(
        default=None, description="Your own data about the redemption, at most 2,048 bytes as JSON."
    )
    dry_run: DryRunFlag = False


class CancelRequest(Request):
    """How to cancel the redemption."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"writeOff": True, "force": True}]})

    write_off: bool = Field(default=False, description="Whether the stock gets nothing back, because the item is lost.")
    force: bool = Field(
        default=False,
        description=(
            "Cancels a redemption that was handed over, and forgives given points that are spent. Needs the scope "
            "`rewards:write`."
        ),
    )

    @property
    def manner(self) -> Manner:
        return Manner(force=self.force, write_off=self.write_off)


class RedeemedProduct(Answer):
    """Your own ids of the product."""

    product_id: answered.ProductId
    sku: str | None = Field(description="Your id of the variant.")


class RewardRedemption(Answer):
    """What a customer got from the catalogue. Fields that do not apply to the kind are null."""

    redemption_id: str = Field(description="The id follows from the customer and the idempotency key.")
    customer_id: answered.CustomerId
    reward_id: answered.RewardId
    reward_version: int = Field(description="The version of the reward whose settings applied.")
    kind: RewardKind = Field(description="What the customer got: it decides which of the other fields are not null.")
    status: RedemptionStatus = Field(description="The stage of the redemption.")
    price: list[Price] = Field(description="The points that the redemption took.")
    product: RedeemedProduct | None = Field(
        description="The product that the business hands over, for the kind PRODUCT."
    )
    code: str | None = Field(description="The code of a DISCOUNT_CODE.")
    credit: Price | None = Field(description="The points that a reward of the kind POINTS gave.")
    entitlement: str | None = Field(description="The name of the right of an ENTITLEMENT.")
    entitled_until: datetime | None = Field(description="The end of the right; null for ever.")
    shortfall: int = Field(description="Points of the reward that a cancellation could not take back, and forgave.")
    written_off: bool = Field(description="Whether the cancellation gave nothing back to the stock.")
    metadata: dict[str, Any] | None = Field(description="Your own data about the redemption.")
    created_at: datetime = Field(description="The instant in UTC at which the price was paid.")
    fulfilled_at: datetime | None = Field(description="The instant at which the reward was handed over.")
    canceled_at: datetime | None = Field(description="The instant of the cancellation.")

    @classmethod
    def of(cls, found: domain.Redemption) -> Self:
        given, taken_back = found.given, found.taken_back
        return cls(
            redemption_id=found.redemption_id,
            customer_id=found.customer_id,
            reward_id=found.reward_id,
            reward_version=found.reward_version,
            kind=found.kind,
            status=found.status,
            price=[Price(wallet_id=one.wallet_id, points=one.points) for one in found.prices],
            product=RedeemedProduct(product_id=found.product.product_id, sku=found.product.sku)
            if found.product
            else None,
            code=found.code,
            credit=Price(wallet_id=given.wallet_id, points=given.points) if given else None,
            entitlement=found.entitlement,
            entitled_until=_instant(found.entitled_until),
            shortfall=given.points - taken_back.points if given and taken_back else 0,
            written_off=found.written_off,
            metadata=metadata_from(found.metadata),
            created_at=datetime_of(found.created_at),
            fulfilled_at=_instant(found.fulfilled_at or None),
            canceled_at=_instant(found.canceled_at or None),
        )


class WalletBalance(Balance):
    """The balance of the card in one wallet."""

    wallet_id: answered.WalletId


class MovedRedemption(Answer):
    """A redemption with the transactions that moved its points."""

    has_location = True

    redemption: RewardRedemption = Field(description="The redemption after the request.")
    transactions: list[Transaction] = Field(
        description="The transactions, in the order of the price; that of given points is the last."
    )
    balances: list[WalletBalance] = Field(description="The balance of each card after its transaction.")

    @classmethod
    def of(cls, outcome: RedemptionOutcome) -> Self:
        return cls(
            redemption=RewardRedemption.of(outcome.redemption),
            transactions=list(map(Transaction.of, outcome.rows)),
            balances=_balances(outcome),
        )


class RedemptionDryRun(Answer):
    """The effect that a redemption would have. Nothing was written, and the effect may differ later."""

    transactions: list[DryRun] = Field(description="The movements, in the order of the price; given points are last.")
    balances: list[WalletBalance] = Field(description="The balance that each card would have.")

    @classmethod
    def of(cls, outcome: RedemptionOutcome) -> Self:
        return cls(transactions=list(map(DryRun.of, outcome.unwritten)), balances=_balances(outcome))


class RewardRedemptionList(Answer):
    """A page of a customer's redemptions, newest first."""

    data: list[RewardRedemption] = Field(description="The redemptions of the page, newest first.")
    next_cursor: answered.NextCursor


class Entitlement(Answer):
    """A right that the customer has now."""

    key: str = Field(description="Your name of the right.")
    source: entitlements.EntitlementSource = Field(description="What gives the right: a redemption, or a tier.")
    id: str = Field(description="The id of the redemption, or of the tier.")
    program_id: str | None = Field(description="The program of the tier; null for a redemption.")
    since: datetime | None = Field(
        description="The instant from which the customer has the right; null for the tier of new customers."
    )
    until: datetime | None = Field(description="The end of the right; null if time alone does not end the right.")

    @classmethod
    def of(cls, found: entitlements.Entitlement) -> Self:
        return cls(
            key=found.key,
            source=found.source,
            id=found.id,
            program_id=found.program_id,
            since=_instant(found.since or None),
            until=_instant(found.until),
        )


class EntitlementList(Answer):
    """The rights that a customer has now, in the order of their names."""

    data: list[Entitlement] = Field(description="The rights, in the order of their names; possibly none.")


def _balances(outcome: RedemptionOutcome) -> list[WalletBalance]:
    return [WalletBalance(wallet_id=row.wallet_id, **Balance.of(row.balance).model_dump()) for row in outcome.rows]


def _instant(at: int | None) -> datetime | None:
    return None if at is None else datetime_of(at)
