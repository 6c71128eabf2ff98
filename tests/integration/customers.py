"""Customers for tests."""

from typing import Any

from tests.support.stack import Answer, Stack


def put(stack: Stack, customer: str = "ann", *, version: int | None = None, **profile: Any) -> Answer:
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return stack.http("PUT", f"/v1/customers/{customer}", profile, headers=headers)


def saved(stack: Stack, customer: str = "ann", **profile: Any) -> Any:
    answer = put(stack, customer, **profile)
    assert answer.status in (200, 201), answer.text
    return answer.body


def get(stack: Stack, customer: str = "ann") -> Any:
    answer = stack.http("GET", f"/v1/customers/{customer}")
    assert answer.status == 200, answer.text
    return answer.body


def code_of(stack: Stack, customer: str, code: str | None = None) -> str:
    """Gives a known customer a referral code."""
    answer = stack.http("POST", f"/v1/customers/{customer}/referral-code", {} if code is None else {"code": code})
    assert answer.status == 201, answer.text
    return str(answer.body["code"])
