"""The console in a browser: the system's Chromium against the local stack of the end-to-end tests.

Every test fails on a violation of the content security policy, an error in a page or in the browser's console, a
request to another origin, and a finding of axe.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    WebError,
    expect,
)

from tests.console.shop import Shop, open_shop
from tests.support.live import PATIENCE_SECONDS, STATE, Live, eventually

SCREENSHOTS = STATE / "screenshots"
# The headless shell has no windows of its own to draw, and needs a quarter less processor time.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    # Chromium has no sandbox for root, and tests open pages of the stack alone.
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
DESK, PHONE, ZOOMED = 1280, 390, 320
TABS_MAX = 80
# Waits end as soon as a page shows what is expected.
WAIT_MILLISECONDS = PATIENCE_SECONDS * 1_000
BUSY = "status of 503"
"""The table of a busy machine takes seconds to answer. The console sends the request again."""
REPORT_VIOLATIONS = """addEventListener('securitypolicyviolation', violation =>
    console.error(`policy violated: ${violation.effectiveDirective} ${violation.blockedURI}`))"""

expect.set_options(timeout=WAIT_MILLISECONDS)


@dataclass
class Faults:
    """What a page must not do; `expected` are patterns of messages that a test provokes."""

    origin: str
    found: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=lambda: [BUSY])

    def watch(self, context: BrowserContext) -> None:
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("console", self._read)
        context.on("weberror", self._fail)
        context.on("request", self._check)

    def unexpected(self) -> list[str]:
        return [text for text in self.found if not any(re.search(pattern, text) for pattern in self.expected)]

    def _read(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.found.append(f"{message.text} ({message.location.get('url')})")

    def _fail(self, error: WebError) -> None:
        self.found.append(f"uncaught: {error.error}")

    def _check(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", "data:", "blob:")):
            self.found.append(f"request to another origin: {request.url}")


@dataclass
class Traffic:
    """Requests that left the browser, and the bytes that came over the network for them, with headers."""

    requests: list[tuple[str, int]] = field(default_factory=list)
    """The URL of each request, and the bytes of its answer."""

    @property
    def file_bytes(self) -> int:
        """The bytes of the console's own files: the size of the API's answers depends on the stack's data."""
        return sum(size for url, size in self.requests if "/v1/" not in url)

    def report(self) -> str:
        return "\n".join(f"{size:>9,} {url}" for url, size in [*self.requests, ("of files", self.file_bytes)])

    def count(self, session: CDPSession) -> None:
        cached: set[str] = set()
        urls: dict[str, str] = {}

        def sent(event: Any) -> None:
            urls[event["requestId"]] = event["request"]["url"]

        def finished(event: Any) -> None:
            if event["requestId"] not in cached and event["encodedDataLength"]:
                self.requests.append((urls[event["requestId"]], int(event["encodedDataLength"])))

        session.on("Network.requestWillBeSent", sent)
        session.on("Network.requestServedFromCache", lambda event: cached.add(event["requestId"]))
        session.on("Network.loadingFinished", finished)
        session.send("Network.enable")


@dataclass
class Browsing:
    """A person's browser: one profile, with pages of the console."""

    context: BrowserContext
    live: Live
    faults: Faults
    url: str
    _keys: dict[str, str]

    def open(self, location: str = "/", *, scopes: str | None = "*", key: str | None = None) -> Page:
        """Opens the location in a new tab, signed in with a key of these scopes, with the given key, or not at all."""
        page = self.new_tab()
        key = key or (self._key(scopes) if scopes else None)
        if key:
            # The page removes the key from its address at once, and then shows its first page.
            page.goto(f"{self.url}#key={key}")
        if not key or location != "/":
            page.goto(f"{self.url}#{location}")
        return page

    def new_tab(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(WAIT_MILLISECONDS)
        return page

    def traffic(self, page: Page) -> Traffic:
        """Counts from now on."""
        traffic = Traffic()
        traffic.count(self.context.new_cdp_session(page))
        return traffic

    def _key(self, scopes: str) -> str:
        if scopes == "*":
            return self.live.key
        if scopes not in self._keys:
            _, self._keys[scopes] = self.live.new_key(scopes=scopes.split(","))
        return self._keys[scopes]


Browse = Callable[..., Browsing]


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the system's Chromium. `CHROMIUM` names another one."""
    for name in (os.environ.get("CHROMIUM"), *CHROMIUM):
        if name and (found := shutil.which(name)):
            return found
    text = f"There is no Chromium: set CHROMIUM, or install one of {', '.join(CHROMIUM)}."
    if os.environ.get("CI"):
        pytest.fail(text)
    pytest.skip(text)


@pytest.fixture(scope="session")
def browser_type_launch_args(chromium: str, browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    own = {"executable_path": chromium, "args": list(ARGUMENTS), "timeout": WAIT_MILLISECONDS}
    return {**browser_type_launch_args, **own}


@pytest.fixture(scope="session")
def _keys() -> dict[str, str]:
    """Keys by their scopes."""
    return {}


@pytest.fixture(scope="session")
def shop(live: Live) -> Shop:
    """What pages show to tests that change nothing."""
    return open_shop(live)


def settings_of_context(width: int) -> dict[str, Any]:
    return {
        "viewport": {"width": width, "height": 800},
        "locale": "en-GB",
        "timezone_id": "Europe/London",
        "reduced_motion": "reduce",
    }


@pytest.fixture(scope="module")
def shared_browsing(browser: Browser, live: Live) -> Iterator[Browsing]:
    """One browser for all tests of a module, each of which checks the faults itself."""
    url = live.variables["LOYALTY_CONSOLE_URL"]
    faults = Faults("/".join(url.split("/")[:3]))
    context = browser.new_context(**settings_of_context(DESK))
    faults.watch(context)
    yield Browsing(context, live, faults, url, {})
    context.close()


@pytest.fixture
def browse(new_context: Callable[..., BrowserContext], live: Live, _keys: dict[str, str]) -> Iterator[Browse]:
    """Opens a browser with a fresh profile, of the width of a screen: `browse(PHONE)`."""
    url = live.variables["LOYALTY_CONSOLE_URL"]
    faults = Faults("/".join(url.split("/")[:3]))

    def start(width: int = DESK) -> Browsing:
        context = new_context(**settings_of_context(width))
        faults.watch(context)
        return Browsing(context, live, faults, url, _keys)

    yield start
    assert faults.unexpected() == []


@pytest.fixture
def browsing(browse: Browse) -> Browsing:
    """A browser on a desk, in light colors."""
    return browse()


def require_accessible(page: Page, *rules: str) -> None:
    """Fails on a finding of these rules of axe, or of all, and names its rule, element and remedy."""
    axe = Axe()
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe.axe_script)
    only = {"runOnly": {"type": "rule", "values": rules}} if rules else {}
    findings = page.evaluate("options => axe.run(options)", {"resultTypes": ["violations"], **only})["violations"]
    texts = [
        f"{finding['id']}: {node['target']} {finding['help']} ({finding['helpUrl']})"
        for finding in findings
        for node in finding["nodes"]
    ]
    assert not texts, "\n".join(texts)


def require_accessible_everywhere(page: Page, name: str, widths: Sequence[int] = ()) -> None:
    """Fails on a finding of axe in light or dark colors, and on a page that is wider than its screen.

    Without widths, the page is checked on its own screen. A phone's page is also made as narrow as a desk's page at
    400 % zoom.
    """
    own = page.viewport_size
    assert own
    for width in widths or (own["width"],):
        _resize(page, width)
        require_accessible(page)
        _require_no_wider(page, name)
        if width < DESK:
            _resize(page, ZOOMED)
            _require_no_wider(page, name)
    _resize(page, own["width"])
    # Only contrast depends on colors, and no color depends on the width.
    page.emulate_media(color_scheme="dark")
    require_accessible(page, "color-contrast")
    page.emulate_media(color_scheme="light")


def _resize(page: Page, width: int) -> None:
    size = page.viewport_size
    assert size
    page.set_viewport_size({"width": width, "height": size["height"]})
    # Components that depend on their width measure it in the next frame, and are drawn again in the one after.
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def _require_no_wider(page: Page, name: str) -> None:
    fits = "document.documentElement.scrollWidth <= innerWidth"
    eventually(f"fitting {name} on a screen of {page.viewport_size}", lambda: page.evaluate(fits))


def take_screenshot(page: Page, name: str) -> None:
    """Keeps a screenshot of the page under the name."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def reach(page: Page, target: Locator, *, backwards: bool = False) -> None:
    """Presses Tab, or Shift and Tab, until the target has the focus."""
    expect(target).to_be_visible()
    for _ in range(TABS_MAX):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
    pytest.fail(f"{target} is not reached by Tab")
