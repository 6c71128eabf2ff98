"""The wallets in the console: the list with its actions, a wallet's page, and the import of a definition."""

import json
import re
from collections.abc import Callable
from itertools import count
from uuid import uuid4

import pytest
from playwright.sync_api import Error, Locator, Page, expect

from tests.console.conftest import Browsing
from tests.support.live import Live, eventually

pytestmark = pytest.mark.browser

INCOMPLETE = {"type": "ROLLING_EXPIRATION", "every": 6}
COMPLETE = {"type": "ROLLING_EXPIRATION", "every": 6, "unit": "MONTH"}


def new_name() -> str:
    return f"Club {uuid4().hex[:8]}"


def in_menu(page: Page, name: str, action: str, act: Callable[[Locator, float], None]) -> None:
    """Acts on an item of the wallet's menu. A list that is read again closes its menu, which is then opened again.

    Each try has twice the milliseconds of the one before.
    """
    item = page.get_by_role("menu").get_by_role("menuitem", name=action)
    patience = iter(1_000 * 2**attempt for attempt in count())

    def done() -> bool:
        if not item.is_visible():
            page.get_by_role("button", name=f"Actions for {name}").click()
        try:
            act(item, next(patience))
        except (Error, AssertionError):
            return False
        return True

    eventually(f"the item {action} of the menu", done)


def choose(page: Page, name: str, action: str) -> None:
    in_menu(page, name, action, lambda item, timeout: item.click(timeout=timeout))


def require_disabled(page: Page, name: str, action: str) -> None:
    in_menu(page, name, action, lambda item, timeout: expect(item).to_be_disabled(timeout=timeout))


def test_a_draft_shows_what_it_needs_and_is_activated_and_deactivated_in_the_list(
    browsing: Browsing, live: Live
) -> None:
    name = new_name()
    wallet = live.wallet(name=name, status="DRAFT", expiration=INCOMPLETE)
    page = browsing.open(f"/wallets?q={wallet}")
    expect(page.get_by_text("Draft · 1 action required")).to_be_visible()
    require_disabled(page, name, "Activate")
    choose(page, name, "Go to step Expiration")
    expect(page).to_have_url(re.compile(rf"#/wallets/{wallet}/edit\?step=expiration$"))

    live.http("PATCH", f"/wallets/{wallet}", {"expiration": COMPLETE}, headers={"If-Match": '"1"'})
    page.goto(f"{browsing.url}#/wallets?q={wallet}")
    page.reload()
    expect(page.get_by_text("Draft", exact=True)).to_be_visible()
    choose(page, name, "Activate")
    expect(page.get_by_text(f"{name} is active")).to_be_visible()

    live.credit(wallet, "ann", 70)
    choose(page, name, "Deactivate")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("can no longer earn or spend points")).to_be_visible()
    dialog.get_by_role("button", name="Deactivate").click()
    expect(dialog.get_by_text("No points expire or become active within 30 days.")).to_be_visible()
    dialog.get_by_role("button", name="Close").last.click()
    expect(page.get_by_role("grid").get_by_text("Inactive")).to_be_visible()


def test_a_wallet_that_changed_meanwhile_is_deleted_only_after_the_change_was_shown(
    browsing: Browsing, live: Live
) -> None:
    # The page may still be reading the forecast of version 2 when the wallet is deleted.
    browsing.faults.expected += ["status of 412", "status of 410"]
    name = new_name()
    wallet = live.wallet(name=name, status="DRAFT")
    page = browsing.open(f"/wallets/{wallet}")
    choose(page, name, "Delete")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Delete")).to_be_disabled()
    dialog.get_by_label(f"Type {name} to confirm").fill(name)
    live.http("PATCH", f"/wallets/{wallet}", {"pointsName": "stars"}, headers={"If-Match": '"1"'})

    dialog.get_by_role("button", name="Delete").click()
    expect(dialog.get_by_role("row", name="Name of the points points stars")).to_be_visible()
    dialog.get_by_role("button", name="Delete version 2").click()
    expect(page.get_by_text("The wallet is deleted.")).to_be_visible()


def test_a_copy_has_the_settings_and_a_name_of_its_own(browsing: Browsing, live: Live) -> None:
    browsing.faults.expected.append("status of 409")
    name = new_name()
    page = browsing.open(f"/wallets/{live.wallet(name=name, expiration=COMPLETE)}")
    choose(page, name, "Copy")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name of the copy").fill(name)
    dialog.get_by_role("button", name="Copy").click()
    expect(dialog.get_by_text(f"Another wallet has the name {name}")).to_be_visible()
    dialog.get_by_label("Name of the copy").fill(f"{name} again")
    dialog.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("heading", name=f"{name} again", level=1)).to_be_visible()
    expect(page.get_by_text("Points are usable for 6 months from their activation.")).to_be_visible()


def test_a_wallets_page_has_settings_customers_and_versions(browsing: Browsing, live: Live) -> None:
    wallet = live.wallet(expiration=COMPLETE)
    live.http("PATCH", f"/wallets/{wallet}", {"expiration": {**COMPLETE, "every": 9}}, headers={"If-Match": '"1"'})
    live.credit(wallet, "zoe-1", 70)
    page = browsing.open(f"/wallets/{wallet}")
    expect(page.get_by_text("Points are usable for 9 months from their activation.")).to_be_visible()
    expect(page.get_by_text("100 points are granted.")).to_be_visible()

    page.goto(page.url + "?tab=customers&prefix=zoe")
    expect(page.get_by_role("link", name="zoe-1")).to_be_visible()

    page.goto(page.url.replace("customers&prefix=zoe", "versions"))
    expect(page.get_by_role("row", name="Expiration, Period 6 9")).to_be_visible()


def test_a_definition_of_voucherify_becomes_a_draft_after_a_dry_run(browsing: Browsing, live: Live) -> None:
    name = new_name()
    definition = {"name": name, "points_expiration": {"type": "NO_EXPIRATION"}, "tiers": []}
    page = browsing.open("/wallets/import")
    page.get_by_label("Card definition").fill(json.dumps(definition))
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_role("row", name="tiers A card definition has no such field.")).to_be_visible()
    expect(page.get_by_role("row", name="points_expiration.type Expiration Never")).to_be_visible()
    names = [wallet["name"] for wallet in live.http("GET", "/wallets?status=DRAFT&limit=100").json()["data"]]
    assert name not in names

    page.get_by_role("button", name="Create the draft").click()
    expect(page).to_have_url(re.compile(r"#/wallets/wal_\w+/edit"))
    expect(page.get_by_label("Name", exact=True)).to_have_value(name)


def test_a_reader_of_wallets_is_offered_nothing_that_writes(browsing: Browsing, live: Live) -> None:
    name = new_name()
    wallet = live.wallet(name=name)
    page = browsing.open(f"/wallets/{wallet}", scopes="wallets:read")
    expect(page.get_by_text("Points never expire.", exact=True)).to_be_visible()
    expect(page.get_by_role("tab", name="Customers")).to_have_count(0)
    expect(page.get_by_role("link", name=re.compile("^Edit"))).to_have_count(0)
    items = page.get_by_role("menuitem")
    in_menu(page, name, "Versions", lambda _, timeout: expect(items).to_have_text(["Versions"], timeout=timeout))
