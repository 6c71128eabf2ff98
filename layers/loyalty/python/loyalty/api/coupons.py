"""Requests and answers about coupons: codes of campaigns, and their redemption."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api import answered
from loyalty.api.base import Answer, Request
from loyalty.api.custom_events import EventOrderInput
from loyalty.api.earning.awards import Award
from loyalty.api.fields import COUPON_CODE, CustomerId, Instant, OrderId
from loyalty.api.orders import ORDER_EXAMPLE
from loyalty.api.wallets.settings import URL_SAFE, CodeInput
from loyalty.domain.dates import datetime_of, instant
from loyalty.domain.earning import coupon as domain
from loyalty.domain.earning.coupon import DEFAULT_FORM, canonical_code
from loyalty.domain.wallets.codes import CHARSETS, Code
from loyalty.usecases.earning.coupon_redemptions import RedemptionOutcome
from loyalty.usecases.earning.coupons import CodesDemand

SHARED_MAX = 100
"""The most shared codes of one request."""
COUNT_MAX = 1_000
"""The most unique codes of one request."""
USES_MAX = 1_000_000

CouponCodeText = Annotated[str, StringConstraints(pattern=COUPON_CODE), AfterValidator(canonical_code)]


def _different_codes(codes: list[str]) -> list[str]:
    if len(set(codes)) < len(codes):
        raise PydanticCustomError("repeated", "List each code once. Codes are compared without case.")
    return codes


class CouponCodeInput(CodeInput):
    """The form of the codes. Letters become upper-case. Each `#` of the pattern is one random character."""

    charset: str = Field(
        default=DEFAULT_FORM.charset,
        min_length=1,
        max_length=100,
        pattern=URL_SAFE,
        description=f"The name of a charset, {', '.join(CHARSETS)}, or the characters themselves.",
    )

    @property
    def form(self) -> Code:
        return Code(self.charset, self.length, self.pattern, self.prefix, self.postfix)


class CouponCodesRequest(Request):
    """Codes to make: `codes`, `count` or `customerIds`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"codes": ["SAVE10", "SPRING-10"], "expiresAt": "2027-07-01T00:00:00+02:00"},
                {
                    "count": 3,
                    "config": {
                        "charset": "UNAMBIGUOUS",
                        "length": 10,
                        "pattern": "####-####",
                        "prefix": "SPRING-",
                        "postfix": "-27",
                    },
                    "maxUses": 1,
                },
                {"customerIds": ["ann", "bob"]},
            ]
        }
    )

    codes: (
        Annotated[list[CouponCodeText], Field(min_length=1, max_length=SHARED_MAX), AfterValidator(_different_codes)]
        | None
    ) = Field(default=None, description="Shared codes: any number of customers may redeem each of them.")
    count: Annotated[int, Field(ge=1, le=COUNT_MAX)] | None = Field(
        default=None, description="The number of unique codes to make."
    )
    customer_ids: Annotated[list[CustomerId], Field(min_length=1, max_length=COUNT_MAX)] | None = Field(
        default=None, description="Makes one unique code for each customer, who alone may redeem it."
    )
    config: CouponCodeInput | None = Field(default=None, description="The form of unique codes.")
    max_uses: Annotated[int, Field(ge=1, le=USES_MAX)] | None = Field(
        default=None, description="How many times each unique code may be redeemed; the default is 1."
    )
    expires_at: Instant | None = Field(
        default=None, description="The instant from which the codes cannot be redeemed; the default is never."
    )

    @model_validator(mode="after")
    def _one_kind_of_codes(self) -> Self:
        if [self.codes, self.count, self.customer_ids].count(None) != 2:  # noqa: PLR2004  # of three
            raise PydanticCustomError("one_of", "Send either codes, count or customerIds.", {"field": "codes"})
        for field, value in (("config", self.config), ("maxUses", self.max_uses)):
            if self.codes is not None and value is not None:
                raise PydanticCustomError("one_of", "Only unique codes have this setting.", {"field": field})
        return self

    @property
    def demand(self) -> CodesDemand:
        customer_ids = self.customer_ids or ()
        return CodesDemand(
            shared=self.codes or (),
            count=self.count or len(customer_ids),
            form=self.config.form if self.config else DEFAULT_FORM,
            max_uses=self.max_uses or 1,
            customer_ids=customer_ids,
            expires_at=instant(self.expires_at) if self.expires_at else None,
        )


class CouponCodes(Answer):
    """The codes of a request."""

    campaign_id: answered.CampaignId
    codes: list[str] = Field(description="The codes, in their order.")


class Coupon(Answer):
    """A code of a campaign."""

    code: str = Field(description="The code, in upper case.")
    campaign_id: answered.CampaignId
    max_uses: int | None = Field(description="How many times the code may be redeemed; null for a shared code.")
    uses: int | None = Field(description="How many times the code was redeemed; null for a shared code.")
    customer_id: str | None = Field(description="The only customer who may redeem the code; null: every customer may.")
    expires_at: datetime | None = Field(
        description="The instant from which the code cannot be redeemed; null without expiry."
    )
    revoked: bool = Field(description="Whether the code was revoked.")
    created_at: answered.CreatedAt

    @classmethod
    def of(cls, coupon: domain.Coupon) -> Self:
        return cls(**cls.values_of(coupon))

    @staticmethod
    def values_of(coupon: domain.Coupon) -> dict[str, Any]:
        """Returns the values of any answer with a coupon."""
        return {
            "code": coupon.code,
            "campaign_id": coupon.campaign_id,
            "max_uses": coupon.max_uses,
            "uses": None if coupon.max_uses is None else coupon.uses,
            "customer_id": coupon.customer_id,
            "expires_at": None if coupon.expires_at is None else datetime_of(coupon.expires_at),
            "revoked": coupon.revoked,
            "created_at": datetime_of(coupon.created_at),
        }


class CouponList(Answer):
    """A page of a campaign's codes."""

    data: list[Coupon] = Field(description="The codes of the page, in no particular order.")
    next_cursor: answered.NextCursor


class JudgedCoupon(Coupon):
    """A code, and whether it gives points now."""

    valid: bool = Field(description="Whether the code may give points now. Conditions are not judged.")
    reason: str | None = Field(description="Why the code gives no points now; the guide to coupons lists the reasons.")

    @classmethod
    def judged(cls, coupon: domain.Coupon, reason: str | None) -> "JudgedCoupon":
        return cls(**cls.values_of(coupon), valid=reason is None, reason=reason)


class CouponRedemptionRequest(Request):
    """A coupon to redeem."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "customerId": "ann",
                    "orderId": "#1001",
                    "order": ORDER_EXAMPLE
                    | {
                        "items": [
                            {
                                "productId": "sku-tea-250g",
                                "quantity": 2,
                                "amount": 2_490,
                                "lineId": "1",
                                "categories": ["tea"],
                            },
                            {"productId": "sku-teapot", "quantity": 1, "amount": 2_500, "lineId": "2"},
                        ]
                    },
                    "dryRun": False,
                },
                {"customerId": "bob"},
            ]
        }
    )

    customer_id: CustomerId = Field(description="Your id of the customer who redeems the coupon.")
    order_id: OrderId | None = Field(
        default=None, description="The order for which the coupon is redeemed. A code works once for an order."
    )
    order: EventOrderInput | None = Field(
        default=None, description="The order details, which the campaign reads; only with `orderId`."
    )
    dry_run: bool = Field(default=False, description="Show what the coupon would give, and write nothing.")

    @model_validator(mode="after")
    def _has_its_order(self) -> Self:
        if self.order_id is None and self.order:
            raise PydanticCustomError("required", "Send the orderId of the order.", {"field": "orderId"})
        return self


class CouponRedemption(Answer):
    """What a coupon gave."""

    code: str = Field(description="The code, in upper case.")
    campaign_id: answered.CampaignId
    customer_id: answered.CustomerId
    order_id: answered.OrderId
    awards: list[Award] = Field(description="The points that the campaign gave, each with the card's balance.")

    @classmethod
    def of(cls, body: CouponRedemptionRequest, redeemed: RedemptionOutcome) -> "CouponRedemption":
        return cls(
            code=redeemed.coupon.code,
            campaign_id=redeemed.coupon.campaign_id,
            customer_id=body.customer_id,
            order_id=body.order_id,
            awards=[Award.of(award) for award in redeemed.outcome.awards],
        )
