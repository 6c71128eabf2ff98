"""GET /v1/session: who calls, and what the caller may do."""

from tests.support.stack import Stack


def test_a_session_has_the_key_its_scopes_and_the_calendar_of_the_project(stack: Stack) -> None:
    stack.http("PUT", "/v1/project", {"timeZone": "Asia/Tokyo", "currency": "JPY"}, headers={"If-Match": '"0"'})
    stack.scopes = "points:read cards:read"
    stack.adjustment_max = 5_000
    answer = stack.http("GET", "/v1/session")
    assert answer.status == 200
    assert answer.body == {
        "actor": "key_test",
        "kind": "KEY",
        "name": "test",
        "role": None,
        "scopes": ["cards:read", "points:read"],
        "adjustmentMax": 5_000,
        "expiresAt": None,
        "project": {"timeZone": "Asia/Tokyo", "currency": "JPY"},
        "stack": "loyalty",
    }
