"""The JSON Lines form: one order per line, with its refunds. Fields have the names and meanings of the API."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from scripts.replay.orders import (
    DISCOUNT,
    Charge,
    Count,
    Item,
    Order,
    OrderFile,
    OrdersUnreadable,
    ReturnedCharge,
    ReturnedItem,
    Wanted,
)
from scripts.replay.sales import Reason, Refund, Refunds, Sale

Id = Annotated[str, Field(min_length=1)]
Whole = Annotated[int, Field(ge=0, strict=True)]
Positive = Annotated[int, Field(ge=1, strict=True)]


class Form(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class ItemForm(Form):
    product_id: Id
    quantity: Positive
    amount: Whole
    line_id: Id | None = None


class ChargeForm(Form):
    type: Literal["SHIPPING", "TAX", "FEE", "TIP", "GIFT_CARD", "DISCOUNT", "OTHER"]
    amount: Annotated[int, Field(strict=True)]
    label: Id | None = None

    @model_validator(mode="after")
    def _sign_fits(self) -> Self:
        if self.amount and (self.type == DISCOUNT) != (self.amount < 0):
            raise ValueError("only a DISCOUNT is below zero")
        return self


class ReturnedItemForm(Form):
    product_id: Id
    quantity: Positive
    line_id: Id | None = None


class ReturnedChargeForm(Form):
    type: Literal["SHIPPING", "TAX", "FEE", "TIP", "GIFT_CARD", "OTHER"]
    amount: Positive | None = None


class RefundForm(Form):
    key: Id
    at: AwareDatetime
    type: Literal["ITEMS", "AMOUNT", "FULL"]
    items: list[ReturnedItemForm] = []
    charges: list[ReturnedChargeForm] = []
    amount: Positive | None = None

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        has_goods, has_amount = bool(self.items or self.charges), self.amount is not None
        if (has_goods, has_amount) != (self.type == "ITEMS", self.type == "AMOUNT"):
            raise ValueError("ITEMS has items or charges, AMOUNT has an amount, FULL has neither")
        return self


class OrderForm(Form):
    order_id: Id
    customer_id: str | None
    at: AwareDatetime
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    amount: Whole
    items: list[ItemForm] = []
    charges: list[ChargeForm] = []
    refunds: list[RefundForm] = []

    @model_validator(mode="after")
    def _keys_differ(self) -> Self:
        if len({refund.key for refund in self.refunds}) < len(self.refunds):
            raise ValueError("two refunds have one key")
        return self

    def order(self, row: int) -> Order:
        return Order(
            order_id=self.order_id,
            customer_id=self.customer_id or "",
            at=self.at,
            row=row,
            currency=self.currency,
            amount=self.amount,
            items=tuple(Item(one.product_id, one.quantity, one.amount, one.line_id) for one in self.items),
            charges=tuple(Charge(one.type, one.amount, one.label) for one in self.charges),
        )

    def wanted(self, row: int) -> list[Wanted]:
        """Returns the refunds in the sequence of their times."""
        return [
            Wanted(
                label=f"{refund.key} of {self.order_id}",
                customer_id=self.customer_id or "",
                at=refund.at,
                row=row,
                items=tuple(ReturnedItem(one.product_id, one.quantity, one.line_id) for one in refund.items),
                charges=tuple(ReturnedCharge(one.type, one.amount) for one in refund.charges),
                amount=refund.amount,
            )
            for refund in sorted(self.refunds, key=lambda refund: refund.at)
        ]


def read(rows: Iterable[str]) -> tuple[OrderFile, Refunds]:
    """Reads the orders. Each of them is of a known customer, or a guest's, which is skipped with its refunds."""
    orders: list[Order] = []
    outcomes: list[tuple[Wanted, Refund | Reason]] = []
    guests = 0
    for number, row in enumerate(rows, start=1):
        if not row.strip():
            continue
        form = _form(row, number)
        order, wanted = form.order(number), form.wanted(number)
        if not form.customer_id:
            guests += 1
            outcomes += [(one, Reason.NO_CUSTOMER) for one in wanted]
            continue
        orders.append(order)
        sale = Sale.of(order)
        outcomes += [(one, sale.take(one)) for one in wanted]
    _require_one_of_each(orders)
    return _file_of(orders, guests), Refunds(tuple(outcomes))


def _form(row: str, number: int) -> OrderForm:
    try:
        return OrderForm.model_validate_json(row)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise OrdersUnreadable(f"line {number} cannot be understood: {where or 'order'}: {first['msg']}") from error


def _require_one_of_each(orders: Sequence[Order]) -> None:
    repeated = [order_id for order_id, times in Counter(order.order_id for order in orders).items() if times > 1]
    if repeated:
        raise OrdersUnreadable(f"order {repeated[0]} is in the file more than once")
    currencies = sorted({order.currency for order in orders})
    if len(currencies) != 1:
        raise OrdersUnreadable(f"the orders need one currency, and the file has: {', '.join(currencies) or 'no order'}")


def _file_of(orders: Sequence[Order], guests: int) -> OrderFile:
    customers = tuple(dict.fromkeys(order.customer_id for order in orders))
    charges = Counter(charge.type for order in orders for charge in order.charges)
    return OrderFile(
        currency=orders[0].currency,
        all_orders=tuple(orders),
        customers=customers,
        counts=(
            Count("in the file", len(orders) + guests, f"orders, of {len(customers):,} known customers"),
            Count("guests", guests, "skipped: orders without a customer"),
            *(Count("charges", times, f"of type {type_}") for type_, times in sorted(charges.items())),
        ),
    )
