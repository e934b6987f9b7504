"""The Atom feed, the report of a run, and datasette's metadata."""

import json
import sqlite3
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from core.alerts import Alert, AlertEvent, AlertState
from core.errors import InputError
from tests.tocsin.exports.conftest import Shipped
from tocsin.commands.exports.alerts import export_alerts
from tocsin.commands.exports.datasette import export_datasette
from tocsin.commands.exports.report import export_report
from tocsin.exports.atom import NEWEST, feed
from tocsin.exports.pictures import DRAWN

ATOM = "{http://www.w3.org/2005/Atom}"
STAMP = "2022-10-01T06:00:00.000000Z"


def entries(path: Path) -> list[ET.Element]:
    return ET.parse(path).getroot().findall(f"{ATOM}entry")


def test_the_feed_has_what_atom_asks_for(shipped: Shipped) -> None:
    out = shipped.folder / "alerts.xml"
    export_alerts(shipped.config, shipped.database, None, out, outside=True)
    root = ET.parse(out).getroot()
    for element in (root, *entries(out)):
        for name in ("id", "title", "updated"):
            assert element.findtext(f"{ATOM}{name}"), name
    assert root.findtext(f"{ATOM}author/{ATOM}name") == "Tocsin"
    assert "free to use; accessed 2022-10-01" in (root.findtext(f"{ATOM}rights") or "")
    plain = sqlite3.connect(shipped.database)
    rows = plain.execute("SELECT upper(severity), state, region FROM alert_table").fetchall()
    plain.close()
    titles = {entry.findtext(f"{ATOM}title") for entry in entries(out)}
    assert titles == {f"{severity} ({state}): {region}" for severity, state, region in rows}
    entry = entries(out)[0]
    assert "SIMULATED DATA" in (entry.findtext(f"{ATOM}summary") or "")
    assert (entry.findtext(f"{ATOM}id") or "").startswith("urn:uuid:")


def test_an_entry_keeps_its_id_over_writings(shipped: Shipped) -> None:
    ids = []
    for name in ("one.xml", "two.atom"):
        out = shipped.folder / name
        export_alerts(shipped.config, shipped.database, "provinces", out, outside=False)
        ids.append([entry.findtext(f"{ATOM}id") for entry in entries(out)])
    assert ids[0] == ids[1] != []


def test_a_feed_to_hand_on_leaves_out_what_stays_inside(closed: Shipped) -> None:
    out = closed.folder / "alerts.xml"
    export_alerts(closed.config, closed.database, None, out, outside=True)
    assert entries(out) == []
    export_alerts(closed.config, closed.database, None, out, outside=False)
    assert entries(out) != []
    with pytest.raises(InputError, match='share is "none"'):
        export_alerts(closed.config, closed.database, "provinces", out, outside=True)


def alert(number: int, place: str) -> tuple[Alert, AlertEvent]:
    about = ("live", "provinces", "tempo", (place,), AlertState.FIRING, "severe", 1, 0)
    made = Alert(f"al_{number}", *about, date(2022, 9, 30), 5, 2.0, "attacks", STAMP, STAMP)
    event = AlertEvent(
        *(f"al_{number}", 1, STAMP, None, AlertState.FIRING, "severe", "crossed", 0.7, {})
    )
    return made, event


@pytest.mark.parametrize("place", ["<b>&amp;", "]]>", "\x00\x1b[2J", "\ufffe", "<!--", "a\ud800b"])
def test_no_name_breaks_the_document(place: str) -> None:
    root = ET.fromstring(feed(place, "", [alert(1, place)], [place], "here", STAMP))
    (entry,) = root.findall(f"{ATOM}entry")
    assert len(entry) == 6
    assert {child.tag for child in entry.iter()} <= {
        f"{ATOM}{name}"
        for name in ("entry", "id", "title", "published", "updated", "category", "summary")
    }


def test_two_installations_have_two_feeds() -> None:
    texts = [feed("Alerts", "", [alert(1, "Borno")], [], owner, STAMP) for owner in ("a", "b")]
    ids = [{e.text for e in ET.fromstring(text).iter(f"{ATOM}id")} for text in texts]
    assert len(ids[0] | ids[1]) == 4


def test_a_feed_holds_the_newest_and_an_empty_one_is_dated() -> None:
    many = [alert(number, "Borno") for number in range(NEWEST + 5)]
    root = ET.fromstring(feed("Alerts", "", many, [], "here", STAMP))
    assert len(root.findall(f"{ATOM}entry")) == NEWEST
    empty = ET.fromstring(feed("Alerts", "", [], [], "here", STAMP))
    assert empty.findtext(f"{ATOM}updated") == "2022-10-01T06:00:00Z"


def test_a_report_tells_every_watch_of_its_run(shipped: Shipped) -> None:
    out = shipped.folder / "report.html"
    export_report(shipped.config, shipped.database, 1, out, outside=True)
    page = out.read_text(encoding="utf-8")
    for told in ("<h2>provinces</h2>", "<h2>abroad</h2>", "<h2>deaths</h2>", "Afghanistan/Kabul"):
        assert told in page
    assert page.count('<svg class="spark"') == 17 + 4 + 5
    assert page.count('<div class="picture"') == DRAWN + 4 + 5
    assert "Chart of Afghanistan/Kabul: simulated attacks per month" in page
    assert "level since 2021-10-01" in page, "the chart says what it draws"
    assert ", firing: " in page
    assert "free to use; accessed 2022-10-01" in page
    assert "SIMULATED DATA" in page
    assert "<script" not in page
    print(f"\nreport of run 1: {len(page.encode()) / 1000:.0f} kB, {page.count('<svg')} drawings")


def test_the_newest_run_is_told_when_none_is_named(shipped: Shipped) -> None:
    out = shipped.folder / "report.html"
    export_report(shipped.config, shipped.database, None, out, outside=False)
    assert "Tocsin: run 1, cut-off 1 October 2022" in out.read_text(encoding="utf-8")


def test_a_report_of_no_run_or_of_what_stays_inside_is_refused(
    shipped: Shipped, closed: Shipped
) -> None:
    out = shipped.folder / "report.html"
    with pytest.raises(InputError, match="no published run has number 99"):
        export_report(shipped.config, shipped.database, 99, out, outside=False)
    with pytest.raises(InputError):
        export_report(closed.config, closed.database, 1, out, outside=True)
    assert not out.exists()


def test_every_ready_query_runs_and_every_told_column_exists(shipped: Shipped) -> None:
    out = shipped.folder / "metadata.json"
    export_datasette(shipped.config, shipped.database, out)
    made = json.loads(out.read_text(encoding="utf-8"))
    (name,) = made["databases"]
    assert name == shipped.database.stem
    about = made["databases"][name]
    plain = sqlite3.connect(f"file:{shipped.database}?mode=ro", uri=True)
    for query in about["queries"].values():
        assert query["title"]
        plain.execute(query["sql"]).fetchall()
    assert plain.execute(about["queries"]["provinces-forecasts"]["sql"]).fetchone()
    for table, told in about["tables"].items():
        columns = {row[1] for row in plain.execute(f"PRAGMA table_info({table})")}
        assert columns, table
        assert set(told.get("columns", ())) <= columns, table
    plain.close()
    assert len(about["queries"]) == 9
    assert "free to use" in made["license"]
