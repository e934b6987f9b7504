"""A real Chromium in front of a served town; skipped, saying why, where there is none."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.acceptance.town import PLACED, QUIET, RISING, Town
from tests.tocsin.web.conftest import Site, served

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
PLACES = {
    "Storm": (11.8, 13.2),
    **{f"Calm {n:02d}": (7.5 + n % 4, 5.0 + 0.9 * n) for n in range(10)},
}
"""Where the town's provinces are; Calm 10 is nowhere."""

pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402 - skipped where it is missing


@dataclass
class Tab:
    """A page of the site, and everything that the browser complained of."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.url}{path}")
        return self.page


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium on the path (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which two runs were made: Storm rises and has an alert, eleven others do not."""
    folder = tmp_path_factory.mktemp("town")
    made = Town(folder)
    made.configure(change=PLACED)
    config = folder / "config.toml"
    config.write_text(f"{config.read_text(encoding='utf-8')}\n[web]\n", encoding="utf-8")
    calm = {f"Calm {n:02d}": QUIET[n % 6 :] + QUIET[: n % 6] for n in range(11)}
    made.record({**calm, "Storm": RISING[:-1]}, places=PLACES)
    assert made.tocsin("run").code == 0
    made.record({**calm, "Storm": RISING}, places=PLACES)
    assert made.tocsin("run").code == 0
    return folder


@pytest.fixture(scope="session")
def site(town: Path) -> Iterator[Site]:
    with served(town) as found:
        yield found


@pytest.fixture
def fresh(town: Path, tmp_path: Path) -> Iterator[Site]:
    """A copy of the town of one's own, for tests that write."""
    for name in ("tocsin.db", "incidents.csv", "config.toml"):
        shutil.copy(town / name, tmp_path / name)
    with served(tmp_path) as found:
        yield found


def tab_in(browser: Browser, url: str, kind: str = "desktop-light", **more: object) -> Tab:
    size, scheme = kind.split("-")
    context = browser.new_context(viewport=SIZES[size], color_scheme=scheme, **more)
    tab = Tab(context.new_page(), url)
    tab.page.on("console", lambda message: tab.complaints.append(message.text))
    tab.page.on("pageerror", lambda error: tab.complaints.append(str(error)))
    tab.page.on("dialog", lambda dialog: tab.complaints.append(f"dialog {dialog.message}"))
    tab.page.on(
        "request",
        lambda request: request.url.startswith(url) or tab.complaints.append(request.url),
    )
    return tab


@pytest.fixture
def tab(chromium: Browser, site: Site) -> Iterator[Tab]:
    """A tab on the town that tests only read; whatever the browser complains of fails the test."""
    found = tab_in(chromium, site.url)
    yield found
    found.page.context.close()
    assert found.complaints == []
