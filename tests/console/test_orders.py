"""The page of an order: an agent refunds a returned item, and reads what to pay back."""

import re
from dataclasses import dataclass
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.console.conftest import Browsing, reach, require_accessible, take_screenshot
from tests.support.live import Live

pytestmark = pytest.mark.browser

ORDER = {
    "amount": 30_000,
    "items": [
        {"productId": "tea-assam-500g", "quantity": 2, "amount": 20_000},
        {"productId": "teapot-iron", "quantity": 1, "amount": 10_000},
    ],
}


@dataclass
class Shopping:
    """An order of 300.00 that earned 300 points, and for which 100 points paid 1.00."""

    wallet: str
    customer: str
    order: str

    @property
    def location(self) -> str:
        return f"/orders/~23{self.order[1:]}?customer={self.customer}"


@pytest.fixture
def shopping(live: Live) -> Shopping:
    wallet = live.wallet(payWithPoints={"type": "EXCHANGE_RATIO", "formula": "1"})
    customer, order = f"ann-{uuid4()}", f"#{uuid4()}"
    live.credit(wallet, customer, 500)
    body = {"order": {"id": order, **ORDER}, "paymentLimit": {"type": "POINTS_LIMIT", "max": 100}}
    answer = live.move("payments", wallet, customer, body)
    assert answer.status_code == 201, answer.text
    live.credit(wallet, customer, 300, orderId=order)
    return Shopping(wallet, customer, order)


def row(page: Page, text: str) -> Locator:
    return page.get_by_role("row").filter(has_text=text)


def test_an_agent_refunds_one_item_and_reads_what_to_pay_back(
    browsing: Browsing, live: Live, shopping: Shopping
) -> None:
    before = live.card(shopping.wallet, shopping.customer)["balance"]["active"]
    page = browsing.open(shopping.location)
    expect(page.get_by_role("heading", name=f"Order {shopping.order}", level=1)).to_be_visible()
    page.get_by_role("radio", name="Returned items").check()
    page.get_by_label("Returned of tea-assam-500g").click()
    page.get_by_role("option", name="1", exact=True).click()
    page.get_by_label("Reason").fill("One box was damaged")

    # A third of the goods is returned: of 1.00 that points paid, and of 300 earned points, a third goes back.
    expect(page.get_by_text(re.compile(r"^99\.67 "))).to_be_visible()
    take_screenshot(page, "refund-form")
    page.get_by_role("button", name="Review").click()
    confirm = page.get_by_role("button", name="Confirm the refund")
    expect(confirm).to_be_visible()
    take_screenshot(page, "refund-review")
    require_accessible(page)
    assert live.card(shopping.wallet, shopping.customer)["balance"]["active"] == before

    confirm.click()
    expect(page.get_by_text("Pay back 99.67 ")).to_be_visible()
    expect(row(page, "tea-assam-500g").get_by_role("cell").last).to_have_text("1")
    take_screenshot(page, "refund-done")
    assert live.card(shopping.wallet, shopping.customer)["balance"]["active"] == before - 100 + 33


def test_the_keyboard_alone_refunds_an_item(browsing: Browsing, live: Live, shopping: Shopping) -> None:
    page = browsing.open(shopping.location)
    radio = page.get_by_role("radio", name="All that is left")
    expect(radio).to_be_visible()
    reach(page, radio)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    reach(page, page.get_by_label("Returned of teapot-iron"))
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    review = page.get_by_role("button", name="Review")
    expect(review).to_be_enabled()
    reach(page, review)
    page.keyboard.press("Enter")
    confirm = page.get_by_role("button", name="Confirm the refund")
    expect(confirm).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name=re.compile("^Refunded. Pay back 99.6"))).to_be_focused()
    order = live.http("GET", f"/customers/{shopping.customer}/orders?orderId=%23{shopping.order[1:]}").json()
    assert order["wallets"][0]["items"][1]["refunded"] == 1


def test_a_refund_whose_answer_is_lost_is_sent_again_and_refunds_once(
    browsing: Browsing, live: Live, shopping: Shopping
) -> None:
    browsing.faults.expected.append("ERR_FAILED")
    page = browsing.open(shopping.location)
    page.get_by_role("button", name="Review").click()
    lost: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        if lost or (route.request.post_data_json or {})["dryRun"]:
            route.fallback()
            return
        lost.append(route.request.headers["idempotency-key"])
        route.fetch()
        route.abort()

    page.route("**/refunds", lose_the_first_answer)
    page.get_by_role("button", name="Confirm the refund").click()
    expect(page.get_by_text("Pay back 299.00 ")).to_be_visible()
    assert len(lost) == 1
    types = [found["type"] for found in live.rows(shopping.wallet, shopping.customer)]
    assert (types.count("REVOCATION"), types.count("RETURN")) == (1, 1)
