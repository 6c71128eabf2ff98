"""Referral codes, and the referrer of a customer, who is set once and before the first order."""

import time_machine

from loyalty.store.store import connected_store
from loyalty.usecases.customers import give_referral_code
from tests.integration.campaigning import campaign, paid, points, reasons
from tests.integration.customers import code_of, get, put, saved
from tests.integration.racing import before_next
from tests.support.stack import Answer, Stack


def referral_code(stack: Stack, customer: str, **body: str) -> Answer:
    return stack.http("POST", f"/v1/customers/{customer}/referral-code", body)


def refused(answer: Answer) -> tuple[int, str]:
    assert list(answer.fields()) == ["body.referredBy"]
    return answer.status, answer.code


def test_a_customer_gets_one_code_for_ever(stack: Stack) -> None:
    saved(stack)
    first = referral_code(stack, "ann")
    code = first.body["code"]
    assert (first.status, len(code), set(code) <= set("23456789ABCDEFGHJKMNPQRSTUVWXYZ")) == (201, 8, True)
    for again in (referral_code(stack, "ann"), referral_code(stack, "ann", code="OTHER")):
        assert (again.status, again.body) == (200, {"customerId": "ann", "code": code})
    assert (get(stack)["referralCode"], get(stack)["version"]) == (code, 2)
    saved(stack, locale="de")
    assert get(stack)["referralCode"] == code


def test_a_code_of_the_business_is_the_same_in_upper_and_lower_case(stack: Stack) -> None:
    saved(stack)
    saved(stack, "bob")
    assert referral_code(stack, "ann", code="ann-2027").body["code"] == "ANN-2027"
    taken = referral_code(stack, "bob", code="Ann-2027")
    assert (taken.status, taken.fields()) == (409, {"body.code": "code_taken"})
    assert referral_code(stack, "bob", code="a b").fields() == {"body.code": "wrong_format"}
    assert get(stack, "bob")["referralCode"] is None


def test_a_random_code_that_is_taken_is_replaced_by_another(stack: Stack) -> None:
    saved(stack)
    saved(stack, "bob")
    code_of(stack, "ann", "22222222")
    characters = iter("22222222" + "33333333")
    bob, is_new = give_referral_code(connected_store(), "bob", None, lambda _: next(characters))
    assert (bob.referral_code, is_new) == ("33333333", True)


def test_two_requests_for_a_code_at_once_get_the_same_code(stack: Stack) -> None:
    saved(stack)
    with before_next("TransactWriteItems", lambda: referral_code(stack, "ann", code="FIRST")):
        late = referral_code(stack, "ann")
    assert (late.status, late.body["code"]) == (200, "FIRST")


def test_a_new_customer_is_referred_once(clock: time_machine.Traveller, stack: Stack) -> None:
    for customer in ("ann", "cid"):
        saved(stack, customer)
        code_of(stack, customer, f"CODE-{customer}")
    bob = saved(stack, "bob", referredBy="code-ann")
    assert (bob["referredBy"], bob["referredAt"]) == ("ann", "2027-03-01T12:00:00Z")
    assert saved(stack, "bob", locale="de")["referredBy"] == "ann", "the referrer stays if it is left out"
    paid(stack, 100, "1", customer="bob")
    assert saved(stack, "bob", referredBy="CODE-ANN")["referredBy"] == "ann", "the same referrer changes nothing"
    assert refused(put(stack, "bob", referredBy="CODE-CID")) == (409, "already_referred")


def test_a_referral_that_cannot_be_is_refused(stack: Stack) -> None:
    for customer in ("ann", "bob"):
        saved(stack, customer)
    code = code_of(stack, "ann")
    assert refused(put(stack, referredBy="UNKNOWN")) == (404, "referral_code_not_found")
    assert refused(put(stack, referredBy=code)) == (422, "self_referral")
    saved(stack, "bob", referredBy=code)
    assert refused(put(stack, referredBy=code_of(stack, "bob"))) == (422, "circular_referral")
    paid(stack, 100, "1", customer="cid")
    assert refused(put(stack, "cid", referredBy=code)) == (422, "not_new_customer")
    assert refused(put(stack, "dan", referredBy=code, importedOrderCount=1)) == (422, "not_new_customer")
    assert stack.http("GET", "/v1/customers/dan").status == 404


def test_a_customer_whose_first_order_comes_first_is_not_referred(stack: Stack) -> None:
    saved(stack)
    code = code_of(stack, "ann")
    with before_next("TransactWriteItems", lambda: paid(stack, 100, "1", customer="bob")):
        assert refused(put(stack, "bob", referredBy=code)) == (422, "not_new_customer")


def test_a_first_order_that_comes_second_is_the_order_of_a_referred_customer(stack: Stack) -> None:
    wallet = stack.wallet()
    friend = {"customer": {"orderCount": [0], "referred": [True], "referredBy": ["ann"]}}
    campaign(stack, wallet, conditions=friend)
    saved(stack)
    code = code_of(stack, "ann")
    with before_next("TransactWriteItems", lambda: saved(stack, "bob", referredBy=code)):
        assert points(paid(stack, 10_000, "1", customer="bob")) == [100]


def test_two_customers_cannot_refer_each_other_at_once(stack: Stack) -> None:
    codes = {}
    for customer in ("ann", "bob"):
        saved(stack, customer)
        codes[customer] = code_of(stack, customer)
    with before_next("TransactWriteItems", lambda: saved(stack, "bob", referredBy=codes["ann"])):
        assert refused(put(stack, referredBy=codes["bob"])) == (422, "circular_referral")
    assert (get(stack)["referredBy"], get(stack, "bob")["referredBy"]) == (None, "ann")


def test_both_sides_of_a_referral_get_points_unless_they_share_a_signal(stack: Stack) -> None:
    wallet = stack.wallet()
    reward = {"walletId": "points", "type": "FIXED", "points": 100}
    first = {"customer": {"orderCount": [0], "referred": [True]}}
    referral = campaign(stack, wallet, conditions=first, rewards=[reward, {**reward, "to": "REFERRER"}])
    saved(stack, signals=["device-1"])
    code = code_of(stack, "ann")
    saved(stack, "bob", referredBy=code, signals=["device-2"])
    saved(stack, "cid", referredBy=code, signals=["device-1", "device-3"])

    assert points(paid(stack, 100, "1", customer="bob")) == [100, 100]
    assert reasons(paid(stack, 100, "2", customer="cid")) == {referral: "shared_signal"}
    assert points(paid(stack, 100, "3", customer="bob")) == []
    assert stack.card(wallet)["balance"]["active"] == 100
