"""Invalid parameters of paths and queries, and ids that do not exist."""

import base64

import pytest

from tests.integration.bad_input.sender import Sender, base64_of, cursor
from tests.support.requests import ROUTES, parameters

BAD_IDS = ("a b", " ", "a#b", "#", "a/b", "a%b", "ä", "💥", "a&b", "{x}", ".", "..", "...")
CONFUSABLE = (
    " ",
    "  ",
    " a",
    "a ",
    "\u00a0a",
    "a\u3000",
    "a\u200b",
    "\ufeffa",
    "a\u3164",
    "a\u2800",
    "a\ufe0f",
    "a\ufffd",
)
"""Order ids of spaces, with spaces around, and with characters that are invisible or replace broken bytes."""
NOT_IN_PATH = ("/", "a/b", "a?b", "?", "100%", "a%b", "a%2Fb", "a%20", "%231001")
UNPRINTABLE = ("a\n", "a\x00b", "x" * 129)
UNKNOWN = {
    "keyId": "key_unknown",
    "walletId": "wal_unknown",
    "campaignId": "cmp_unknown",
    "programId": "prg_unknown",
    "tierStructureId": "trs_unknown",
    "rewardId": "rwd_unknown",
    "redemptionId": "rdm_unknown",
    "customerId": "zoe",
    "code": "unknown",
    "transactionId": f"{'A' * 16}.1",
    "holdId": f"{'A' * 16}.1",
    "name": "unknown",
    "orderId": "unknown",
}
"""Valid ids that do not exist, by parameter."""

BAD_NUMBERS = ("", "x", "1.5", "-1", "0x10", "1e2", "true", "٣", "9" * 30, "9" * 5_000)
BAD_INSTANTS = (
    "",
    "x",
    "1900000000",
    "2027-01-31",
    "2027-01-31T12:00:00",
    "2027-02-30T12:00:00Z",
    "9999-12-31T23:59:59Z",
)
BAD_CURSORS = (
    "",
    "x",
    "!!!",
    "é",
    "A" * 4_097,
    cursor(),
    cursor(None),
    cursor(True),
    cursor(1.5),
    cursor(-1),
    cursor(10**200),
    cursor([]),
    cursor({}),
    cursor("\ud800"),
    cursor("a b"),
    cursor("\x7f"),
    cursor(1, 2, 3),
    base64.urlsafe_b64encode(b"[" * 3_000).decode(),
    base64_of(b"[NaN]"),
    base64.urlsafe_b64encode(b"\xff\xfe").decode(),
)
BAD_QUERIES: dict[str, tuple[str, ...]] = {
    "limit": ("0", "101", *BAD_NUMBERS),
    "days": ("0", "367", *BAD_NUMBERS),
    "cursor": BAD_CURSORS,
    "prefix": ("", "a b", "a#b", "ä", "c" * 129),
    "status": ("", "x", "active"),
    "event": ("", "a b", "a#b", "e" * 65),
    "walletId": ("", "a b", "a#b", "w" * 65),
    "format": ("", "x", "Voucherify"),
    "dryRun": ("", "x", "2"),
    "at": BAD_INSTANTS,
    "from": BAD_INSTANTS,
    "to": BAD_INSTANTS,
    "type": ("", "x", "credit"),
    "source": ("", "x"),
    "operation": ("", "x", "CREDIT"),
    "bucket": ("", "x"),
    "orderId": ("", "o" * 129, "o\x00", *CONFUSABLE),
    "eventId": ("", "with space", "e" * 129, "schlüssel"),
    "campaignId": ("c" * 65,),
    "customerId": ("", "a b", "a#b", ".", "c" * 129),
    "minPoints": BAD_NUMBERS,
    "maxPoints": BAD_NUMBERS,
    "q": ("x" * 257, "a\x00", "a\u202e"),
    "key": ("", "short", "with space", "k" * 65, "schlüssel"),
}
"""Values that no route accepts, by parameter."""
CURSORS_OF_OTHER_LISTS = {
    "GET /v1/keys": (cursor(1),),
    "GET /v1/wallets": (cursor(1),),
    "GET /v1/wallets/{walletId}/versions": (cursor("1"),),
    "GET /v1/campaigns": (cursor(1),),
    "GET /v1/campaigns/{campaignId}/versions": (cursor("1"),),
    "GET /v1/campaigns/{campaignId}/runs": (cursor(1),),
    "GET /v1/campaigns/{campaignId}/codes": (cursor("WELCOME"), cursor(1, "WELCOME")),
    "GET /v1/programs": (cursor(1),),
    "GET /v1/programs/{programId}/recalculations": (cursor(1), cursor(1, 2, 3), cursor("1", "a", "1")),
    "GET /v1/tier-structures": (cursor(1),),
    "GET /v1/rewards": (cursor(1),),
    "GET /v1/rewards/{rewardId}/versions": (cursor("1"),),
    "GET /v1/customers/{customerId}/redemptions": (cursor("1"),),
    "GET /v1/wallets/{walletId}/cards": (cursor(1), cursor("ann", 1), cursor(-(10**9), "ann")),
    "GET /v1/wallets/{walletId}/cards/{customerId}/transactions": (cursor("1"),),
    "GET /v1/customers/{customerId}/transactions": (cursor(1), cursor("a"), cursor("a", "b"), cursor()),
}
TAKE_UNKNOWN_IDS = {
    "GET /v1/orders/{orderId}",
    "GET /v1/customers/{customerId}/cards",
    "GET /v1/customers/{customerId}/entitlements",
    "GET /v1/customers/{customerId}/redemptions",
    "GET /v1/customers/{customerId}/tiers",
    "GET /v1/customers/{customerId}/transactions",
    "POST /v1/customers/{customerId}/quote",
}
IDS = [(route, name) for route in ROUTES for name in parameters(route, "path")]
QUERIES = [(route, name) for route in ROUTES for name in parameters(route, "query")]


def test_the_cases_cover_every_parameter_of_all_routes() -> None:
    assert {name for route in ROUTES for name in parameters(route, "path")} <= UNKNOWN.keys()
    assert {name for route in ROUTES for name in parameters(route, "query")} <= BAD_QUERIES.keys()
    assert {route for route in ROUTES if "cursor" in parameters(route, "query")} == CURSORS_OF_OTHER_LISTS.keys()


@pytest.mark.parametrize(("route", "name"), IDS)
def test_a_refusal_names_an_invalid_id(sender: Sender, route: str, name: str) -> None:
    for bad in (*UNPRINTABLE, *(CONFUSABLE if name == "orderId" else BAD_IDS)):
        sender.refused(route, field=f"path.{name}", code="invalid_request", ids={name: bad})
    if name not in ("customerId", "orderId"):
        sender.refused(route, field=f"path.{name}", ids={name: "x" * 65})


@pytest.mark.parametrize("route", [route for route, name in IDS if name == "orderId"])
def test_an_order_id_that_a_path_cannot_hold_is_refused_with_the_other_route(sender: Sender, route: str) -> None:
    for bad in NOT_IN_PATH:
        answer = sender.refused(route, field="path.orderId", code="not_in_path", ids={"orderId": bad})
        assert "/v1/customers/{customerId}/orders" in answer.body["errors"][0]["message"]


@pytest.mark.parametrize("route", ROUTES)
def test_an_id_of_nothing_is_not_found(sender: Sender, route: str) -> None:
    ids = {name: UNKNOWN[name] for name in parameters(route, "path")}
    if ids and route not in TAKE_UNKNOWN_IDS and not route.startswith("PUT "):
        assert sender.refused(route, ids=ids).status == 404


@pytest.mark.parametrize(("route", "name"), QUERIES)
def test_a_refusal_names_an_invalid_query_parameter(sender: Sender, route: str, name: str) -> None:
    others = CURSORS_OF_OTHER_LISTS[route] if name == "cursor" else ()
    for bad in (*BAD_QUERIES[name], *others):
        sender.refused(route, field=f"query.{name}", query={name: bad})
