"""The pages of customers: a customer is found by any id, and the page says where the points are, and why."""

import re
from dataclasses import dataclass
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.console.conftest import Browsing
from tests.support.live import Live, eventually

pytestmark = pytest.mark.browser


@dataclass
class Ann:
    """A customer with active points of two dates, pending and held points, and an order."""

    wallet: str
    wallet_name: str
    customer: str
    code: str
    order: str

    @property
    def location(self) -> str:
        return f"/customers/{self.customer}?wallet={self.wallet}"


@pytest.fixture(scope="module")
def ann(live: Live) -> Ann:
    name, customer, order = f"Miles {uuid4()}", f"ann-{uuid4()}", f"#{uuid4()}"
    wallet = live.wallet(name=name, pointsName="miles", pointsDecimals=2)
    live.credit(wallet, customer, 120050, expiresAt="2030-01-01T00:00:00Z", pointsDescription="Welcome")
    live.credit(wallet, customer, 30000, orderId=order, order={"amount": 30000})
    live.credit(wallet, customer, 5000, activatesAt="2030-02-01T00:00:00Z")
    for what, body in (("debits", {"points": 4500, "source": "Manual"}), ("holds", {"points": 2000})):
        assert live.move(what, wallet, customer, body).status_code == 201
    return Ann(wallet, name, customer, live.card(wallet, customer)["code"], order)


def search(page: Page, text: str) -> None:
    """Searches with the keyboard alone. The search keeps the focus for the next text."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    field = page.get_by_role("searchbox", name="Search")
    if not field.evaluate("field => field === document.activeElement"):
        page.keyboard.press("/")
        expect(field).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def numbers(page: Page) -> Locator:
    """The numbers of the transactions in the timeline."""
    return page.get_by_role("table", name="Transactions").locator("tbody tr td:first-child")


def test_a_customer_is_found_by_the_code_of_a_card_and_by_an_order_number(
    browsing: Browsing, live: Live, ann: Ann
) -> None:
    eventually("the order's entry", lambda: live.http("GET", f"/orders/%23{ann.order[1:]}").json().get("data"))
    page = browsing.open("/wallets")
    search(page, ann.code)
    expect(page.get_by_role("heading", name=ann.customer, level=1)).to_be_visible()
    expect(page.get_by_role("heading", name=ann.wallet_name, level=2)).to_be_visible()

    search(page, ann.order)
    expect(page).to_have_url(re.compile(f"#/orders/~23{ann.order[1:]}\\?customer={ann.customer}$"))
    page.get_by_role("link", name=ann.customer).first.click()
    expect(page.get_by_role("heading", name=ann.customer, level=1)).to_be_visible()


def test_a_text_without_a_match_finds_customers_whose_ids_begin_with_it(browsing: Browsing, live: Live) -> None:
    wallet, beginning = live.wallet(), f"ben-{uuid4()}"
    live.credit(wallet, f"{beginning}-1", 100)
    page = browsing.open("/wallets")
    search(page, beginning)
    expect(page.get_by_text(f"No match for the id “{beginning}”")).to_be_visible()
    page.goto(f"{page.url}&wallet={wallet}")
    page.get_by_role("link", name=f"{beginning}-1").click()
    expect(page.get_by_role("heading", name=f"{beginning}-1", level=1)).to_be_visible()


def test_the_points_of_a_card_are_shown_with_their_dates_as_a_chart_and_as_a_table(
    browsing: Browsing, ann: Ann
) -> None:
    page = browsing.open(ann.location)
    expect(page.get_by_role("application", name="Points by last usable day")).to_be_visible()

    page.get_by_role("button", name="Table").click()
    table = page.get_by_role("table", name="Points by last usable day")
    # The last usable day of 1 January in London is in the year before, and other points have no end.
    expect(table.locator("tbody tr").first).to_contain_text("Dec 2029")
    expect(table.locator("tbody tr").last).to_contain_text("Without an end")
    expect(table).to_contain_text("1,135.50")


def test_a_filtered_timeline_is_an_address_that_can_be_sent(browsing: Browsing, ann: Ann) -> None:
    page = browsing.open(f"{ann.location}&min=300.00&max=400")
    expect(numbers(page)).to_have_text(["2"])

    page.get_by_role("button", name="Clear filters").first.click()
    expect(numbers(page)).to_have_text(["5", "4", "3", "2", "1"])
    page.get_by_label("Type").click()
    page.get_by_role("option", name="Spent").click()
    expect(page).to_have_url(re.compile("type=DEBIT"))
    expect(numbers(page)).to_have_text(["4"])


def test_a_transaction_is_explained_and_its_card_is_verified(browsing: Browsing, live: Live, ann: Ann) -> None:
    spent = live.rows(ann.wallet, ann.customer)[3]["transactionId"]
    page = browsing.open(f"/transactions/{spent}")
    panel = page.get_by_role("region", name="Transaction 4 explained")
    expect(panel).to_contain_text("4,500 points were spent")
    expect(panel).to_contain_text("Setting “Spend first”")
    expect(panel.get_by_role("link", name=f"{ann.wallet_name}, version 1")).to_be_visible()

    page.get_by_role("button", name="Close panel").click()
    expect(panel).to_be_hidden()
    page.get_by_role("button", name="Explain transaction 1").click()
    expect(page.get_by_role("region", name="Transaction 1 explained")).to_contain_text("120,050")

    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("5 transactions verified")).to_be_visible()


def answer_otherwise(page: Page, calls: str, **changes: object) -> None:
    """Lets the API answer these calls, and changes fields of the answers."""

    def answer(route: Route) -> None:
        real = route.fetch()
        route.fulfill(response=real, json={**real.json(), **changes})

    page.route(calls, answer)


def test_a_list_that_lacks_the_newest_transaction_says_so_until_it_is_complete(browsing: Browsing, ann: Ann) -> None:
    page = browsing.open("/customers")
    answer_otherwise(page, "**/transactions?*", complete=False)
    page.goto(f"{browsing.url}#{ann.location}")
    note = page.get_by_text("The newest transaction is not listed yet.")
    expect(note).to_be_visible()
    expect(numbers(page)).to_have_text(["5", "4", "3", "2", "1"])

    page.unroute("**/transactions?*")
    page.get_by_role("button", name="Read again").click()
    expect(note).to_be_hidden()


def test_a_card_that_differs_from_its_ledger_has_no_movements(browsing: Browsing, ann: Ann) -> None:
    page = browsing.open(ann.location)
    controls = page.get_by_role("button", name=re.compile("^(Credit|Debit|More|Status|Reverse transaction 1)$"))
    expect(controls).to_have_count(5)
    problem = {"seq": 4, "check": "BALANCE", "message": "The balance differs.", "expected": "10", "found": "12"}
    answer_otherwise(page, "**/verify", valid=False, problemCount=1, problems=[problem])
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("The card differs from its ledger: 1 problem")).to_be_visible()
    expect(page.get_by_text("The balance differs. Expected 10, found 12.")).to_be_visible()
    expect(controls).to_have_count(0)
    expect(page.get_by_role("button", name="Explain transaction 1")).to_be_visible()

    page.unroute("**/verify")
    page.get_by_role("button", name="Verify again").click()
    expect(page.get_by_text("5 transactions verified")).to_be_visible()
    expect(controls).to_have_count(5)


def test_segments_of_a_customer_and_metadata_of_a_card_are_changed(browsing: Browsing, live: Live, ann: Ann) -> None:
    profile = {"segments": ["tea", "vip"], "birthday": "04-17", "contacts": {"email": "ann@example.com"}}
    assert live.http("PUT", f"/customers/{ann.customer}", profile).is_success
    card = f"/wallets/{ann.wallet}/cards/{ann.customer}"
    page = browsing.open(f"{ann.location}&tab=profile")
    dialog = page.get_by_role("dialog")
    page.get_by_role("button", name="Change segments").click()
    dialog.get_by_role("button", name="Remove vip").click()
    dialog.get_by_label("New segment").fill("coffee")
    dialog.get_by_role("button", name="Save segments").click()
    expect(page.get_by_text(f"{ann.customer} is in 2 segments")).to_be_visible()
    changed = live.http("GET", f"/customers/{ann.customer}").json()
    assert (sorted(changed["segments"]), changed["birthday"]) == (["coffee", "tea"], "04-17")

    page.get_by_role("button", name="Change metadata").click()
    dialog.get_by_label("Other properties").fill('{"shirt": "M"}')
    # Meanwhile another person changes the card.
    version = {"If-Match": live.http("GET", card).headers["ETag"]}
    assert live.http("PATCH", card, {"metadata": {"shoe": 42}}, headers=version).is_success
    browsing.faults.expected.append("412")
    dialog.get_by_role("button", name="Save metadata").click()
    expect(dialog.get_by_text("Changed meanwhile")).to_be_visible()
    dialog.get_by_role("button", name="Apply mine again").click()
    dialog.get_by_role("button", name="Save metadata").click()
    expect(page.get_by_text(f"The metadata of the card of {ann.customer} is saved")).to_be_visible()
    after = live.http("GET", card).json()
    assert (after["metadata"], after["status"]) == ({"shoe": 42, "shirt": "M"}, "ACTIVE")


def test_the_balance_of_another_day_is_recorded_or_projected(browsing: Browsing, ann: Ann) -> None:
    page = browsing.open(f"{ann.location}&at=2020-01-01")
    expect(page.get_by_text("The customer had no card yet.")).to_be_visible()
    page.get_by_role("button", name="Show now").click()
    expect(page.get_by_text("Next to expire")).to_be_visible()

    page.goto(f"{browsing.url}#{ann.location}&at=2030-02-01")
    expect(page.get_by_text("Projected for the end of 1 Feb 2030")).to_be_visible()
    # The dated points have expired, the pending points are active, and the hold has ended.
    expect(page.get_by_text("350.00").first).to_be_visible()
