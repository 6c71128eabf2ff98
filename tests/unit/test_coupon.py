"""Coupons: codes that can be made again, and what keeps a code from being redeemed."""

import pytest

from loyalty.domain.earning.coupon import Coupon, CouponReason, made_codes, possible_codes
from loyalty.domain.earning.event import redemption_key
from loyalty.domain.wallets.codes import Code

SEED, REQUEST = b"seed" * 8, b"request"
FORM = Code(charset="UNAMBIGUOUS", length=8)


def test_a_request_makes_the_same_codes_again() -> None:
    codes = made_codes(FORM, SEED, REQUEST, 200, ())
    assert made_codes(FORM, SEED, REQUEST, 200, ()) == codes
    assert len(set(codes)) == 200
    assert {len(code) for code in codes} == {8}
    assert set("".join(codes)) <= set(FORM.alphabet)


@pytest.mark.parametrize(("seed", "request_id"), [(b"other" * 8, REQUEST), (SEED, b"other")])
def test_another_campaign_or_request_makes_other_codes(seed: bytes, request_id: bytes) -> None:
    assert not set(made_codes(FORM, SEED, REQUEST, 50, ())) & set(made_codes(FORM, seed, request_id, 50, ()))


def test_a_code_that_is_taken_is_replaced_and_the_others_stay() -> None:
    codes = made_codes(FORM, SEED, REQUEST, 5, ())
    again = made_codes(FORM, SEED, REQUEST, 5, {codes[2]})
    assert codes[2] not in again
    assert [one == other for one, other in zip(codes, again, strict=True)] == [True, True, False, True, True]


def test_all_possible_codes_can_be_made() -> None:
    assert sorted(made_codes(Code(charset="01", length=4), SEED, REQUEST, 16, ())) == [f"{n:04b}" for n in range(16)]


def test_codes_have_the_form_in_upper_case() -> None:
    form = Code(charset="abcABC", pattern="##-x-##", prefix="spring-", postfix=".27")
    assert possible_codes(form) == 3**4
    for code in made_codes(form, SEED, REQUEST, 20, ()):
        assert code.startswith("SPRING-")
        assert code.endswith(".27")
        assert set(code.removeprefix("SPRING-").removesuffix(".27").replace("-X-", "")) <= set("ABC")


@pytest.mark.parametrize(
    ("change", "customer", "reason"),
    [
        ({}, "ann", None),
        ({"max_uses": 2, "uses": 1}, "ann", None),
        ({"max_uses": 2, "uses": 2}, "ann", CouponReason.USED_UP),
        ({"expires_at": 101}, "ann", None),
        ({"expires_at": 100}, "ann", CouponReason.EXPIRED),
        ({"customer_id": "ann"}, "ann", None),
        ({"customer_id": "ann"}, "bob", CouponReason.OTHER_CUSTOMER),
        ({"customer_id": "ann"}, None, None),
        ({"revoked": True, "expires_at": 100, "customer_id": "ann"}, "bob", CouponReason.REVOKED),
    ],
)
def test_a_code_is_refused_by_its_own_limits(change: dict[str, int], customer: str, reason: str | None) -> None:
    fields: dict[str, object] = {"code": "SAVE10", "campaign_id": "cmp_1", "created_at": 1, **change}
    assert Coupon(**fields).refusal(customer, 100) == reason  # type: ignore[arg-type]  # rows of the table


def test_redemptions_differ_by_key_or_by_code_and_order() -> None:
    keys = [
        redemption_key("SAVE10=1", "SAVE10", None),
        redemption_key("another", "SAVE10", None),
        redemption_key("another", "SAVE10", "1"),
        redemption_key("another", "SAVE10", "2"),
        redemption_key("another", "SAVE11", "1"),
    ]
    assert len(set(keys)) == 5
    assert redemption_key("first-key", "SAVE10", "1") == redemption_key("another", "SAVE10", "1")
