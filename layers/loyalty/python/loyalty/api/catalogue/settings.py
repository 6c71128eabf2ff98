"""Requests about rewards' settings: the fields of each group, and the checks of single values."""

from typing import Annotated, Any

from pydantic import Field

from loyalty.api.base import BY_VALUE, Request
from loyalty.api.earning.settings import HoursInput, Pattern, Times
from loyalty.api.fields import Id, Instant, Metadata, PeriodInput, Points, ProductId, text_format
from loyalty.domain.catalogue.reward import PRICES_MAX
from loyalty.domain.dates import CalendarUnit
from loyalty.domain.earning.campaign import HOURS_MAX

STOCK_MAX = 10**9
Stock = Annotated[int, Field(ge=1, le=STOCK_MAX)]
ENTITLEMENT_KEY = text_format(
    r"^[A-Za-z0-9._~:-]{1,64}$", "Use 1 to 64 letters A to Z, digits and the characters . _ ~ : -"
)
Key = Annotated[str, Field(pattern=ENTITLEMENT_KEY)]


class WalletPointsInput(Request):
    """Points of one wallet."""

    wallet_id: Id = Field(description="The wallet of the points.")
    points: Points = Field(description="The number of points.")


class ProductInput(Request):
    """Your own ids of the product."""

    product_id: ProductId = Field(description="Your id of the product.")
    sku: ProductId | None = Field(default=None, description="Your id of the variant.")


class EntitlementInput(Request):
    """The right that an ENTITLEMENT gives."""

    key: Key = Field(description="Your name of the right, such as `free_shipping`.")
    valid_for: PeriodInput | None = Field(
        default=None, description="How long the customer has the right; without it, for ever."
    )


class RewardPeriodInput(Request):
    """How often one customer redeems the reward in a calendar period of the project's zone."""

    unit: Annotated[CalendarUnit, BY_VALUE] = Field(description="The calendar period.")
    times: Times = Field(description="The most redemptions.")


class RewardCustomerLimitsInput(Request):
    """How often one customer redeems the reward. A canceled redemption does not count."""

    times: Times | None = Field(default=None, description="The most redemptions.")
    per: Annotated[list[RewardPeriodInput], Field(max_length=len(CalendarUnit))] = Field(
        default_factory=list, description="The limits of calendar periods."
    )
    cooldown: PeriodInput | None = Field(default=None, description="The time that passes before another redemption.")


class RewardLimitsInput(Request):
    """The limits of the reward."""

    per_customer: RewardCustomerLimitsInput | None = Field(
        default=None, description="The limits of one customer; null without limits."
    )


class RewardSettingsRequest(Request):
    """The settings of a reward. A setting that is left out keeps its value, or has its default in a new reward."""

    description: Annotated[str, Field(max_length=1_000)] | None = Field(
        default=None, description="The description of the reward."
    )
    price: Annotated[list[WalletPointsInput], Field(max_length=PRICES_MAX)] | None = Field(
        default=None, description="What a redemption takes, from all these wallets together."
    )
    stock: Stock | None = Field(
        default=None,
        description=(
            "How often the reward can be redeemed by all customers; without it, there is no limit. Fixed after the "
            "first activation: `POST /v1/rewards/{rewardId}/stock` adds to it. The stock of a DISCOUNT_CODE is its "
            "codes."
        ),
    )
    conditions: Pattern | None = Field(
        default=None,
        description="The pattern that the customer and the customer's balances (`walletBalances`) must match.",
    )
    starts_at: Instant | None = Field(
        default=None, description="The instant from which the reward can be redeemed; the default is at once."
    )
    ends_at: Instant | None = Field(
        default=None, description="The instant from which the reward cannot be redeemed any more."
    )
    hours: Annotated[list[HoursInput], Field(max_length=HOURS_MAX)] | None = Field(
        default=None, description="The hours in which the reward can be redeemed; all hours, if empty."
    )
    limits: RewardLimitsInput | None = Field(
        default=None, description="How often the reward can be redeemed; without limits, until the stock ends."
    )
    product: ProductInput | None = Field(
        default=None, description="The product that you hand over, for the kind PRODUCT."
    )
    entitlement: EntitlementInput | None = Field(
        default=None, description="The right that the customer gets, for the kind ENTITLEMENT."
    )
    credit: WalletPointsInput | None = Field(
        default=None, description="The points that a reward of the kind POINTS gives, active at once."
    )
    cancelable: bool | None = Field(
        default=None,
        description="Whether a redemption can be canceled without `force` before it is fulfilled. The default is true.",
    )
    metadata: Metadata | None = Field(default=None, description="Your own data, at most 2,048 bytes as JSON.")

    def document(self) -> dict[str, Any]:
        """Returns the settings in the request as JSON; null for a setting that gets its default."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"status"})
