"""`tocsin brief` in the real program: the published sentences, and a query behind every number."""

import shutil
import sqlite3
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from core.clock import SystemClock
from core.errors import InputError
from tests.acceptance.shown_reports import made_brief, written_brief
from tests.acceptance.town import Town
from tocsin.brief import figures
from tocsin.brief.evidence import Question, gather
from tocsin.commands.brief import areas, brief
from tocsin.config import load
from tocsin.stores import opened

ROOT = Path(__file__).resolve().parents[2]
NORTH = "the northern border=Tajikistan,UZB"
ASKED = ("brief", "--watch", "provinces", "--since", "2021-08-15", "--area", NORTH)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Town:
    folder = tmp_path_factory.mktemp("brief")
    shutil.copy(ROOT / "config.toml", folder / "config.toml")
    town = Town(folder)
    assert town.tocsin("run").code == 0
    return town


def document(town: Town, *further: str) -> dict[str, Any]:
    answer = town.tocsin(*ASKED, "--format", "json", *further)
    assert answer.code == 0, answer.err
    return answer.data


def test_the_published_sentences_are_read_from_the_shipped_story(shipped: Town) -> None:
    answer = shipped.tocsin(*ASKED)
    told = " ".join(answer.out.split())
    for sentence in (
        "In Afghanistan: 14 simulated attacks a month since 15 August 2021",
        "5.4 a month before (233 in 43.4 months): more than double",
        "2021-10: 138 fatalities",
        "2022-04: 168 fatalities",
        "Pakistan: 29 simulated attacks in the year since, 6 in the year before: nearly 5 times",
        "The northern border (Tajikistan, Uzbekistan): 32 simulated attacks in the year since",
        "3 in the year before: more than 10 times",
    ):
        assert sentence in told
    assert "SIMULATED DATA" in told
    print("\n14 a month, more than double; 138 and 168; 29 and 32, 4.8 and 10.7 times: all told")


def test_the_document_has_the_numbers_of_the_sentences(shipped: Town) -> None:
    found = document(shipped)
    home = found["tempo"][0]
    assert (home["place"], round(home["since"]["a_month"])) == ("Afghanistan", 14)
    assert home["ratio"]["low_95"] > 2
    assert {row["month"]: row["deaths"] for row in found["peaks"]}.items() >= {
        ("2021-10", 138),
        ("2022-04", 168),
    }
    places = {row["place"]: row for row in found["places"]["rows"]}
    for place, since, before in (("Pakistan", 29, 6), ("the northern border", 32, 3)):
        row = places[place]
        assert (row["since"]["events"], row["before"]["events"]) == (since, before)
        assert row["ratio"]["low_95"] > 1.9
    assert found["expected"]["regions"][0]["periods"][0]["high_90"] > 0
    listed = shipped.tocsin("alerts", "list", "--watch", "provinces", "--format", "json").data
    assert {alert["alert"] for alert in found["alerts"]} == {alert["alert"] for alert in listed}
    assert "explain" not in found


@pytest.mark.parametrize("watch", ["provinces", "abroad", "deaths"])
def test_every_number_is_what_its_query_answers(shipped: Town, watch: str) -> None:
    config = load(shipped.folder / "config.toml")
    with opened(config, None, "read", SystemClock()) as stores:
        found = gather(stores, config, Question(watch, date(2021, 8, 15)), date(2022, 10, 1))
        queries = figures.document(found)["explain"]
    plain = sqlite3.connect(shipped.folder / "tocsin.db")
    for one in queries:
        assert plain.execute(one["sql"]).fetchall() == [(one["value"],)], one
    plain.close()
    assert len(queries) > 30
    print(f"\n{watch}: {len(queries)} numbers, each the answer of its query")


def test_a_past_day_sees_no_later_event(shipped: Town) -> None:
    found = document(shipped, "--as-of", "2022-01-31", "--explain")
    assert found["data"]["through"] == "2022-01-31"
    assert "replay as of 2022-01-31" in found["label"]
    assert found["expected"] is None
    assert found["places"]["year_since"] == ["2021-08-15", "2022-01-31"]
    assert found["peaks"][0]["month"] == "2021-10"
    assert (
        "No run has forecast this watch yet" in shipped.tocsin(*ASKED, "--as-of", "2022-01-31").out
    )


def test_a_watch_of_no_actor_has_no_abroad(shipped: Town) -> None:
    answer = shipped.tocsin("brief", "--watch", "deaths", "--since", "2021-08-15")
    assert "BY COUNTRY" in answer.out
    assert "ABROAD" not in answer.out
    chosen = shipped.tocsin("brief", "--watch", "deaths", "--since", "2021-08-15", "--home", "PAK")
    assert "ABROAD, FROM PAKISTAN" in chosen.out


def test_a_page_is_written_whole_and_opens_nothing(shipped: Town) -> None:
    out = shipped.folder / "brief.html"
    answer = shipped.tocsin(*ASKED, "--format", "html", "--explain", "-o", str(out))
    assert (answer.code, answer.out) == (0, "")
    page = out.read_text(encoding="utf-8")
    parser = HTMLParser()
    parser.feed(page)
    assert "default-src 'none'" in page
    assert page.endswith("</html>\n")


def test_what_cannot_be_told_is_refused_with_one_line(shipped: Town) -> None:
    answer = shipped.tocsin("brief", "--watch", "provinces", "--since", "2022-10-05")
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "has no data since 2022-10-05, as of 2022-10-01" in answer.err
    since = date(2021, 8, 15)
    for question, told in (
        (Question("provinces", since, areas={"north": ("Narnia",)}), "no event in 'Narnia'"),
        (Question("provinces", since, home="Narnia"), "no event in 'Narnia'"),
    ):
        with pytest.raises(InputError, match=told):
            write(shipped, question, None)
    with pytest.raises(InputError, match="cannot be written"):
        write(shipped, Question("provinces", since), Path("/nowhere/brief.txt"))
    with pytest.raises(InputError, match="names no countries"):
        areas(["north"])
    assert areas(["a = NER, Mali", "b=X"]) == {"a": ("NER", "Mali"), "b": ("X",)}


def write(town: Town, question: Question, out: Path | None) -> None:
    how = {"form": "text", "explain": False, "outside": False}
    brief(town.folder / "config.toml", None, question, out, **how)


def test_what_stays_inside_is_not_written_to_be_handed_on(tmp_path: Path) -> None:
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    closed = text.replace('kind = "simulated"', 'kind = "simulated"\nshare = "none"')
    (tmp_path / "config.toml").write_text(closed, encoding="utf-8")
    town = Town(tmp_path)
    assert town.tocsin("pull").code == 0
    answer = town.tocsin(*ASKED, "--outside")
    assert (answer.code, answer.out) == (2, "")
    assert 'share is "none"' in answer.err
    inside = town.tocsin(*ASKED)
    assert "for use inside the organisation only" in " ".join(inside.out.split())


def test_the_page_shows_what_the_program_prints(tmp_path: Path) -> None:
    """`make docs` rewrites docs/brief.md when the program prints another."""
    assert made_brief(tmp_path) == written_brief()
