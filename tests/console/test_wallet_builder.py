"""A marketer builds wallets: steps in any order, settings of two steps that contradict each other, and two editors."""

import re
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.conftest import PHONE, Browse, Browsing, reach, require_accessible, take_screenshot
from tests.support.live import Live

pytestmark = pytest.mark.browser

MARKETER = "wallets:read,wallets:write,cards:read,points:read"


def wallet_of(page: Page, live: Live) -> Any:
    """The wallet that the page's location names."""
    found = re.search(r"/wallets/(wal_\w+)", page.url)
    assert found, page.url
    return live.http("GET", f"/wallets/{found[1]}").json()


def step(page: Page, name: str) -> Locator:
    return page.get_by_role("navigation", name="Steps").get_by_role("link", name=name)


def in_steps(page: Page, name: str) -> Locator:
    """The step in the list, with the number of its problems."""
    return page.get_by_role("navigation", name="Steps").get_by_role("listitem").filter(has_text=name)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("button", name=label).click()
    page.get_by_role("option", name=option).click()


def test_a_plain_wallet_takes_a_name_and_two_clicks_also_on_a_phone(browse: Browse, live: Live) -> None:
    name = f"Plain {uuid4()}"
    page = browse(PHONE).open("/wallets", scopes=MARKETER)
    page.get_by_role("link", name="Create wallet").click()
    page.get_by_label("Name", exact=True).fill(name)
    take_screenshot(page, "builder-new")
    button(page, "Save and activate").click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    assert wallet_of(page, live)["status"] == "ACTIVE"


def test_settings_of_two_steps_that_contradict_each_other_are_found_and_corrected(
    browsing: Browsing, live: Live
) -> None:
    name = f"Cafe {uuid4()}"
    page = browsing.open("/wallets/new", scopes=MARKETER)
    page.get_by_label("Name", exact=True).fill(name)
    step(page, "3 Expiration").click()
    page.get_by_label("After a period", exact=True).check()
    expect(in_steps(page, "3 Expiration")).to_contain_text("2 actions required")
    take_screenshot(page, "builder-action-required")
    require_accessible(page)
    page.get_by_label("Period", exact=True).fill("12")
    choose(page, "Unit", "Months")
    expect(page.get_by_text(re.compile("usable until the end of"))).to_be_visible()

    # The problem is about the length of the code, which a pattern hides.
    step(page, "2 Code").click()
    page.get_by_label("Pattern", exact=True).fill("CAFE-##")
    expect(page.get_by_text("Action required: Only 3,844 codes are possible")).to_be_visible()
    page.get_by_label("Pattern", exact=True).fill("CAFE-####-##")

    # Points that are never pending cannot be revoked while they are pending.
    step(page, "8 Refunds").click()
    page.get_by_label("Pending points only").check()
    expect(page.get_by_text("Action required: “Pending points only” needs")).to_be_visible()
    expect(button(page, "Save and activate")).to_be_disabled()
    button(page, "Save draft").click()
    expect(page.get_by_text("is saved as a draft")).to_be_visible()
    assert wallet_of(page, live)["status"] == "DRAFT"

    step(page, "10 Summary").click()
    expect(page.get_by_text("Points are usable for 12 months from their activation.")).to_be_visible()
    take_screenshot(page, "builder-summary")
    page.get_by_role("link", name="Go to step").click()
    expect(page.get_by_label("Pending points only")).to_be_focused()

    step(page, "4 Pending points").click()
    page.get_by_label("After a period", exact=True).check()
    page.get_by_label("Period", exact=True).fill("14")
    choose(page, "Unit", "Days")
    expect(page.get_by_text("The settings are complete.").first).to_be_visible()
    take_screenshot(page, "builder-complete")
    button(page, "Save and activate").click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    wallet = wallet_of(page, live)
    assert (wallet["status"], wallet["pending"]) == ("ACTIVE", {"type": "PERIOD_BASED", "every": 14, "unit": "DAY"})


def test_the_keyboard_alone_builds_a_wallet(browsing: Browsing, live: Live) -> None:
    name = f"Keys {uuid4()}"
    page = browsing.open("/wallets/new", scopes=MARKETER)
    keyboard = page.keyboard

    reach(page, page.get_by_label("Name", exact=True))
    keyboard.type(name)
    reach(page, step(page, "8 Refunds"), backwards=True)
    keyboard.press("Enter")
    reach(page, page.get_by_label("Pending and active points"))
    keyboard.press("ArrowUp")
    expect(page.get_by_label("Pending points only")).to_be_checked()
    expect(in_steps(page, "10 Summary")).to_contain_text("1 action required")

    reach(page, page.get_by_role("link", name="Next: Metadata"))
    keyboard.press("Enter")
    reach(page, page.get_by_role("link", name="Next: Summary"))
    keyboard.press("Enter")
    reach(page, page.get_by_role("link", name="Go to step"))
    keyboard.press("Enter")
    expect(page.get_by_label("Pending points only")).to_be_focused()
    keyboard.press("ArrowDown")
    expect(page.get_by_text("The settings are complete.").first).to_be_visible()

    reach(page, button(page, "Save and activate"), backwards=True)
    keyboard.press("Enter")
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    assert wallet_of(page, live)["status"] == "ACTIVE"


def test_entered_settings_survive_a_reload_and_are_applied_to_the_version_of_somebody_else(
    browsing: Browsing, live: Live
) -> None:
    browsing.faults.expected.append("status of 412")
    wallet_id = live.wallet()
    live.credit(wallet_id, "ann", 100)
    page = browsing.open(f"/wallets/{wallet_id}/edit", scopes=MARKETER)
    expect(page.get_by_label("Decimals", exact=True)).to_be_disabled()
    expect(page.get_by_text("Customers already hold cards with these decimals")).to_be_visible()
    page.get_by_label("Name of the points").fill("beans")
    expect(page.get_by_text("The new value is shown at once; no points change.")).to_be_visible()
    page.reload()
    button(page, "Restore").click()
    expect(page.get_by_label("Name of the points")).to_have_value("beans")

    live.http("PATCH", f"/wallets/{wallet_id}", {"description": "Theirs"}, headers={"If-Match": '"1"'})
    button(page, "Save").click()
    expect(page.get_by_role("row", name="Description Not set Theirs Not set")).to_be_visible()
    # The mouse is on a button that is disabled now, and shows the reason over the page.
    page.mouse.move(0, 0)
    take_screenshot(page, "builder-changed-meanwhile")
    require_accessible(page)
    button(page, "Apply mine again").click()
    button(page, "Save").click()
    expect(page.get_by_text("is saved.")).to_be_visible()
    wallet = live.http("GET", f"/wallets/{wallet_id}").json()
    assert (wallet["description"], wallet["pointsName"], wallet["version"]) == ("Theirs", "beans", 3)
