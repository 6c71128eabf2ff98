"""The document of an event, which conditions and reward rules read."""

from decimal import Decimal

from loyalty.domain.customer import Customer, Profile
from loyalty.domain.earning.event import CustomerDetails, document, value_at
from loyalty.domain.order import Order, OrderItem
from tests.support.campaigns import NEW_YORK, happened, paid
from tests.support.samples import local


def test_the_document_of_a_paid_order_has_all_parts() -> None:
    event = paid(
        0,
        "A-1",
        local("2026-12-24 09:30", NEW_YORK),
        order=Order(
            10_000,
            "USD",
            (OrderItem("boots", 1, 3_000, "l1"), OrderItem("cap", 2, 7_000)),
            '{"cartId":"c1","rate":0.1}',
        ),
        categories={("boots", "l1"): ("shoes", "winter")},
        properties={"channel": "web"},
    )
    assert document(event, CustomerDetails(order_count=3)) == {
        "name": "order.paid",
        "customerId": "ann",
        "orderId": "A-1",
        "occurredAt": "2026-12-24T14:30:00Z",
        "properties": {"channel": "web"},
        "order": {
            "amount": 10_000,
            "currency": "USD",
            "items": [
                {
                    "productId": "boots",
                    "quantity": 1,
                    "amount": 3_000,
                    "lineId": "l1",
                    "categories": ["shoes", "winter"],
                },
                {"productId": "cap", "quantity": 2, "amount": 7_000},
            ],
            "metadata": {"cartId": "c1", "rate": Decimal("0.1")},
        },
        "customer": {"orderCount": 3, "referred": False},
    }


def test_absent_parts_have_no_key() -> None:
    assert document(happened("review.created", at=0), CustomerDetails()) == {
        "name": "review.created",
        "customerId": "ann",
        "occurredAt": "1970-01-01T00:00:00Z",
        "customer": {"orderCount": 0, "referred": False},
    }
    assert document(paid(500, order=Order(500, None)), CustomerDetails())["order"] == {"amount": 500}


def test_the_document_has_what_the_profile_says_about_the_customer() -> None:
    customer = Customer(
        customer_id="ann",
        orders=2,
        profile=Profile(
            imported_orders=3, segments=frozenset({"vip", "gold"}), birthday="02-29", metadata='{"rate":0.1}'
        ),
        referred_by="bob",
        created_at=86_400,
    )
    assert document(happened("review.created"), customer.details)["customer"] == {
        "orderCount": 5,
        "segments": ["gold", "vip"],
        "metadata": {"rate": Decimal("0.1")},
        "referred": True,
        "referredBy": "bob",
        "birthday": "02-29",
        "createdAt": "1970-01-02T00:00:00Z",
    }


def test_a_path_leads_to_a_value_or_to_none() -> None:
    read = document(happened("walked", steps={"today": 0}, off=None), CustomerDetails())
    assert value_at(read, "properties.steps.today") == 0
    assert value_at(read, "customer.orderCount") == 0
    assert value_at(read, "properties.steps.yesterday") is None
    assert value_at(read, "properties.off") is None
    assert value_at(read, "name.first") is None
    assert value_at(read, "order.amount") is None
