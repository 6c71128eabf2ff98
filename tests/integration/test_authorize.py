"""Authorization: keys are found by their hash, a key is identified with its scopes, and the default is to deny."""

import io
import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from loyalty.domain import access
from loyalty.domain.access import ApiKey
from loyalty.errors import InvalidRequest
from loyalty.store.store import connected_store
from loyalty.telemetry import logger
from loyalty.usecases import api_keys
from tests.integration.invoking import invoke
from tests.integration.metering import metered
from tests.integration.racing import unanswered
from tests.support.stack import Stack

NOW = datetime(2027, 3, 1, tzinfo=UTC)
DENIED = {"isAuthorized": False}
UNKNOWN = access.key_of("a" * 43)
"""A key of no entry in the table."""
ADMIN = access.BUILT_IN_ROLES["admin"]


def new_key(*scopes: str) -> tuple[str, ApiKey]:
    new = api_keys.NewKey(name="test", scopes=frozenset(scopes))
    created = api_keys.create(connected_store(), new, ADMIN, NOW)
    assert created.secret
    return created.secret, created.entry


def new_role_key(role: str) -> tuple[str, ApiKey]:
    created = api_keys.create(connected_store(), api_keys.NewKey(name="test", role=role), ADMIN, NOW)
    assert created.secret
    return created.secret, created.entry


def put_roles(stack: Stack, version: int, *roles: Any) -> None:
    body = {"timeZone": "Europe/Berlin", "currency": "EUR", "roles": roles}
    assert stack.http("PUT", "/v1/project", body, headers={"If-Match": f'"{version}"'}).status == 200


def asked(key: str | None, header: str = "x-api-key") -> Any:
    headers = {"accept": "*/*"} | ({} if key is None else {header: key})
    return invoke("authorize", {"version": "2.0", "type": "REQUEST", "routeKey": "GET /v1/wallets", "headers": headers})


def test_a_valid_key_is_identified_with_its_scopes(stack: Stack) -> None:
    key, entry = new_key("wallets:read", "points:credit")
    assert asked(key) == {
        "isAuthorized": True,
        "context": {"keyId": entry.key_id, "name": "test", "scopes": "points:credit wallets:read"},
    }


def test_the_name_of_the_header_has_any_case(stack: Stack) -> None:
    key, _ = new_key(access.ALL)
    assert asked(key, header="X-Api-Key")["isAuthorized"]


def test_an_unknown_key_is_denied_after_one_read(stack: Stack) -> None:
    with metered(stack) as meter:
        assert asked(UNKNOWN) == DENIED
    assert meter.requests == ["GetItem"]


@pytest.mark.parametrize(
    "key",
    [
        None,
        "",
        "lw_unknown",
        "x" * 5_000,
        "ключ",
        "lw_a#b",
        "*",
        UNKNOWN[:-1],
        f"{UNKNOWN}0",
        UNKNOWN.swapcase(),
        UNKNOWN.replace("_", "-"),
        f"{UNKNOWN[:10]}x{UNKNOWN[11:]}",
        f"{UNKNOWN}\n",
        f" {UNKNOWN}",
    ],
)
def test_what_cannot_be_a_key_is_denied_without_a_request_and_without_a_line(
    stack: Stack, key: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", log)
    monkeypatch.setattr(logger._logger, "level", logging.DEBUG)
    with metered(stack) as meter:
        assert asked(key) == DENIED
        assert invoke("authorize", {"routeKey": "GET /v1/wallets", "headers": None}) == DENIED
    assert meter.requests == []
    assert log.getvalue() == ""


def test_neither_the_hash_nor_the_id_of_a_key_is_accepted_as_a_key(stack: Stack) -> None:
    key, entry = new_key(access.ALL)
    for almost in (entry.hash, entry.key_id, key[:-1], key + "x", key.upper(), f" {key}"):
        assert asked(almost) == DENIED


def test_a_revoked_key_is_denied(stack: Stack) -> None:
    key, entry = new_key(access.ALL)
    other, _ = new_key(access.ALL)
    connected_store().api_keys.revoke(entry, 1)
    assert asked(key) == DENIED
    assert asked(other)["isAuthorized"]


def test_the_table_stores_the_hash_of_a_key_and_never_the_key(stack: Stack) -> None:
    key, _ = new_key(access.ALL)
    assert key.removeprefix(access.KEY_PREFIX) not in str(stack.items())


def test_a_key_is_created_for_known_scopes_and_roles_only(stack: Stack) -> None:
    for scopes in (["points:steal"], []):
        with pytest.raises(InvalidRequest, match="scope"):
            new_key(*scopes)
    with pytest.raises(InvalidRequest, match="role"):
        new_role_key("thief")
    assert stack.items() == []


def test_a_key_with_a_role_has_the_rights_of_the_role_at_the_time_of_use(stack: Stack) -> None:
    key, entry = new_role_key("agent")
    agent = access.BUILT_IN_ROLES["agent"]
    assert asked(key)["context"] == {
        "keyId": entry.key_id,
        "name": "test",
        "role": "agent",
        "scopes": " ".join(sorted(agent.scopes)),
        "adjustmentMax": str(agent.adjustment_max),
    }
    put_roles(stack, 0, {"role": "agent", "scopes": ["cards:read"]})
    context = asked(key)["context"]
    assert (context["scopes"], context.get("adjustmentMax")) == ("cards:read", None)


def test_a_key_whose_role_no_longer_exists_has_no_scopes(stack: Stack) -> None:
    put_roles(stack, 0, {"role": "cashier", "scopes": ["cards:read"]})
    key, _ = new_role_key("cashier")
    assert asked(key)["isAuthorized"]
    put_roles(stack, 1)
    assert asked(key)["context"]["scopes"] == ""


def test_the_first_use_on_a_day_is_recorded_with_one_write(stack: Stack, clock: time_machine.Traveller) -> None:
    key, entry = new_key(access.ALL)
    with metered(stack) as meter:
        assert asked(key)["isAuthorized"]
        assert asked(key)["isAuthorized"]
    assert meter.requests == ["GetItem", "UpdateItem", "GetItem"]
    clock.shift(timedelta(days=1))
    asked(key)
    assert connected_store().api_keys.last_used([entry])[entry.key_id] == date(2027, 3, 2)


def test_a_use_that_cannot_be_recorded_does_not_deny_the_request(stack: Stack) -> None:
    key, _ = new_key(access.ALL)
    with unanswered("UpdateItem", 1):
        assert asked(key)["isAuthorized"]
