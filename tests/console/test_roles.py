"""Each role sees the controls that it may use, on every page, and no others."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, Response, expect

from loyalty.domain.access import BUILT_IN_ROLES
from loyalty.http.routes import ROUTE_SCOPES, grants
from tests.console.conftest import Browsing
from tests.console.shop import Shop

pytestmark = pytest.mark.browser

CARD = "POST /v1/wallets/{walletId}/cards/{customerId}"


@dataclass(frozen=True)
class Control:
    """A control of a page, and the route that it calls: the roles that may call the route see the control."""

    role: str
    name: str | re.Pattern[str]
    route: str
    menu: str | None = None
    """The name of the menu whose item the control is."""

    def on(self, page: Page) -> Locator:
        return page.get_by_role(self.role, name=self.name, exact=True).filter(visible=True)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Place:
    """A page, a part that everybody sees on it when it is complete, and the controls that only some roles see."""

    location: str
    anchor: tuple[str, str]
    controls: tuple[Control, ...]


def menu(name: str, *items: tuple[str, str]) -> tuple[Control, ...]:
    return tuple(Control("menuitem", item, route, menu=name) for item, route in items)


PLACES = (
    Place(
        "/wallets",
        ("link", "Harbour Coffee Points"),
        (
            Control("link", "Create wallet", "POST /v1/wallets"),
            Control("link", "Import", "POST /v1/wallets/import"),
            *menu(
                "Actions for Harbour Coffee Points",
                ("Deactivate", "POST /v1/wallets/{walletId}/deactivate"),
                ("Edit", "PATCH /v1/wallets/{walletId}"),
                ("Copy", "POST /v1/wallets/{walletId}/copy"),
                ("Delete", "DELETE /v1/wallets/{walletId}"),
            ),
        ),
    ),
    Place(
        "/wallets/{points}",
        ("heading", "100 points earned now"),
        (
            Control("link", "Edit Expiration", "PATCH /v1/wallets/{walletId}"),
            *menu("Actions for Harbour Coffee Points", ("Edit", "PATCH /v1/wallets/{walletId}")),
        ),
    ),
    Place(
        "/wallets/{draft}",
        ("heading", "100 points earned now"),
        (Control("link", "Go to step Expiration", "PATCH /v1/wallets/{walletId}"),),
    ),
    Place(
        "/wallets/{points}?tab=customers",
        ("link", "{customer}"),
        (Control("button", "Enrol a customer", "POST /v1/wallets/{walletId}/cards"),),
    ),
    Place("/wallets/import", ("heading", "Import a wallet"), (Control("button", "Review", "POST /v1/wallets/import"),)),
    Place(
        "/customers?wallet={points}",
        ("link", "{customer}"),
        (Control("button", re.compile("^Enrol"), "POST /v1/wallets/{walletId}/cards"),),
    ),
    Place(
        "/customers/{customer}?wallet={points}",
        ("button", "Explain transaction 3"),
        (
            Control("button", "Credit", f"{CARD}/credits"),
            Control("button", "Debit", f"{CARD}/debits"),
            Control("button", "Status", "PATCH /v1/wallets/{walletId}/cards/{customerId}"),
            Control("button", "Reverse transaction 3", "POST /v1/transactions/{transactionId}/reversal"),
            *menu(
                "More",
                ("Adjust", f"{CARD}/adjustments"),
                ("Transfer", f"{CARD}/transfers"),
                ("Hold", f"{CARD}/holds"),
                ("Pay for an order", f"{CARD}/payments"),
                ("Activate pending now", f"{CARD}/pending/activate"),
                ("Cancel pending", f"{CARD}/pending/cancel"),
                ("Change expiry", f"{CARD}/expiry-changes"),
            ),
        ),
    ),
    Place(
        "/customers/{customer}?wallet={points}&tab=lots",
        ("table", "Lots"),
        (Control("button", re.compile("^Change the expiry of"), f"{CARD}/expiry-changes"),),
    ),
    Place(
        "/customers/{customer}?wallet={points}&tab=holds",
        ("table", "Holds"),
        (
            Control("button", re.compile("^Capture"), f"{CARD}/holds/{{holdId}}/capture"),
            Control("button", re.compile("^Release"), f"{CARD}/holds/{{holdId}}/release"),
        ),
    ),
    Place("/customers/{customer}?wallet={points}&tab=tiers", ("tab", "Tiers"), ()),
    Place(
        "/customers/{customer}?wallet={points}&tab=profile",
        ("heading", "Metadata of the customer"),
        (
            Control("button", "Change segments", "POST /v1/customers/{customerId}/segments"),
            Control("button", "Change metadata", "PATCH /v1/wallets/{walletId}/cards/{customerId}"),
        ),
    ),
    Place("/customers/{customer}?wallet={points}&tab=rewards", ("table", "Redeemed rewards"), ()),
    Place("/customers/{customer}?wallet={points}&tab=orders", ("link", "{order}"), ()),
    Place("/customers/{customer}?wallet={points}&explain={debit}", ("heading", "Transaction 3 explained"), ()),
    Place(
        "/orders/{order}?customer={customer}",
        ("heading", "Lines and charges"),
        (Control("button", "Review", "POST /v1/customers/{customerId}/orders/{orderId}/refunds"),),
    ),
)


@pytest.fixture(params=list(BUILT_IN_ROLES))
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def page(browsing: Browsing, role: str) -> Iterator[Page]:
    """A page that is signed in with a key of the role. No answer may be a refusal."""
    _, key = browsing.live.new_key(role=role)
    page = browsing.open(key=key)
    refused: list[str] = []

    def note(answer: Response) -> None:
        if answer.status in (401, 403):
            refused.append(f"{answer.request.method} {answer.url}")

    page.on("response", note)
    yield page
    assert refused == []


def test_a_role_sees_the_controls_that_it_may_use_and_no_others(
    browsing: Browsing, page: Page, role: str, shop: Shop
) -> None:
    wrong: list[str] = []
    for place in PLACES:
        page.goto(f"{browsing.url}#{place.location.format_map(vars(shop))}")
        kind, name = place.anchor
        anchor = page.get_by_role(kind, name=name.format_map(vars(shop)), exact=True)  # type: ignore[arg-type]
        expect(anchor.filter(visible=True).first).to_be_visible()
        menus = dict.fromkeys(control.menu for control in place.controls)
        for opened in menus:
            with_menu = page.get_by_role("button", name=opened, exact=True).filter(visible=True) if opened else None
            if with_menu is not None and with_menu.count():
                with_menu.click()
                expect(page.get_by_role("menu").filter(visible=True)).to_be_visible()
            for control in place.controls:
                may = grants(BUILT_IN_ROLES[role].scopes, ROUTE_SCOPES[control.route])
                if control.menu == opened and (control.on(page).count() > 0) != may:
                    wrong.append(f"{place.location}: {control.name} {'is missing' if may else 'is shown'}")
            if with_menu is not None and with_menu.count():
                page.keyboard.press("Escape")
    assert wrong == []


def test_the_builder_saves_for_those_who_may_change_wallets(
    browsing: Browsing, page: Page, role: str, shop: Shop
) -> None:
    page.goto(f"{browsing.url}#/wallets/{shop.draft}/edit?step=general")
    page.get_by_label("Description").fill("Warm up")
    save = page.get_by_role("button", name="Save draft")
    may = grants(BUILT_IN_ROLES[role].scopes, ROUTE_SCOPES["PATCH /v1/wallets/{walletId}"])
    expect(save).to_be_enabled(enabled=may)
