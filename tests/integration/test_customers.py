"""Customers: a profile that is replaced whole, segments, contacts, and conditions of campaigns on them."""

import hashlib
from typing import Any

import pytest
import time_machine

from tests.integration.campaigning import campaign, paid, points, reasons
from tests.integration.customers import get, put, saved
from tests.integration.metering import metered
from tests.integration.racing import before_next, unanswered
from tests.support.stack import Answer, Stack

PROFILE: dict[str, Any] = {
    "segments": ["vip", "gold"],
    "birthday": "1990-07-31",
    "metadata": {"shoeSize": 42},
    "timeZone": "Europe/Berlin",
    "locale": "de-DE",
    "importedOrderCount": 3,
    "unsubscribed": ["SMS"],
}
FIXED = {"walletId": "points", "type": "FIXED", "points": 10}


def segments(stack: Stack, customer: str = "ann", **change: Any) -> Answer:
    return stack.http("POST", f"/v1/customers/{customer}/segments", change)


INVALID: list[tuple[dict[str, Any], str]] = [
    ({"segments": [""]}, "body.segments[0]"),
    ({"segments": ["s" * 65]}, "body.segments[0]"),
    ({"segments": ["a\n"]}, "body.segments[0]"),
    ({"segments": [str(number) for number in range(51)]}, "body.segments"),
    ({"birthday": "02-30"}, "body.birthday"),
    ({"birthday": "2027-02-29"}, "body.birthday"),
    ({"birthday": "1899-12-31"}, "body.birthday"),
    ({"birthday": "7-31"}, "body.birthday"),
    ({"birthday": "31.07.1990"}, "body.birthday"),
    ({"metadata": {"x": "x" * 2_050}}, "body.metadata"),
    ({"timeZone": "Europe/Nowhere"}, "body.timeZone"),
    ({"locale": "german"}, "body.locale"),
    ({"importedOrderCount": -1}, "body.importedOrderCount"),
    ({"importedOrderCount": 1_000_001}, "body.importedOrderCount"),
    ({"signals": ["a", "b", "c", "d", "e", "f"]}, "body.signals"),
    ({"signals": ["s" * 129]}, "body.signals[0]"),
    ({"unsubscribed": ["FAX"]}, "body.unsubscribed[0]"),
    ({"contacts": {"email": "ann"}}, "body.contacts.email"),
    ({"contacts": {"phone": "030123456"}}, "body.contacts.phone"),
    ({"contacts": {"fax": "1"}}, "body.contacts.fax"),
    ({"referredBy": "no"}, "body.referredBy"),
]


def item(stack: Stack, sort_key: str, partition: str) -> Any:
    key = {"pk": {"S": partition}, "sk": {"S": sort_key}}
    return stack.dynamodb.get_item(TableName="loyalty", Key=key).get("Item")


def stored(stack: Stack, sort_key: str = "CUSTOMER", customer: str = "ann") -> Any:
    return item(stack, sort_key, f"CUSTOMER#{customer}")


def on(event: str, name: str = "Reacting", **more: Any) -> dict[str, Any]:
    """The settings of a campaign of 10 points for the event, once for each value of its segment."""
    own: dict[str, Any] = {"name": name, "trigger": {"type": "EVENT", "event": event}, "rewards": [FIXED], **more}
    if event == "loyalty.segment.entered":
        own.setdefault("limits", {"perCustomer": {"oncePer": "properties.segment"}})
    return own


def test_a_profile_is_created_read_and_replaced_whole(clock: time_machine.Traveller, stack: Stack) -> None:
    created = put(stack, **PROFILE)
    assert (created.status, created.headers["ETag"]) == (201, '"1"')
    assert created.headers["Location"] == "/v1/customers/ann"
    expected = {
        **PROFILE,
        "customerId": "ann",
        "segments": ["gold", "vip"],
        "orderCount": 3,
        "referralCode": None,
        "referredBy": None,
        "referredAt": None,
        "version": 1,
        "createdAt": "2027-03-01T12:00:00Z",
    }
    assert get(stack) == expected
    assert created.body == {**expected, "awards": [], "skipped": []}

    replaced = put(stack, locale="en")
    assert (replaced.status, replaced.headers["ETag"]) == (200, '"2"')
    nothing: dict[str, Any] = {"segments": [], "birthday": None, "metadata": None, "timeZone": None, "unsubscribed": []}
    without_orders = {"importedOrderCount": 0, "orderCount": 0}
    assert get(stack) == {**expected, **nothing, **without_orders, "locale": "en", "version": 2}


def test_a_profile_that_changes_nothing_writes_nothing(stack: Stack) -> None:
    contacts = {"email": "ann@example.com"}
    saved(stack, **PROFILE, contacts=contacts)
    before = stack.items()
    assert saved(stack, **PROFILE, contacts=contacts)["version"] == 1
    assert stack.items() == before


def test_a_profile_that_another_change_preceded_is_refused_with_if_match_alone(stack: Stack) -> None:
    assert put(stack, version=0).status == 201
    saved(stack, locale="de")
    refused = put(stack, version=1, locale="en")
    assert (refused.status, refused.code) == (412, "precondition_failed")
    assert put(stack, version=2, locale="en").status == 200


def test_an_unknown_customer_is_not_found_and_a_customer_with_orders_is_known(stack: Stack) -> None:
    for answer in (
        stack.http("GET", "/v1/customers/ann"),
        segments(stack, add=["vip"]),
        stack.http("POST", "/v1/customers/ann/referral-code", {}),
    ):
        assert (answer.status, answer.code) == (404, "customer_not_found")
    assert stack.items() == []
    paid(stack, 100, "1")
    assert (get(stack)["orderCount"], get(stack)["createdAt"]) == (1, None)
    assert put(stack, locale="de").status == 201
    assert (get(stack)["orderCount"], get(stack)["locale"]) == (1, "de")


def test_neither_an_order_nor_a_profile_overwrites_the_other(stack: Stack) -> None:
    saved(stack, **PROFILE)
    paid(stack, 100, "1")
    with before_next("TransactWriteItems", lambda: paid(stack, 100, "2")):
        saved(stack, segments=["new"])
    with before_next("TransactWriteItems", lambda: saved(stack, segments=["newer"], importedOrderCount=5)):
        paid(stack, 100, "3")
    assert (get(stack)["orderCount"], get(stack)["segments"]) == (8, ["newer"])


def test_a_concurrent_profile_is_not_lost(stack: Stack) -> None:
    saved(stack)
    with before_next("TransactWriteItems", lambda: segments(stack, add=["a"])):
        assert segments(stack, add=["b"]).body["segments"] == ["a", "b"]


def test_segments_are_added_and_removed(stack: Stack) -> None:
    saved(stack, segments=["a", "b"], locale="de")
    changed = segments(stack, add=["c", "a"], remove=["b", "x"])
    assert (changed.body["segments"], changed.body["locale"], changed.headers["ETag"]) == (["a", "c"], "de", '"2"')
    many = [f"s{number}" for number in range(49)]
    refused = segments(stack, add=many)
    assert (refused.status, refused.fields()) == (400, {"body.add": "too_many_segments"})
    assert len(segments(stack, add=many, remove=["a"]).body["segments"]) == 50


def test_contacts_stay_if_they_are_left_out_and_null_removes_them(stack: Stack) -> None:
    saved(stack)
    assert stored(stack, "CONTACT") is None
    saved(stack, contacts={"email": "ann@example.com", "phone": "+4930123456"})
    saved(stack, locale="de")
    saved(stack, contacts={"phone": None})
    contact = stored(stack, "CONTACT")
    assert (contact["em"]["S"], "ph" in contact) == ("ann@example.com", False)
    assert "ann@example.com" not in stack.http("GET", "/v1/customers/ann").text
    saved(stack, contacts=None)
    assert set(stored(stack, "CONTACT")) == {"pk", "sk", "s"}


def test_signals_are_stored_as_salted_hashes(stack: Stack) -> None:
    saved(stack, signals=["device-1", "device-2"])
    saved(stack, "bob", signals=["device-1"])
    ann, bob = (set(map(bytes, stored(stack, customer=one)["si"]["BS"])) for one in ("ann", "bob"))
    assert (len(ann), len(ann & bob), {len(signal) for signal in ann}) == (2, 1, {16})
    salt = bytes(item(stack, "SALT", "SALT")["b"]["B"])
    assert bob == {hashlib.sha256(salt + b"device-1").digest()[:16]}
    assert "device-1" not in repr(stack.items())


@pytest.mark.parametrize(("birthday", "day"), [("02-29", "0229"), ("1990-12-01", "1201")])
def test_a_birthday_is_an_entry_of_the_due_index(stack: Stack, birthday: str, day: str) -> None:
    saved(stack, birthday=birthday)
    entry = stored(stack)
    assert (entry["dp"]["S"][:-1], entry["dp"]["S"][-1] in "0123", entry["ds"]["N"]) == (f"B{day}#", True, "0")
    saved(stack, birthday="03-05")
    assert stored(stack)["dp"]["S"].startswith("B0305#")
    saved(stack)
    assert {"bd", "dp", "ds"}.isdisjoint(stored(stack))


def test_a_profile_that_is_not_valid_is_refused_with_the_field(stack: Stack) -> None:
    for profile, field in INVALID:
        answer = put(stack, **profile)
        assert (answer.status, list(answer.fields())) == (400, [field])
    assert stack.items() == []


def test_conditions_of_any_event_read_the_customer(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.http("PUT", "/v1/event-definitions/app.opened", {"properties": []})
    conditions: dict[str, Any] = {
        "of segment": {"segments": ["vip"]},
        "of metadata": {"metadata": {"shoeSize": [{"numeric": [">", 40]}]}},
        "of birthday": {"birthday": [{"suffix": "-31"}]},
        "of time": {"createdAt": [{"prefix": "2027-03-01"}]},
        "of imported orders": {"orderCount": [3]},
        "not referred": {"referred": [False]},
    }
    ids = {
        campaign(stack, wallet, **on("app.opened", name, conditions={"customer": condition})): name
        for name, condition in conditions.items()
    }

    def opened(customer: str) -> Answer:
        return stack.http("POST", "/v1/events", {"name": "app.opened", "customerId": customer, "eventId": "1"})

    unknown = opened("bob")
    assert ({ids[award["campaignId"]] for award in unknown.body["awards"]}) == {"not referred"}
    saved(stack, **PROFILE)
    assert points(opened("ann")) == [10] * len(conditions)


def test_a_new_customer_gets_a_welcome_bonus_once(stack: Stack) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet, **on("loyalty.customer.created"))
    assert [award["points"] for award in saved(stack)["awards"]] == [10]
    assert saved(stack, locale="de")["awards"] == []
    receipt = stack.http("GET", "/v1/customers/ann/events/loyalty.customer.created", query={"eventId": "1"})
    assert points(receipt) == [10]
    assert "ev" not in stored(stack)


def test_a_segment_gives_points_when_the_customer_enters_it(stack: Stack) -> None:
    wallet = stack.wallet()
    vip = {"properties": {"segment": ["vip"]}, "customer": {"segments": ["member"]}}
    entered = campaign(stack, wallet, **on("loyalty.segment.entered", conditions=vip))
    first = saved(stack, segments=["member", "vip", "other"])
    assert ([award["points"] for award in first["awards"]], len(first["skipped"])) == ([10], 1)
    segments(stack, remove=["vip"])
    again = segments(stack, add=["vip"])
    assert (points(again), reasons(again)) == ([], {entered: "once_per"})
    assert stack.card(wallet)["balance"]["active"] == 10


@pytest.mark.parametrize("place", [2, 3, 4])
def test_a_repeated_change_gives_the_points_that_the_first_one_could_not(stack: Stack, place: int) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet, **on("loyalty.customer.created", "Welcome"))
    campaign(stack, wallet, **on("loyalty.segment.entered", "Entered"))
    # The transactions are the profile, the awards of each event, and the end of the events.
    with unanswered("TransactWriteItems", place):
        assert put(stack, segments=["vip"]).status == 503

    again = put(stack, segments=["vip"])

    assert (again.status, points(again)) == (200, [10, 10])
    assert stack.card(wallet)["balance"]["active"] == 20
    assert points(put(stack, segments=["vip"])) == []


def test_a_campaign_on_a_segment_needs_a_limit_per_customer(stack: Stack) -> None:
    settings = {**on("loyalty.segment.entered"), "rewards": [{**FIXED, "walletId": stack.wallet()}], "limits": None}
    answer = stack.http("POST", "/v1/campaigns/validate", settings)
    assert [(one["field"], one["code"]) for one in answer.body["actionRequired"]] == [
        ("limits.perCustomer", "limit_required")
    ]


@pytest.mark.parametrize(
    ("route", "name"),
    [("/v1/events", "loyalty.customer.created"), ("/v1/events", "loyalty.a"), ("/v1/events/examine", "loyalty.a")],
)
def test_callers_cannot_send_events_of_the_product(stack: Stack, route: str, name: str) -> None:
    answer = stack.http("POST", route, {"name": name, "customerId": "ann", "eventId": "1"})
    assert (answer.status, answer.fields()) == (400, {"body.name": "reserved_name"})


def test_callers_cannot_define_events_of_the_product(stack: Stack) -> None:
    answer = stack.http("PUT", "/v1/event-definitions/loyalty.customer.created", {})
    assert (answer.status, answer.fields()) == (400, {"path.name": "reserved_name"})


def test_what_a_change_of_a_customer_costs(stack: Stack) -> None:
    def cost(customer: str = "ann", **profile: Any) -> tuple[list[str], int]:
        with metered(stack) as meter:
            saved(stack, customer, **profile)
        return meter.requests, meter.units

    saved(stack, "bob")
    stack.http("POST", "/v1/customers/bob/referral-code", {"code": "BOB-2027"})
    write = ["BatchGetItem", "TransactWriteItems"]
    assert cost(segments=["a"]) == (write, 2)
    assert cost(segments=["b"]) == (write, 2)
    assert cost(segments=["b"]) == (["BatchGetItem"], 0)
    assert cost(birthday="07-31") == (write, 3)
    assert cost(birthday="08-31") == (write, 4)
    assert cost(birthday="08-31", contacts={"email": "a@example.com"}) == (write, 4)
    read_code = ["BatchGetItem", "GetItem"]
    assert cost("cid", referredBy="BOB-2027") == ([*read_code, "TransactWriteItems"], 2)
    with metered(stack) as meter:
        stack.http("POST", "/v1/customers/ann/referral-code", {})
    assert (meter.requests, meter.units) == (write, 4)
    # The referrer of a customer with a code must not have been referred by this customer.
    assert cost(birthday="08-31", referredBy="BOB-2027") == ([*read_code, *write], 4)


def test_a_change_that_a_campaign_reacts_to_costs_the_award_and_the_end_of_the_event(stack: Stack) -> None:
    wallet = stack.wallet()
    campaign(stack, wallet, **on("loyalty.customer.created"))
    stack.credit(wallet, 1)
    saved(stack, "bob")
    with metered(stack) as meter:
        saved(stack)
    # Profile 2, receipt 2, card 2, award 3, and 2 for the end of the event.
    assert meter.requests == ["BatchGetItem", "TransactWriteItems"] * 2 + ["TransactWriteItems"]
    assert meter.units == 11
