"""Row 49: 200 payloads in every free-text field, on every page: none is live."""

import csv
import html
import json
import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from tests.acceptance.town import QUIET, SCREEN, Town
from tests.faults.payloads import PAYLOADS
from tests.tocsin.web.conftest import Site, configured, served

CONFIG = """
[service]
database = "tocsin.db"
as_of = "2024-07-01"
label = {label}

[[feeds]]
name = "tracker"
kind = "csv"
path = "incidents.csv"
covered_through = 2024-06-30
noun = {noun}
attribution = {noun}
licence = {noun}

[feeds.columns]
id = "id"
date = "date"
country = "country"
admin1 = "province"
actor = "actor"
target = "target"
kind = "kind"
source = "source"
latitude = "lat"
longitude = "lon"

[[watches]]
name = "provinces"
feeds = ["tracker"]
group_by = ["country", "admin1"]
horizon = 2
models = ["conflictology"]

[[rules]]
name = "tempo"
watch = "provinces"
within = 2
levels = [{{ severity = "severe", at_least = 1, probability = 0.2 }}]
clear_probability = 0.1
action = {noun}

[web]
"""
FIELDS = ("id", "date", "country", "province", "actor", "target", "kind", "source", "lat", "lon")
ELEMENTS = frozenset(
    {
        *(
            "html",
            "head",
            "meta",
            "title",
            "desc",
            "link",
            "script",
            "body",
            "a",
            "header",
            "nav",
            "ul",
            "li",
        ),
        *("p", "main", "div", "footer", "strong", "small", "section", "h1", "h2", "h3", "table"),
        *(
            "caption",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "svg",
            "path",
            "g",
            "text",
            "circle",
            "span",
        ),
        *("form", "input", "label", "select", "option", "button", "output", "details", "summary"),
        *("dl", "dt", "dd", "ol", "time", "datalist", "textarea", "code", "progress", "br"),
    }
)
"""Every element that a template of ours makes."""


class Live(HTMLParser):
    """Collects what no template of ours would write."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in ELEMENTS:
            self.found.append(f"<{tag}>")
        if tag == "script" and not (given.get("src") or "").startswith("/static/"):
            self.found.append("a script")
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "srcdoc", "http-equiv"):
                self.found.append(f"{tag} {name}")
            if name in ("href", "src", "action", "formaction", "data"):
                scheme = urlsplit((value or "").strip()).scheme
                if scheme not in ("", "http", "https"):
                    self.found.append(f"{tag} {name}={value}")

    def handle_comment(self, data: str) -> None:
        self.found.append(f"a comment: {data}")


def live_in(text: str) -> list[str]:
    parser = Live()
    parser.feed(text)
    parser.close()
    return parser.found


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A town whose every name, text and setting is a payload."""
    folder = tmp_path_factory.mktemp("hostile")
    said = json.dumps(PAYLOADS[16])  # a basic string of TOML, too
    text = CONFIG.format(label=said, noun=said) + SCREEN
    (folder / "config.toml").write_text(text, encoding="utf-8")
    _write_incidents(folder / "incidents.csv")
    assert Town(folder).tocsin("run").code == 0
    with served(folder) as site:
        yield site


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A quiet town."""
    folder = tmp_path_factory.mktemp("small")
    configured(folder, "[web]\n")
    town = Town(folder)
    town.record({"Calm": QUIET})
    assert town.tocsin("run").code == 0
    with served(folder) as site:
        yield site


def _write_incidents(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS)
        for n, payload in enumerate(PAYLOADS):
            for month in ("2023-05", "2024-05", "2024-06"):
                day = f"{month}-{n % 28 + 1:02d}"
                writer.writerow([f"{payload} {month}", day, payload, *[payload] * 5, n % 80, n])
        for n, payload in enumerate(PAYLOADS[::10]):
            writer.writerow([f"bad {n}", payload, *[payload] * 8])


def regions_of(site: Site) -> list[str]:
    found = [site.get(f"/watches/provinces?size=100&page={n}").text for n in (1, 2)]
    pattern = re.compile(r'<th scope="row"><a href="([^"]+)"')
    return [html.unescape(one) for text in found for one in pattern.findall(text)]


def pages_of(site: Site) -> Iterator[str]:
    """Yield every page once for every text of the store that it can show."""
    yield from ("/", "/feeds", "/feeds/tracker/quarantine", "/record", "/handover", "/alerts")
    yield "/deliveries"
    yield from (f"/alerts?page={n}" for n in range(1, 5))
    yield from (f"/watches/provinces?size=100&page={n}" for n in (1, 2))
    yield "/watches/provinces/map?size=100"
    yield from regions_of(site)
    yield from (f"/alerts/{one['alert']}" for one in _alerts(site))


def asked_of(payload: str) -> Iterator[str]:
    """Yield every page that shows what its address asks for."""
    asked = quote(payload, safe="")
    yield f"/watches/provinces?q={asked}"
    yield f"/watches/provinces/map?q={asked}"
    yield f"/watches/provinces/region?name={asked}"
    yield f"/watches/{asked}"
    yield f"/alerts?q={asked}"
    yield f"/alerts/{asked}"
    yield f"/handover?since={asked}"
    yield f"/record?region={asked}"
    yield f"/login?next={asked}"


def shown(site: Site, paths: Iterable[str]) -> dict[str, str]:
    browser = {"Accept": "text/html"}
    return {path: site.get(path, headers=browser).text for path in paths}


def test_no_payload_in_the_store_is_live_on_any_page(
    hostile: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    alerts = [f"/alerts/{one['alert']}" for one in _alerts(hostile)]
    (mark, *_) = re.findall(r'name="mark" value="([0-9a-f]+)"', hostile.get(alerts[0]).text)
    forms = (("acknowledge", "note"), ("note", "text"), ("silence", "reason"))
    for n, (alert, payload) in enumerate(zip(alerts, PAYLOADS, strict=False)):
        form, field = forms[n % 3]
        fields = {"mark": mark, "by": payload[:100], field: payload, "width": "alert"}
        fields |= {"until": "1h"} if form == "silence" else {}
        answer = hostile.post(f"{alert}/{form}", data=fields, headers={"Origin": hostile.url})
        assert answer.status_code == 303, answer.text
    texts = shown(hostile, pages_of(hostile))
    live = {path: found for path, text in texts.items() if (found := live_in(text))}
    assert live == {}
    assert len(alerts) > 100
    assert all(len(text) > 500 for text in texts.values())
    with capsys.disabled():
        print(
            f"\nrow 49: {len(PAYLOADS)} payloads in every text of the store, {len(texts)} pages: "
            f"{len(live)} live"
        )


def test_no_payload_in_an_address_is_live_on_the_page_that_it_asks_for(
    small: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = shown(small, (path for payload in PAYLOADS for path in asked_of(payload)))
    live = {path: found for path, text in texts.items() if (found := live_in(text))}
    assert live == {}
    assert all(len(text) > 300 for text in texts.values())
    with capsys.disabled():
        print(f"\nrow 49: {len(PAYLOADS)} payloads in {len(texts)} addresses: {len(live)} live")


def _alerts(site: Site) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = site.get("/api/v1/alerts?limit=1000").json()["items"]
    return found


def test_the_look_for_live_markup_finds_every_shape_that_is_not_escaped() -> None:
    markup = [one for one in PAYLOADS if re.search(r"<[a-zA-Z]", one)]
    blind = [one for one in markup if not live_in(f"<p title='x'>{one}</p>")]
    allowed = [one for one in blind if not one.startswith(("<input", "<form", "<details"))]
    assert len(markup) > 120
    assert len(allowed) <= len(markup) // 10
