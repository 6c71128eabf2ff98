"""Every page and its main states are accessible, in both colors and on every screen.

`make console-images` runs these tests with `LOYALTY_IMAGES`, the folder for the images of the documents.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import DESK, PHONE, Browsing, require_accessible_everywhere
from tests.console.shop import VOUCHERIFY, Shop
from tests.support.png import with_palette

pytestmark = pytest.mark.browser

Step = Callable[[Page], None]


def click(role: str, name: str) -> Step:
    def step(page: Page) -> None:
        page.get_by_role(role, name=name, exact=True).filter(visible=True).click()  # type: ignore[arg-type]

    return step


def review_credit(page: Page) -> None:
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Points").fill("200")
    dialog.get_by_role("textbox", name="Description").fill("Apology for a late parcel")
    dialog.get_by_role("button", name="Review").click()


def import_definition(page: Page) -> None:
    page.get_by_label("Card definition").fill(json.dumps(VOUCHERIFY))
    page.get_by_role("button", name="Review").click()


def refund_a_mug(page: Page) -> None:
    """Chooses a mug, and shows what its refund would do."""
    page.get_by_role("radio", name="Returned items").click()
    page.get_by_role("button", name="Returned of ceramic-mug").click()
    page.get_by_role("option", name="1", exact=True).click()
    expect(page.get_by_text("Pay back in money", exact=True)).to_be_visible()
    page.get_by_role("button", name="Review").scroll_into_view_if_needed()


@dataclass(frozen=True)
class State:
    """A state of a page: its location, what is visible when it is complete, and the steps that lead to it."""

    name: str
    location: str
    shows: tuple[str, str]
    steps: tuple[Step, ...] = field(default=())


IMAGES = os.environ.get("LOYALTY_IMAGES")
IN_DOCUMENTS = {
    "wallets",
    "wallet",
    "builder-expiration",
    "wallet-import",
    "customers",
    "customer",
    "explanation",
    "credit",
    "credit-review",
    "order-refund",
}
"""The states that documents show."""
STEPS = ("code", "expiration", "pending", "earningLimits", "spendingLimits", "payWithPoints", "refunds", "metadata")
CARD = "/customers/{customer}?wallet={points}"
STATES = (
    # The stack of all tests has more wallets than the three of the shop, and axe reads each row.
    State("wallets", "/wallets" if IMAGES else "/wallets?q=Harbour", ("link", "Harbour Coffee Points")),
    State("wallets-none", "/wallets?q=nothing", ("button", "Clear filters")),
    State("wallet", "/wallets/{points}", ("heading", "100 points earned now")),
    State("wallet-draft", "/wallets/{draft}", ("link", "Go to step Expiration")),
    State("wallet-customers", "/wallets/{points}?tab=customers", ("link", "{customer}")),
    State("wallet-versions", "/wallets/{points}?tab=versions", ("grid", "Versions")),
    State("wallet-used-by", "/wallets/{points}?tab=used-by", ("grid", "Used by")),
    State("wallet-import", "/wallets/import", ("heading", "2. Mapping"), (import_definition,)),
    State("builder", "/wallets/{draft}/edit", ("heading", "General")),
    *(State(f"builder-{step}", f"/wallets/{{draft}}/edit?step={step}", ("link", "Previous: ")) for step in STEPS),
    State("builder-summary", "/wallets/{draft}/edit?step=summary", ("link", "Go to step")),
    State("customers", "/customers?wallet={points}", ("link", "{customer}")),
    State("customers-none", "/customers?q=nothing", ("button", "Clear filters")),
    State("customer", CARD, ("button", "Explain transaction 3")),
    State("customer-orders", f"{CARD}&tab=orders", ("link", "{order}")),
    State("customer-lots", f"{CARD}&tab=lots", ("table", "Lots")),
    State("customer-holds", f"{CARD}&tab=holds", ("table", "Holds")),
    State("customer-tiers", f"{CARD}&tab=tiers", ("tab", "Tiers")),
    State("customer-rewards", f"{CARD}&tab=rewards", ("table", "Redeemed rewards")),
    State("customer-profile", f"{CARD}&tab=profile", ("heading", "Metadata of the customer")),
    State("explanation", f"{CARD}&explain={{debit}}", ("button", "Copy the transaction's id")),
    State("order", "/orders/{order}?customer={customer}", ("heading", "Refund")),
    State("order-refund", "/orders/{order}?customer={customer}", ("button", "Review"), (refund_a_mug,)),
    State("credit", CARD, ("button", "Review"), (click("button", "Credit"),)),
    State(
        "credit-review",
        CARD,
        ("table", "Balance before and after"),
        (click("button", "Credit"), review_credit),
    ),
)


@pytest.fixture(scope="module")
def page(shared_browsing: Browsing) -> Page:
    """One page that goes from state to state, signed in with a key that may do everything."""
    _, key = shared_browsing.live.new_key(role="admin")
    return shared_browsing.open(key=key)


def show(browsing: Browsing, page: Page, shop: Shop, state: State) -> None:
    """Leads the page to the state. The page is loaded again after a dialog, and for an image of the state."""
    page.goto(f"{browsing.url}#{state.location.format_map(vars(shop))}")
    if IMAGES or page.get_by_role("dialog").filter(visible=True).count():
        page.reload()
    for step in state.steps:
        step(page)
    kind, name = state.shows
    shown = page.get_by_role(kind, name=name.format_map(vars(shop)))  # type: ignore[arg-type]
    expect(shown.filter(visible=True).first).to_be_visible()
    expect(page.get_by_text("Loading", exact=True).filter(visible=True)).to_have_count(0)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_a_page_is_accessible_in_both_colors_and_on_every_screen(
    shared_browsing: Browsing, page: Page, shop: Shop, state: State
) -> None:
    show(shared_browsing, page, shop, state)
    if IMAGES and state.name in IN_DOCUMENTS:
        page.wait_for_load_state("networkidle")
        (Path(IMAGES) / f"{state.name}.png").write_bytes(with_palette(page.screenshot()))
    require_accessible_everywhere(page, state.name, (DESK, PHONE))
    assert shared_browsing.faults.unexpected() == []
