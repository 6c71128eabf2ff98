"""/v1/keys and the roles of the project: no key and no role gets more rights than the caller has."""

from typing import Any

import pytest

from loyalty.domain.access import BUILT_IN_ROLES, SCOPES
from scripts.key import main as make_key
from tests.integration.invoking import invoke
from tests.integration.racing import before_next
from tests.support.stack import Answer, Stack

BERLIN = {"timeZone": "Europe/Berlin", "currency": "EUR"}


def create(stack: Stack, *, key: str | None = None, **body: Any) -> Answer:
    return stack.http("POST", "/v1/keys", {"name": "Desk", **body}, key=key)


def listed(stack: Stack) -> list[Any]:
    return list(stack.http("GET", "/v1/keys").body["data"])


def put_roles(stack: Stack, version: int, *roles: Any) -> Answer:
    return stack.http("PUT", "/v1/project", {**BERLIN, "roles": roles}, headers={"If-Match": f'"{version}"'})


def authorize(key: str, route: str = "GET /v1/session") -> Any:
    return invoke("authorize", {"routeKey": route, "headers": {"x-api-key": key}})


def test_a_key_is_shown_once_and_works_until_it_is_revoked(stack: Stack) -> None:
    created = create(stack, role="viewer")
    assert created.status == 201
    key = created.body.pop("key")
    body = created.body
    del body["key"]
    viewer = BUILT_IN_ROLES["viewer"]
    assert (body["name"], body["role"], body["createdBy"]) == ("Desk", "viewer", "key_test")
    assert (body["scopes"], body["lastUsedDay"], body["revokedAt"]) == (sorted(viewer.scopes), None, None)
    assert listed(stack) == [body]

    assert authorize(key)["context"]["keyId"] == body["keyId"]
    (used,) = listed(stack)
    assert used == {**body, "lastUsedDay": used["createdAt"][:10]}

    for _ in range(2):
        assert stack.http("DELETE", f"/v1/keys/{body['keyId']}").status == 204
    assert not authorize(key)["isAuthorized"]
    assert listed(stack)[0]["revokedAt"]
    assert stack.http("DELETE", "/v1/keys/key_unknown").code == "api_key_not_found"


def test_a_repetition_answers_the_same_key_without_its_text_and_creates_none(stack: Stack) -> None:
    first = create(stack, key="desk-0001", scopes=["points:read"])
    again = create(stack, key="desk-0001", scopes=["points:read"])
    assert (again.status, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert again.body == {**first.body, "key": None}
    other = create(stack, key="desk-0001", scopes=["points:credit"])
    assert (other.status, other.code) == (422, "key_reused")
    assert len(listed(stack)) == 1


def test_two_requests_at_once_with_one_idempotency_key_create_one_key(stack: Stack) -> None:
    rivals: list[Answer] = []
    with before_next("TransactWriteItems", lambda: rivals.append(create(stack, key="desk-0001", role="admin"))):
        answer = create(stack, key="desk-0001", role="admin")
    assert answer.body == {**rivals[0].body, "key": None}
    assert len(listed(stack)) == 1


def test_keys_are_listed_page_by_page(stack: Stack) -> None:
    created = sorted(create(stack, role="viewer").body["keyId"] for _ in range(3))
    first = stack.http("GET", "/v1/keys", query={"limit": 2}).body
    rest = stack.http("GET", "/v1/keys", query={"limit": 2, "cursor": first["nextCursor"]}).body
    assert [key["keyId"] for key in (*first["data"], *rest["data"])] == created
    assert rest["nextCursor"] is None


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"scopes": ["points:steal"]}, "body.scopes[0]", "unknown_scope"),
        ({"role": "thief"}, "body.role", "unknown_role"),
        ({}, "body.role", "one_of"),
        ({"role": "viewer", "scopes": ["points:read"]}, "body.role", "one_of"),
    ],
)
def test_a_key_has_one_known_role_or_known_scopes(stack: Stack, body: Any, field: str, code: str) -> None:
    answer = create(stack, **body)
    assert (answer.status, answer.fields()) == (400, {field: code})
    assert stack.items() == []


def test_a_command_with_an_unknown_scope_names_the_scopes_in_order(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make_key(["create", "--name", "Desk", "--scopes", "points:steal"]) == 1
    assert f"The scopes are {', '.join(sorted(SCOPES))}." in capsys.readouterr().err
    assert stack.items() == []


@pytest.mark.parametrize(
    ("body", "adjustment_max", "status"),
    [
        ({"scopes": ["cards:read", "keys:admin"]}, None, 201),
        ({"scopes": ["points:credit"]}, None, 403),
        ({"scopes": ["*"]}, None, 403),
        ({"role": "viewer"}, None, 403),
        ({"scopes": ["cards:read"]}, 500, 201),
        ({"scopes": ["points:adjust"]}, None, 201),
        ({"scopes": ["points:adjust"]}, 500, 403),
        ({"role": "cashier"}, 500, 201),
        ({"role": "cashier"}, 499, 403),
    ],
)
def test_a_key_may_not_do_more_than_its_creator(
    stack: Stack, body: Any, adjustment_max: int | None, status: int
) -> None:
    put_roles(stack, 0, {"role": "cashier", "scopes": ["points:adjust"], "adjustmentMax": 500})
    stack.scopes, stack.adjustment_max = "keys:admin cards:read points:adjust", adjustment_max
    answer = create(stack, **body)
    assert answer.status == status
    if status == 403:
        assert (answer.code, list(answer.fields())) == ("rights_exceeded", [f"body.{next(iter(body))}"])
        assert len(stack.items()) == 1


def test_roles_are_added_and_replaced_and_an_unchanged_built_in_role_is_not_stored(stack: Stack) -> None:
    cashier = {"role": "cashier", "scopes": ["cards:read", "points:credit"], "adjustmentMax": 500}
    agent = {"role": "agent", "scopes": ["*"], "adjustmentMax": 0}
    roles = {role["role"]: role for role in put_roles(stack, 0, cashier, agent).body["roles"]}
    assert (roles["cashier"], roles["agent"]) == (cashier, agent)
    assert list(roles) == [*BUILT_IN_ROLES, "cashier"]
    # All roles of an answer can be sent back.
    assert put_roles(stack, 1, *roles.values()).body["roles"] == list(roles.values())
    (item,) = stack.items()
    assert "marketer" not in item["ro"]["S"]
    assert [role["role"] for role in put_roles(stack, 2).body["roles"]] == [*BUILT_IN_ROLES]


def test_a_role_is_named_once_and_a_project_has_a_bounded_number_of_roles(stack: Stack) -> None:
    role = {"role": "cashier", "scopes": ["cards:read"]}
    assert put_roles(stack, 0, role, role).fields() == {"body.roles": "repeated"}
    many = [{**role, "role": f"r{number}"} for number in range(17)]
    assert put_roles(stack, 0, *many).fields() == {"body.roles": "too_many_roles"}
    assert put_roles(stack, 0, {**role, "scopes": ["cards:steal"]}).fields() == {
        "body.roles[0].scopes[0]": "unknown_scope"
    }


def test_a_caller_may_not_give_a_role_rights_that_the_caller_lacks(stack: Stack) -> None:
    put_roles(stack, 0, {"role": "agent", "scopes": ["cards:read"]}, {"role": "boss", "scopes": ["*"]})
    stack.scopes = "project:admin cards:read wallets:read"
    boss = {"role": "boss", "scopes": ["*"]}
    agent = {"role": "agent", "scopes": ["cards:read"]}
    refused = [
        put_roles(stack, 1, boss, agent, {"role": "clerk", "scopes": ["points:credit"]}),
        put_roles(stack, 1, boss, {**agent, "scopes": ["project:admin", "points:read"]}),
        # The built-in role would apply again, and has more rights.
        put_roles(stack, 1, boss),
    ]
    assert {(answer.status, answer.code) for answer in refused} == {(403, "rights_exceeded")}
    # A role that stays as it is may have any rights, and a role may be removed.
    assert put_roles(stack, 1, boss, agent, {"role": "clerk", "scopes": ["cards:read"]}).status == 200
    assert put_roles(stack, 2, agent).status == 200
