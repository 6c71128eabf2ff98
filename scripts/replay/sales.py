"""What each refund of a file takes from its order, in money and points: computed from the file alone."""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from scripts.replay.orders import Order, ReturnedCharge, ReturnedItem, Wanted
from scripts.replay.values import Values, values_of

COLUMNS = ("refund", "customer", "at", "extent", "order", "refunded", "points", "reason")


class Reason(StrEnum):
    """The reason why a refund is not posted."""

    NO_CUSTOMER = "no customer"
    NO_GOODS = "no quantity below zero"
    NO_SALE = "no earlier order of the customer has as many"
    TOO_MUCH = "less is left of the order"
    TOO_SMALL = "the order earned no points and was not posted"
    WITHOUT_ITEMS = "the order was posted without items"


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund of an order with its expected result."""

    wanted: Wanted
    order: Order
    before: int
    """The amount that earlier refunds of the order took."""
    amount: int
    """What to pay back."""

    @property
    def points(self) -> int:
        """What is revoked: all up to now, less what earlier refunds revoked. The last refund makes it exact."""
        return self._due(self.before + self.amount) - self._due(self.before)

    def _due(self, refunded: int) -> int:
        return self.order.points * refunded // self.order.amount


@dataclass(frozen=True, slots=True)
class Refunds:
    """Every refund of a file in the sequence of posting, or why it is not posted."""

    outcomes: tuple[tuple[Wanted, Refund | Reason], ...]

    @property
    def posted(self) -> tuple[Refund, ...]:
        return tuple(outcome for _, outcome in self.outcomes if isinstance(outcome, Refund))

    @property
    def reasons(self) -> Counter[Reason]:
        return Counter(outcome for _, outcome in self.outcomes if isinstance(outcome, Reason))

    @property
    def amount(self) -> int:
        return sum(refund.amount for refund in self.posted)

    @property
    def points(self) -> int:
        return sum(refund.points for refund in self.posted)

    def of(self, orders: Mapping[str, Order]) -> "Refunds":
        """Returns the refunds of the same orders with other points; the orders by id."""
        return Refunds(
            tuple(
                (wanted, replace(outcome, order=orders[outcome.order.order_id]))
                if isinstance(outcome, Refund)
                else (wanted, outcome)
                for wanted, outcome in self.outcomes
            )
        )

    def points_by_customer(self) -> Counter[str]:
        """Returns the points that the refunds revoke."""
        found: Counter[str] = Counter()
        for refund in self.posted:
            found[refund.order.customer_id] += refund.points
        return found

    def by_customer(self) -> dict[str, tuple[Refund, ...]]:
        found: dict[str, tuple[Refund, ...]] = {}
        for refund in self.posted:
            found[refund.order.customer_id] = (*found.get(refund.order.customer_id, ()), refund)
        return found

    def write(self, path: Path) -> None:
        """Lists every refund with its order and result, or with the reason why it is not posted."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for wanted, outcome in self.outcomes:
                result = (
                    (outcome.order.order_id, outcome.amount, outcome.points, "")
                    if isinstance(outcome, Refund)
                    else ("", "", "", outcome)
                )
                writer.writerow((wanted.label, wanted.customer_id, wanted.at.isoformat(), wanted.extent, *result))


class Exceeds(Exception):
    """Less is left of the order than a refund takes."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of an order is refunded."""

    quantities: tuple[int, ...]
    """By line."""
    charges: tuple[int, ...]
    """By charge."""
    by_amount: int = 0
    """The refunded amount of no line or charge."""
    whole: bool = False
    closed: bool = False
    """Whether a refund of all that was left came last."""

    def amount(self, values: Values) -> int:
        # The units of a line so far are worth a whole number of minor units, and the last unit makes it exact.
        lines = sum(
            item.amount * quantity // item.quantity
            for item, quantity in zip(values.items, self.quantities, strict=True)
        )
        return lines + sum(self.charges) + self.by_amount


@dataclass(slots=True)
class Sale:
    """An order with what is refunded of it so far."""

    order: Order
    values: Values
    extent: Extent

    @classmethod
    def of(cls, order: Order) -> "Sale":
        values = values_of(order)
        if not order.fits:
            values = Values(tuple(replace(item, amount=0) for item in values.items), ())
        return cls(order, values, Extent((0,) * len(values.items), (0,) * len(values.charges)))

    @property
    def amount(self) -> int:
        return self.extent.amount(self.values)

    @property
    def left(self) -> int:
        return 0 if self.extent.whole else self.order.amount - self.amount

    def has(self, wanted: Wanted) -> bool:
        try:
            self._after(wanted)
        except Exceeds:
            return False
        return True

    def take(self, wanted: Wanted) -> Refund | Reason:
        """Takes what the refund wants from the order; returns the refund if it can be posted."""
        try:
            after = self._after(wanted)
        except Exceeds:
            return Reason.TOO_MUCH
        before, self.extent = self.amount, after
        if not self.order.points:
            return Reason.TOO_SMALL
        if not self.order.fits and (wanted.items or wanted.charges):
            return Reason.WITHOUT_ITEMS
        return Refund(wanted, self.order, before, self.amount - before)

    def _after(self, wanted: Wanted) -> Extent:
        before = self.extent
        is_full = wanted.amount is None and not wanted.items and not wanted.charges
        if before.closed or (is_full and before.whole):
            raise Exceeds
        taken = self.left if is_full else wanted.amount or 0
        after = replace(
            before,
            quantities=self._with_items(wanted.items),
            charges=self._with_charges(wanted.charges),
            by_amount=before.by_amount + taken,
            closed=is_full,
        )
        if after.amount(self.values) - self.amount > self.left:
            raise Exceeds
        return replace(after, whole=before.whole or is_full or self._is_whole(after))

    def _with_items(self, returned: Sequence[ReturnedItem]) -> tuple[int, ...]:
        quantities = list(self.extent.quantities)
        for one in returned:
            left = one.quantity
            for place, item in enumerate(self.values.items):
                if item.product_id == one.product_id and one.line_id in (None, item.line_id):
                    part = min(left, item.quantity - quantities[place])
                    quantities[place] += part
                    left -= part
            if left:
                raise Exceeds
        return tuple(quantities)

    def _with_charges(self, returned: Sequence[ReturnedCharge]) -> tuple[int, ...]:
        refunded = list(self.extent.charges)
        for one in returned:
            rooms = {
                place: charge.amount - refunded[place]
                for place, charge in enumerate(self.values.charges)
                if charge.type == one.type
            }
            left = sum(rooms.values()) if one.amount is None else one.amount
            if not 0 < left <= sum(rooms.values()):
                raise Exceeds
            for place, room in rooms.items():
                part = min(left, room)
                refunded[place] += part
                left -= part
        return tuple(refunded)

    def _is_whole(self, after: Extent) -> bool:
        everything = (
            tuple(item.quantity for item in self.values.items),
            tuple(one.amount for one in self.values.charges),
        )
        is_named = self.order.fits and (after.quantities, after.charges) == everything and everything != ((), ())
        return is_named or after.amount(self.values) == self.order.amount
