"""Signing in to the console, and its first page: in words, on every screen, within the budget of bytes."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import PHONE, Browse, Browsing, require_accessible_everywhere, take_screenshot
from tests.support.live import Live

pytestmark = pytest.mark.browser

FIRST_VISIT_BYTES_MAX, FIRST_VISIT_REQUESTS_MAX = 400_000, 12
LATER_VISIT_BYTES_MAX = 15_000


def require_wallets(page: Page) -> None:
    expect(page.get_by_role("heading", name="Wallets", level=1)).to_be_visible()
    expect(page.get_by_role("grid", name="Wallets")).to_be_visible()


def test_the_page_without_a_key_asks_for_one(browse: Browse) -> None:
    page = browse(PHONE).open(scopes=None)
    expect(page.get_by_label("API key")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    take_screenshot(page, "sign-in")
    require_accessible_everywhere(page, "sign-in")


def test_an_unknown_key_is_refused_in_words_and_a_right_key_opens_the_wallets(browsing: Browsing, live: Live) -> None:
    browsing.faults.expected.append("status of 403")
    page = browsing.open(scopes=None)
    page.get_by_label("API key").fill("lw_unknown")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("This key is not valid")).to_be_visible()

    page.get_by_label("API key").fill(live.key)
    page.get_by_role("button", name="Sign in").click()
    require_wallets(page)
    expect(page).to_have_url(re.compile("#/wallets$"))


def test_the_key_of_a_link_is_in_no_address_and_in_no_other_tab(browsing: Browsing, live: Live) -> None:
    requested: list[str] = []
    browsing.context.on("request", lambda request: requested.append(request.url))
    page = browsing.open()
    require_wallets(page)
    assert not [url for url in (page.url, *requested) if live.key in url]
    page.go_back()
    assert live.key not in page.url

    expect(browsing.open(scopes=None).get_by_label("API key")).to_be_visible()


def test_a_key_that_may_only_read_has_no_button_to_create_a_wallet(browsing: Browsing) -> None:
    for scopes, count in (("wallets:read", 0), ("wallets:read,wallets:write", 1)):
        page = browsing.open("/wallets", scopes=scopes)
        require_wallets(page)
        expect(page.get_by_role("link", name="Create wallet")).to_have_count(count)


def test_a_first_and_a_later_visit_are_within_the_budget(browsing: Browsing) -> None:
    page = browsing.new_tab()
    first = browsing.traffic(page)
    page.goto(f"{browsing.url}#key={browsing.live.key}")
    require_wallets(page)
    page.wait_for_load_state("networkidle")
    assert first.file_bytes <= FIRST_VISIT_BYTES_MAX, first.report()
    # A project with more than a hundred wallets reads more pages of them.
    once = [url for url, _ in first.requests if "cursor=" not in url]
    assert len(once) <= FIRST_VISIT_REQUESTS_MAX, first.report()

    later = browsing.traffic(page)
    page.reload()
    require_wallets(page)
    page.wait_for_load_state("networkidle")
    assert later.file_bytes <= LATER_VISIT_BYTES_MAX, later.report()
