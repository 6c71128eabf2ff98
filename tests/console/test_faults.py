"""Faults lead somewhere sensible: nothing typed is lost, nothing is done twice, and the page says what to do."""

import json
import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.console.conftest import Browsing
from tests.support.live import Live

pytestmark = pytest.mark.browser

REFUSED = "Failed to load resource"
"""What the browser's console says about an answer of 400 or more, and about a request without an answer."""


class Answers:
    """Answers the first requests of one kind in place of the API, and remembers all of them."""

    def __init__(self, page: Page, path: str, *statuses: int, method: str = "GET") -> None:
        self.statuses, self.method = list(statuses), method
        self.seen: list[Request] = []
        page.route(re.compile(path), self._answer)

    @property
    def keys(self) -> list[str | None]:
        return [request.headers.get("idempotency-key") for request in self.seen]

    def _answer(self, route: Route) -> None:
        if route.request.method != self.method or _is_dry_run(route.request):
            route.fallback()
            return
        self.seen.append(route.request)
        if not self.statuses:
            route.fallback()
            return
        status = self.statuses.pop(0)
        body = {"type": "urn:loyalty:problem:internal_error", "title": "An error occurred", "status": status}
        details = {"detail": "The request failed.", "code": "internal_error", "requestId": "r-1"}
        busy = status in (429, 503)
        route.fulfill(
            status=status,
            headers={"Retry-After": "0"} if busy else {},
            content_type="application/json",
            body=json.dumps({"message": "Service Unavailable"} if busy else {**body, **details}),
        )


def _is_dry_run(request: Request) -> bool:
    return '"dryRun":true' in (request.post_data or "")


@pytest.fixture
def card(live: Live) -> tuple[str, str]:
    """A wallet with one card: the wallet's id and the customer's."""
    wallet, customer = live.wallet(expiration={"type": "NO_EXPIRATION"}), f"c-{uuid4().hex[:8]}"
    live.credit(wallet, customer, 500)
    return wallet, customer


def open_card(browsing: Browsing, card: tuple[str, str], key: str | None = None) -> Page:
    page = browsing.open(f"/customers/{card[1]}?wallet={card[0]}", key=key)
    expect(page.get_by_role("table", name="Transactions").get_by_text("Credited")).to_be_visible()
    return page


def review_credit(page: Page, points: int) -> None:
    page.get_by_role("button", name="Credit", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Points").fill(str(points))
    dialog.get_by_label("Description").fill("Apology for a late parcel")
    dialog.get_by_role("button", name="Review").click()


def confirm_credit(page: Page, points: int) -> None:
    page.get_by_role("dialog").get_by_role("button", name=f"Credit {points} points").click()


def require_one_credit(live: Live, card: tuple[str, str], points: int) -> None:
    """Requires that the points were credited once."""
    assert [row["points"] for row in live.rows(*card)].count(points) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_service_is_asked_again_with_the_same_key(
    browsing: Browsing, live: Live, card: tuple[str, str], status: int
) -> None:
    browsing.faults.expected.append(REFUSED)
    page = open_card(browsing, card)
    answers = Answers(page, "/credits$", status, status, method="POST")
    review_credit(page, 30)
    confirm_credit(page, 30)
    expect(page.get_by_text("Credited 30 points")).to_be_visible()
    assert len(answers.seen) == 3
    assert len(set(answers.keys)) == 1
    assert answers.keys[0]
    require_one_credit(live, card, 30)


def test_a_service_that_stays_busy_leaves_a_button_to_try_again(browsing: Browsing) -> None:
    browsing.faults.expected.append(REFUSED)
    page = browsing.open("/customers")
    expect(page.get_by_role("heading", name="Customers with a card")).to_be_visible()
    Answers(page, r"/v1/wallets\?", 503, 503, 503, 503)
    page.reload()
    expect(page.get_by_text("The service is busy. Try again in a minute.")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("The service is busy")).to_have_count(0)
    expect(page.get_by_role("heading", name="Customers with a card")).to_be_visible()


def test_a_movement_that_a_busy_service_never_takes_keeps_its_key_until_it_is_known(
    browsing: Browsing, live: Live, card: tuple[str, str]
) -> None:
    browsing.faults.expected.append(REFUSED)
    page = open_card(browsing, card)
    answers = Answers(page, "/credits$", *[503] * 8, method="POST")
    review_credit(page, 40)
    confirm_credit(page, 40)
    expect(page.get_by_text("No answer: the outcome is unknown")).to_be_visible()
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_text("Credited 40 points")).to_be_visible()
    assert len(set(answers.keys)) == 1
    require_one_credit(live, card, 40)


def test_an_error_of_the_service_shows_the_id_of_the_request_and_a_button_to_try_again(browsing: Browsing) -> None:
    browsing.faults.expected.append(REFUSED)
    page = browsing.open("/customers")
    expect(page.get_by_role("heading", name="Customers with a card")).to_be_visible()
    Answers(page, r"/v1/wallets\?", 500)
    page.reload()
    expect(page.get_by_text("The request failed.")).to_be_visible()
    expect(page.get_by_role("button", name="Copy the request's id")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("The request failed.")).to_have_count(0)


def test_a_wallet_that_was_changed_meanwhile_is_shown_in_both_versions(browsing: Browsing, live: Live) -> None:
    browsing.faults.expected.append("status of 412")
    wallet = live.wallet(expiration={"type": "NO_EXPIRATION"})
    page = browsing.open(f"/wallets/{wallet}/edit?step=general")

    def change_here_and_there(description: str, points_name: str) -> None:
        page.get_by_label("Description").fill(description)
        etag = live.http("GET", f"/wallets/{wallet}").headers["ETag"]
        answer = live.http("PATCH", f"/wallets/{wallet}", {"pointsName": points_name}, headers={"If-Match": etag})
        assert answer.is_success, answer.text
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("The wallet was changed meanwhile")).to_be_visible()
        both = page.get_by_role("table", name="Both versions, setting by setting")
        expect(both.get_by_role("row").filter(has_text=description)).to_be_visible()
        expect(both.get_by_role("row").filter(has_text=points_name)).to_be_visible()

    change_here_and_there("Mine, given up", "stamps")
    page.get_by_role("button", name="Take theirs").click()
    expect(page.get_by_label("Description")).to_have_value("")
    expect(page.get_by_label("Name of the points")).to_have_value("stamps")

    change_here_and_there("Mine, kept", "beans")
    page.get_by_role("button", name="Apply mine again").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("is saved.")).to_be_visible()
    saved = live.http("GET", f"/wallets/{wallet}").json()
    assert (saved["description"], saved["pointsName"]) == ("Mine, kept", "beans")


def test_a_key_that_is_revoked_during_work_is_replaced_over_the_page(
    browsing: Browsing, live: Live, card: tuple[str, str]
) -> None:
    browsing.faults.expected.append("status of 40[13]")
    key_id, key = live.new_key(role="agent")
    _, next_key = live.new_key(role="agent")
    page = open_card(browsing, card, key)
    page.get_by_role("button", name="Credit", exact=True).click()
    page.get_by_role("dialog").get_by_role("textbox", name="Points").fill("50")
    page.get_by_role("dialog").get_by_label("Description").fill("Apology for a late parcel")
    assert live.http("DELETE", f"/keys/{key_id}").is_success
    # The gateway keeps a permission for up to a minute, so the test answers for it.
    refuse_key(page, key)
    page.get_by_role("dialog").get_by_role("button", name="Review").click()

    sign_in = page.get_by_role("dialog", name="Sign in again")
    expect(sign_in).to_be_visible()
    sign_in.get_by_label("API key").fill("lw_unknown")
    sign_in.get_by_role("button", name="Sign in").click()
    expect(sign_in.get_by_text("This key is not valid")).to_be_visible()
    sign_in.get_by_label("API key").fill(next_key)
    sign_in.get_by_role("button", name="Sign in").click()
    expect(sign_in).to_have_count(0)

    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("textbox", name="Points")).to_have_value("50")
    dialog.get_by_role("button", name="Review").click()
    confirm_credit(page, 50)
    expect(page.get_by_text("Credited 50 points")).to_be_visible()
    require_one_credit(live, card, 50)


def refuse_key(page: Page, key: str) -> None:
    """Refuses the key as the gateway does."""

    def answer(route: Route) -> None:
        if route.request.headers.get("x-api-key") == key:
            route.fulfill(status=403, content_type="application/json", body='{"message":"Forbidden"}')
        else:
            route.fallback()

    page.route(re.compile("/v1/"), answer)


def test_an_offline_browser_keeps_the_page_and_changes_nothing_until_it_is_back(
    browsing: Browsing, card: tuple[str, str]
) -> None:
    browsing.faults.expected += [REFUSED, "Failed to fetch dynamically imported module"]
    page = browsing.open("/wallets")
    expect(page.get_by_role("grid", name="Wallets")).to_be_visible()
    page.goto(f"{browsing.url}#/customers/{card[1]}")
    expect(page.get_by_role("table", name="Transactions").get_by_text("Credited")).to_be_visible()
    credit = page.get_by_role("button", name="Credit", exact=True)
    browsing.context.set_offline(True)
    expect(page.get_by_text("You are offline", exact=True)).to_be_visible()
    expect(page.get_by_role("table", name="Transactions").get_by_text("Credited")).to_be_visible()
    expect(credit).to_have_attribute("aria-disabled", "true")

    # The page of wallets was shown before, the page of an import was not.
    page.goto(f"{browsing.url}#/wallets")
    expect(page.get_by_role("grid", name="Wallets")).to_be_visible()
    page.goto(f"{browsing.url}#/wallets/import")
    expect(page.get_by_role("heading", name="This page cannot be shown")).to_be_visible()
    expect(page.get_by_role("button", name="Load again")).to_have_attribute("aria-disabled", "true")

    browsing.context.set_offline(False)
    expect(page.get_by_text("You are offline", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Load again").click()
    expect(page.get_by_role("heading", name="Import a wallet")).to_be_visible()


@pytest.fixture(scope="module")
def page(shared_browsing: Browsing) -> Page:
    """One page that goes from location to location."""
    shared_browsing.faults.expected.append("status of 40[04]")
    return shared_browsing.open()


@pytest.mark.parametrize(
    ("location", "text"),
    [
        ("/nothing", "There is no such page."),
        ("/customers/c-unknown", "This customer has no card in any wallet."),
        ("/wallets/wal_00000000000000000000000000000000", "wallet"),
        ("/wallets/wal_00000000000000000000000000000000/edit", "wallet"),
        ("/transactions/4bml5fXHqw.999", "transaction"),
        ("/transactions/nothing", "transaction"),
        ("/orders/~23unknown", "No customer has points of this order."),
        ("/orders/nothing?customer=c-unknown", "order"),
    ],
)
def test_a_location_of_nothing_says_so(shared_browsing: Browsing, page: Page, location: str, text: str) -> None:
    page.goto(f"{shared_browsing.url}#/wallets/import")
    expect(page.get_by_role("heading", name="Import a wallet")).to_be_visible()
    page.goto(f"{shared_browsing.url}#{location}")
    shown = page.get_by_role("main").get_by_text(text) if "." in text else page.locator("[data-problem]")
    expect(shown.first).to_be_visible()
    expect(page.get_by_role("main").get_by_role("link").first).to_be_visible()
    assert shared_browsing.faults.unexpected() == []
