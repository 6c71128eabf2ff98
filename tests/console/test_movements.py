"""Points moved by hand: found, explained, credited, reversed; by keyboard alone; and with a lost answer."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.console.conftest import PHONE, Browse, Browsing, reach, require_accessible, take_screenshot
from tests.support.live import Live

pytestmark = pytest.mark.browser

AGENT = "wallets:read,cards:read,points:read,customers:read,cards:write,points:credit,points:debit,points:adjust"


def a_card(live: Live) -> tuple[str, str, str]:
    """Returns the customer of a new card with a credit of 500 and a debit of 120, the wallet's id and its name."""
    name = f"Club {uuid4().hex[:8]}"
    wallet = live.wallet(name=name)
    customer = f"ann-{uuid4().hex[:8]}"
    live.credit(wallet, customer, 500)
    debit = live.move("debits", wallet, customer, {"points": 120, "pointsDescription": "A cup"})
    assert debit.status_code == 201, debit.text
    return customer, wallet, name


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def goodwill(page: Page, points: int) -> None:
    """Fills the form of a credit and asks for its review."""
    dialog(page).get_by_label("Points").fill(str(points))
    dialog(page).get_by_label("Description").fill("Apology for a late parcel")
    dialog(page).get_by_role("button", name="Review").click()


def test_an_agent_explains_a_debit_gives_goodwill_points_and_reverses_them(browsing: Browsing, live: Live) -> None:
    customer, wallet, name = a_card(live)
    page = browsing.open("/customers", scopes=AGENT)
    page.get_by_role("searchbox", name="Search").fill(live.card(wallet, customer)["code"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=customer, level=1)).to_be_visible()

    page.get_by_role("button", name="Explain transaction 2").click()
    expect(page.get_by_text("A cup").first).to_be_visible()

    page.get_by_role("button", name="Credit", exact=True).click()
    require_accessible(page)
    goodwill(page, 200)
    sentence = f"Credit 200 points to {customer} in {name}"
    expect(dialog(page).get_by_role("row", name=re.compile("Available 380 .200 580"))).to_be_visible()
    require_accessible(page)
    take_screenshot(page, "credit-review")
    dialog(page).get_by_role("button", name=sentence).click()
    said = page.locator("[aria-live=polite]").filter(has_text=f"Credited 200 points to {customer} in {name}")
    expect(said).to_be_attached()
    expect(dialog(page)).to_have_count(0)
    take_screenshot(page, "credit-done")

    page.get_by_role("button", name="Reverse", exact=True).first.click()
    dialog(page).get_by_role("button", name="Review").click()
    dialog(page).get_by_role("button", name=f"Take 200 points back from {customer} in {name}").click()
    expect(page.get_by_text(f"Took 200 points back from {customer} in {name}")).to_be_visible()
    made = page.get_by_role("table", name="Transactions").get_by_role("row").filter(has_text="Reverses no. 3")
    expect(made.get_by_text("New", exact=True)).to_be_visible()
    expect(page.get_by_text("Reversed by no. 4")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Reverse( transaction 3)?$"))).to_have_count(0)
    assert [row["operation"] for row in live.rows(wallet, customer)] == ["credit", "debit", "credit", "reversal"]
    assert live.card(wallet, customer)["balance"]["available"] == 380

    # Who leaves the page leaves the form.
    page.get_by_role("button", name="Credit", exact=True).click()
    expect(dialog(page)).to_have_count(1)
    page.go_back()
    expect(page.get_by_role("heading", name="Customers", level=1)).to_be_visible()
    expect(dialog(page)).to_have_count(0)


def test_a_transaction_that_another_person_reversed_is_not_offered_again(browsing: Browsing, live: Live) -> None:
    browsing.faults.expected.append("422")
    customer, wallet, _ = a_card(live)
    page = browsing.open(f"/customers/{customer}", scopes=AGENT)
    reverse = page.get_by_role("button", name="Reverse transaction 2")
    expect(reverse).to_be_visible()
    debit = live.rows(wallet, customer)[1]["transactionId"]
    assert live.http("POST", f"/transactions/{debit}/reversal", {}, key=uuid4().hex).is_success

    reverse.click()
    dialog(page).get_by_role("button", name="Review").click()
    expect(dialog(page).get_by_text("The transaction is already reversed")).to_be_visible()
    dialog(page).get_by_role("button", name="Cancel").click()
    expect(reverse).to_have_count(0)
    expect(page.get_by_role("button", name="Reverse transaction 1")).to_be_visible()


def test_the_keyboard_alone_finds_a_customer_explains_credits_and_reverses(browsing: Browsing, live: Live) -> None:
    customer, wallet, name = a_card(live)
    code = live.card(wallet, customer)["code"]
    page = browsing.open("/customers", scopes=AGENT)
    keyboard = page.keyboard
    expect(page.get_by_role("heading", name="Customers", level=1)).to_be_visible()
    keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search")).to_be_focused()
    keyboard.type(code)
    keyboard.press("Enter")
    expect(page.get_by_role("heading", name=customer, level=1)).to_be_visible()

    explain = page.get_by_role("button", name="Explain transaction 2")
    reach(page, explain)
    keyboard.press("Enter")
    expect(page.get_by_text("A cup").first).to_be_visible()
    reach(page, page.get_by_role("button", name="Credit", exact=True), backwards=True)
    keyboard.press("Enter")
    expect(dialog(page).get_by_label("Points")).to_be_focused()
    keyboard.type("20")
    keyboard.press("Tab")
    keyboard.type("Apology for a late parcel")
    keyboard.press("Enter")
    reach(page, dialog(page).get_by_role("button", name=f"Credit 20 points to {customer} in {name}"))
    keyboard.press("Enter")
    expect(page.get_by_text(f"Credited 20 points to {customer} in {name}").first).to_be_visible()

    reach(page, page.get_by_role("button", name="Reverse transaction 3"))
    keyboard.press("Enter")
    reach(page, dialog(page).get_by_role("button", name="Review"))
    keyboard.press("Enter")
    reach(page, dialog(page).get_by_role("button", name=f"Take 20 points back from {customer} in {name}"))
    keyboard.press("Enter")
    expect(page.get_by_text(f"Took 20 points back from {customer} in {name}").first).to_be_visible()
    assert live.card(wallet, customer)["balance"]["available"] == 380


def test_points_are_credited_on_a_phone_by_keyboard_alone(browse: Browse, live: Live) -> None:
    customer, wallet, name = a_card(live)
    page = browse(PHONE).open(f"/customers/{customer}", scopes=AGENT)
    credit = page.get_by_role("button", name="Credit", exact=True)
    expect(credit).to_be_visible()
    reach(page, credit)
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_label("Points")).to_be_focused()

    page.keyboard.press("Enter")
    expect(dialog(page).get_by_text("Enter a number.")).to_be_visible()
    page.keyboard.type("50")
    page.keyboard.press("Tab")
    page.keyboard.type("Apology for a late parcel")
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_role("group", name="Review")).to_be_focused()
    require_accessible(page)
    take_screenshot(page, "credit-review-phone")
    confirm = dialog(page).get_by_role("button", name=f"Credit 50 points to {customer} in {name}")
    reach(page, confirm)
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Credited 50 points to {customer} in {name}")).to_be_visible()
    expect(credit).to_be_focused()
    assert live.card(wallet, customer)["balance"]["available"] == 430


def test_a_credit_whose_answer_is_lost_is_found_by_its_key_and_counts_once(browsing: Browsing, live: Live) -> None:
    browsing.faults.expected.append("ERR_FAILED")
    customer, wallet, name = a_card(live)
    page = browsing.open(f"/customers/{customer}", scopes=AGENT)
    sent: list[str] = []

    def lose_answer(route: Route) -> None:
        if '"dryRun":true' in (route.request.post_data or ""):
            route.continue_()
            return
        sent.append(route.request.headers["idempotency-key"])
        route.fetch()
        route.abort()

    page.route("**/credits", lose_answer)
    page.get_by_role("button", name="Credit", exact=True).click()
    goodwill(page, 70)
    dialog(page).get_by_role("button", name=f"Credit 70 points to {customer} in {name}").click()
    expect(page.get_by_text("The answer was lost. The ledger has the movement, once.")).to_be_visible()
    take_screenshot(page, "credit-lost-answer")
    assert live.card(wallet, customer)["balance"]["available"] == 450

    # Neither the answer nor the ledger comes: the movement is listed as unfinished until the ledger can be read.
    page.route("**/by-key*", lambda route: route.abort())
    page.get_by_role("button", name="Credit", exact=True).click()
    goodwill(page, 9)
    dialog(page).get_by_role("button", name=f"Credit 9 points to {customer} in {name}").click()
    expect(dialog(page).get_by_text("the outcome is unknown")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog(page).get_by_text("listed above the page as unfinished")).to_be_visible()
    dialog(page).get_by_role("button", name="Close and list as unfinished").click()
    page.reload()
    expect(page.get_by_text(f"Unfinished: Credit 9 points to {customer} in {name}")).to_be_visible()
    page.unroute("**/by-key*")
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_text("The ledger has the unfinished movement")).to_be_visible()
    assert live.card(wallet, customer)["balance"]["available"] == 459
    assert len(set(sent)) == 2


def test_movements_are_offered_as_the_key_and_the_card_allow_them(browsing: Browsing, live: Live) -> None:
    customer, _, name = a_card(live)
    reader = browsing.open(f"/customers/{customer}", scopes="wallets:read,cards:read,points:read,customers:read")
    expect(reader.get_by_role("button", name="Explain transaction 1")).to_be_visible()
    for control in ("Credit", "Debit", "More", "Status", "Reverse transaction 1"):
        expect(reader.get_by_role("button", name=control, exact=True)).to_have_count(0)

    page = browsing.open(f"/customers/{customer}", scopes=AGENT)
    page.get_by_role("button", name="Status").click()
    page.get_by_role("menuitem", name="Freeze").click()
    expect(dialog(page).get_by_text(f"Freeze the card of {customer} in {name}?")).to_be_visible()
    require_accessible(page)
    dialog(page).get_by_role("button", name="Freeze the card").click()
    expect(page.get_by_text(f"The card of {customer} in {name} is frozen")).to_be_visible()
    expect(page.get_by_role("button", name="Credit", exact=True)).to_be_disabled()
    page.get_by_role("button", name="More").click()
    expect(page.get_by_role("menuitem", name="Adjust")).to_be_disabled()
    expect(page.get_by_role("menuitem", name="Transfer")).to_have_count(0)
