"""Requests and answers about customers."""

import re
from collections.abc import Collection
from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api import answered
from loyalty.api.base import BY_VALUE, Answer, Request
from loyalty.api.earning.awards import Award, SkippedCampaign
from loyalty.api.fields import COUPON_CODE, Metadata, TimeZone, metadata_from, one_line, printable, text_format
from loyalty.domain import customer as domain
from loyalty.domain.customer import (
    IMPORTED_ORDERS_MAX,
    SEGMENT_LENGTH_MAX,
    SEGMENTS_MAX,
    SIGNAL_LENGTH_MAX,
    SIGNALS_MAX,
    Channel,
)
from loyalty.domain.dates import datetime_of
from loyalty.domain.schema import metadata_text
from loyalty.usecases.customers import ProfileChange, SavedCustomer

DAY = re.compile(r"(?:(\d{4})-)?(\d\d-\d\d)", re.ASCII)
YEAR_MIN = 1_900
LEAP_YEAR = "2000"
LOCALE = text_format(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}$", "Send a locale such as en or en-GB.")
EMAIL = text_format(r"^[^@\s]{1,64}@[^@\s]{1,189}$", "Send an email address such as ann@example.com.")
PHONE = text_format(r"^\+[1-9][0-9]{6,14}$", "Send + and 7 to 15 digits, such as +4930123456.")
REFERRAL_CODE = COUPON_CODE


def _birthday(value: str) -> str:
    if not _is_birthday(value):
        message = "Send a birthday as MM-DD or YYYY-MM-DD, from the year 1900, such as 02-29 or 1990-07-31."
        raise PydanticCustomError("birthday", message)
    return value


def _is_birthday(value: str) -> bool:
    match = DAY.fullmatch(value)
    if match is None:
        return False
    try:
        return date.fromisoformat(f"{match[1] or LEAP_YEAR}-{match[2]}").year >= YEAR_MIN
    except ValueError:
        return False


Segment = Annotated[str, Field(min_length=1, max_length=SEGMENT_LENGTH_MAX), AfterValidator(one_line)]
Segments = Annotated[list[Segment], Field(max_length=SEGMENTS_MAX)]
Signal = Annotated[str, Field(min_length=1, max_length=SIGNAL_LENGTH_MAX), AfterValidator(printable)]
ReferralCodeText = Annotated[str, StringConstraints(pattern=REFERRAL_CODE), AfterValidator(str.upper)]

PROFILE_EXAMPLE: dict[str, Any] = {
    "segments": ["newsletter", "vip"],
    "birthday": "1990-07-31",
    "metadata": {"shoeSize": 42},
    "timeZone": "Europe/Berlin",
    "locale": "de-DE",
    "importedOrderCount": 0,
    "referredBy": "BOB-2027",
    "signals": ["device-5f1c"],
    "unsubscribed": ["SMS"],
    "contacts": {"email": "ann@example.com", "phone": "+4930123456"},
}


class ContactsInput(Request):
    """How messages reach the customer. A field that is left out stays, and null removes it."""

    email: Annotated[str, Field(pattern=EMAIL), AfterValidator(printable)] | None = Field(
        default=None, description="The email address."
    )
    phone: Annotated[str, Field(pattern=PHONE)] | None = Field(
        default=None, description="The telephone number in the form of E.164: a plus sign and at most 15 digits."
    )


class CustomerRequest(Request):
    """The whole profile of a customer. A field that is left out gets its default, unless its description differs."""

    model_config = ConfigDict(json_schema_extra={"examples": [PROFILE_EXAMPLE]})

    segments: Segments = Field(
        default_factory=list,
        description="The names of the customer's segments. You decide them: the product computes none.",
    )
    birthday: Annotated[str, AfterValidator(_birthday)] | None = Field(
        default=None, description="The birthday, as `MM-DD` or `YYYY-MM-DD`."
    )
    metadata: Metadata | None = Field(
        default=None, description="Your own data about the customer, which conditions of campaigns can read."
    )
    time_zone: TimeZone | None = Field(
        default=None, description="The customer's time zone, as a name of the IANA database."
    )
    locale: Annotated[str, Field(pattern=LOCALE)] | None = Field(
        default=None, description="The customer's language as a BCP 47 tag, such as `de-DE`."
    )
    imported_order_count: int = Field(
        default=0,
        ge=0,
        le=IMPORTED_ORDERS_MAX,
        description="The number of orders that the customer paid before you used this product.",
    )
    referred_by: ReferralCodeText | None = Field(
        default=None,
        description=(
            "The referral code of the customer who referred this customer. It is set once, before the first order, and "
            "stays if it is left out."
        ),
    )
    signals: Annotated[list[Signal], Field(max_length=SIGNALS_MAX)] = Field(
        default_factory=list,
        description=(
            "Your own hints about the person, such as a device or an address. Only salted hashes are stored. Referrer "
            "and customer with a common signal may be the same person."
        ),
    )
    unsubscribed: list[Annotated[Channel, BY_VALUE]] = Field(
        default_factory=list,
        max_length=len(Channel),
        description="The channels on which the customer gets no messages.",
    )
    contacts: ContactsInput | None = Field(
        default=None,
        description="How messages reach the customer. Contacts that are left out stay, and null removes all of them.",
    )

    def change(self, revision: int | None) -> ProfileChange:
        return ProfileChange(
            profile=domain.Profile(
                segments=frozenset(self.segments),
                birthday=self.birthday,
                metadata=metadata_text(self.metadata),
                time_zone=self.time_zone,
                locale=self.locale,
                imported_orders=self.imported_order_count,
                unsubscribed=frozenset(self.unsubscribed),
            ),
            signals=frozenset(self.signals),
            contact=self._contact(),
            referrer_code=self.referred_by,
            revision=revision,
        )

    def _contact(self) -> dict[str, str | None] | None:
        if "contacts" not in self.model_fields_set:
            return None
        sent: Collection[str] = ContactsInput.model_fields if self.contacts is None else self.contacts.model_fields_set
        return {name: getattr(self.contacts, name, None) for name in sent}


class SegmentChangeRequest(Request):
    """Segments that a customer enters and leaves."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"add": ["vip"], "remove": ["newsletter"]}]})

    add: Segments = Field(default_factory=list, description="The segments that the customer enters.")
    remove: Segments = Field(default_factory=list, description="The segments that the customer leaves.")

    @model_validator(mode="after")
    def _is_a_change(self) -> Self:
        if not self.add and not self.remove:
            raise PydanticCustomError("required", "Send segments to add or to remove.", {"field": "add"})
        if both := set(self.add) & set(self.remove):
            message = "A segment cannot be added and removed at once."
            place = next(place for place, segment in enumerate(self.remove) if segment in both)
            raise PydanticCustomError("added_and_removed", message, {"field": f"remove[{place}]"})
        return self


class ReferralCodeRequest(Request):
    """A referral code. Without a code of your own, the product makes a random one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "ANN-2027"}]})

    code: ReferralCodeText | None = Field(
        default=None, description="The code that you want. Codes are the same in upper and lower case."
    )


class ReferralCode(Answer):
    """The code by which a customer refers others."""

    customer_id: answered.CustomerId
    code: str = Field(description="The referral code, which the customer keeps for ever.")


class Customer(Answer):
    """A customer. Contacts and signals are not shown."""

    has_etag = True
    has_location = True

    customer_id: answered.CustomerId
    order_count: int = Field(description="The number of paid orders, with those that were imported.")
    imported_order_count: int = Field(description="The number of orders that were imported.")
    segments: list[str] = Field(description="The names of the customer's segments.")
    birthday: str | None = Field(description="The birthday, as `MM-DD` or `YYYY-MM-DD`.")
    metadata: dict[str, Any] | None = Field(description="Your own data about the customer.")
    time_zone: str | None = Field(description="The customer's time zone, as a name of the IANA database.")
    locale: str | None = Field(description="The customer's language as a BCP 47 tag.")
    unsubscribed: list[Channel] = Field(description="The channels on which the customer gets no messages.")
    referral_code: str | None = Field(description="The customer's own referral code; null if there is none.")
    referred_by: str | None = Field(description="The customer id of the referrer; null if there is none.")
    referred_at: datetime | None = Field(description="The instant at which the referrer was set.")
    version: int = Field(description="The number of changes of the profile, which is also the ETag.")
    created_at: datetime | None = Field(
        description="The instant of the first profile; null if the customer has orders and no profile."
    )

    @classmethod
    def of(cls, customer: domain.Customer) -> Self:
        return cls(**cls._values(customer))

    @staticmethod
    def _values(customer: domain.Customer) -> dict[str, Any]:
        profile = customer.profile
        return {
            "customer_id": customer.customer_id,
            "order_count": customer.order_count,
            "imported_order_count": profile.imported_orders,
            "segments": sorted(profile.segments),
            "birthday": profile.birthday,
            "metadata": metadata_from(profile.metadata),
            "time_zone": profile.time_zone,
            "locale": profile.locale,
            "unsubscribed": sorted(profile.unsubscribed),
            "referral_code": customer.referral_code,
            "referred_by": customer.referred_by,
            "referred_at": datetime_of(customer.referred_at) if customer.referred_at else None,
            "version": customer.revision,
            "created_at": datetime_of(customer.created_at) if customer.created_at else None,
        }


class ChangedCustomer(Customer):
    """A customer after a change, and what campaigns gave for what the change made happen."""

    awards: list[Award] = Field(
        description="The points that campaigns gave for a new customer, or for segments entered."
    )
    skipped: list[SkippedCampaign] = Field(description="The campaigns of these events that gave nothing, and why.")

    @classmethod
    def after(cls, saved: SavedCustomer) -> Self:
        # Several segments can be the reason of the same skip.
        skips = dict.fromkeys(skip for outcome in saved.outcomes for skip in outcome.skips)
        return cls(
            **cls._values(saved.customer),
            awards=[Award.of(one) for outcome in saved.outcomes for one in outcome.awards],
            skipped=[SkippedCampaign.of(skip) for skip in skips],
        )
