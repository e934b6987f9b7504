"""The API over a real server: what it says is what the program says, page by page."""

import csv
import io
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.acceptance.town import Town
from tests.tocsin.web.conftest import Site
from tocsin.table_output import CSV_COLUMNS

WATCH = "/api/v1/watches/provinces"
STORM, CALM = "Freedonia/Storm", "Freedonia/Calm"
EVERY_LIST = (
    "/api/v1/watches",
    f"{WATCH}/regions",
    f"{WATCH}/forecasts",
    f"{WATCH}/history?region={STORM}",
    f"{WATCH}/probability?region={STORM}&at_least=5",
    "/api/v1/runs",
    "/api/v1/feeds",
    "/api/v1/pulls",
    "/api/v1/feeds/tracker/quarantine",
)


def pages(site: Site, path: str) -> list[list[dict[str, Any]]]:
    """Return the items of all pages, as `next` leads from one to another."""
    found, following = [], path
    while following:
        answer = site.get(following)
        assert answer.status_code == 200, answer.text
        found.append(answer.json()["items"])
        following = answer.json()["next"]
    return found


def test_the_table_is_that_of_the_command_line(site: Site) -> None:
    (sheet,) = Town(site.folder).tocsin("table", "--watch", "provinces", "--format", "json").data
    answer = site.get(f"{WATCH}/forecasts").json()
    assert answer.pop("items") == [*sheet.pop("totals"), *sheet.pop("regions")]
    assert answer == {**sheet, "next": None}


def test_csv_and_parquet_hold_the_lines_of_the_command_line(site: Site) -> None:
    printed = Town(site.folder).tocsin("table", "--watch", "provinces", "--format", "csv").out
    answer = site.get(f"{WATCH}/forecasts", headers={"Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="provinces.csv"'
    wanted = list(csv.DictReader(io.StringIO(printed)))
    assert list(csv.DictReader(io.StringIO(answer.text))) == wanted
    made = site.get(f"{WATCH}/forecasts?format=parquet")
    table = pq.read_table(io.BytesIO(made.content))
    assert tuple(table.column_names) == CSV_COLUMNS
    assert table.column("median").to_pylist() == [int(row["median"]) for row in wanted]


@pytest.mark.parametrize("path", EVERY_LIST)
@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
def test_every_list_comes_in_every_form(site: Site, path: str, form: str) -> None:
    answer = site.get(path, params={"format": form})
    assert answer.status_code == 200, answer.text
    assert answer.content
    assert answer.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("path", EVERY_LIST)
def test_what_the_client_has_already_is_not_sent_again(site: Site, path: str) -> None:
    first = site.get(path)
    again = site.get(path, headers={"If-None-Match": f'"x", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other = site.get(path, headers={"If-None-Match": first.headers["etag"], "Accept": "text/csv"})
    assert other.status_code == 200


@pytest.mark.parametrize("sort", ["threat", "region", "tempo", "expected", "probability"])
def test_pages_of_one_row_make_up_the_whole_list_in_order(site: Site, sort: str) -> None:
    whole = pages(site, f"{WATCH}/forecasts?sort={sort}")
    single = pages(site, f"{WATCH}/forecasts?sort={sort}&limit=1")
    assert len(single) == 2
    assert [row for page in single for row in page] == whole[0]
    assert {row["region"] for row in whole[0]} == {STORM, CALM}


@pytest.mark.parametrize("path", ["/api/v1/runs", "/api/v1/pulls"])
def test_logs_run_from_the_newest_to_the_oldest(site: Site, path: str) -> None:
    (whole,) = pages(site, path)
    assert len(whole) == 2
    assert [row for page in pages(site, f"{path}?limit=1") for row in page] == whole
    key = next(iter(whole[0]))
    assert whole[0][key] > whole[1][key]


@pytest.mark.parametrize(
    ("query", "regions"),
    [
        ("search=storm", {STORM}),
        ("search=ＦＲＥＥ", {STORM, CALM}),
        ("alert=true", {STORM}),
        ("min_probability=0.5", {STORM}),
        (f"region={CALM}", {CALM}),
        ("iso3=FRA", set()),
    ],
)
def test_rows_are_filtered(site: Site, query: str, regions: set[str]) -> None:
    (rows,) = pages(site, f"{WATCH}/forecasts?{query}")
    assert {row["region"] for row in rows} == regions


def test_a_probability_agrees_with_the_table_and_brings_its_interval(site: Site) -> None:
    (row,) = pages(site, f"{WATCH}/forecasts?region={STORM}")[0]
    (rule,) = row["rules"]
    (found,) = pages(
        site, f"{WATCH}/probability?region={STORM}&at_least={rule['at_least']}&within=3"
    )[0]
    assert found["probability"] == pytest.approx(rule["probability"], abs=0.0001)
    assert found["low_90"] <= found["median"] <= found["high_90"]
    assert (found["from"], found["to"]) == ("2024-07-01", "2024-09-30")
    assert found["models"] == row["models"]
    assert found["skill"] == row["skill"]
    assert found["data_age_days"] == row["data_age_days"]


def test_probabilities_fall_with_the_threshold_and_totals_reach_further(site: Site) -> None:
    ask = f"{WATCH}/probability?region={STORM}&within=3&at_least=0&at_least=5&at_least=20"
    single, total = pages(site, ask)[0], pages(site, f"{ask}&aggregate=total")[0]
    chances = [row["probability"] for row in single]
    assert chances[0] == 1.0
    assert chances == sorted(chances, reverse=True)
    assert all(t["probability"] >= s["probability"] for s, t in zip(single, total, strict=True))


def test_history_sets_what_was_said_beside_what_happened(site: Site) -> None:
    whole = [row for page in pages(site, f"{WATCH}/history?region={STORM}") for row in page]
    (first_page, second_page) = pages(site, f"{WATCH}/history?region={STORM}&limit=1")[:2]
    assert [*first_page, *second_page] == whole
    assert [row["horizon"] for row in first_page] == [1, 2, 3]
    assert first_page[0]["run"] > second_page[0]["run"]
    assert whole[0]["observed"] is None


def test_a_past_day_shows_the_run_of_that_day(site: Site) -> None:
    assert site.get(f"{WATCH}/forecasts?as_of=2024-07-01").status_code == 200
    answer = site.get(f"{WATCH}/forecasts?as_of=2020-01-01")
    assert answer.status_code == 404
    assert answer.json()["detail"] == (
        "watch provinces: has no run with a cut-off until 2020-01-01 yet"
    )


def test_the_track_record_is_that_of_the_command_line(site: Site) -> None:
    (record,) = Town(site.folder).tocsin("scores", "--watch", "provinces", "--format", "json").data
    answer = site.get(f"{WATCH}/scores").json()
    assert {key: answer[key] for key in record} == record
    assert answer["sources"][0]["feed"] == "tracker"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/api/v1/watches/nothing", 404, "watch: no watch is called 'nothing'"),
        (f"{WATCH}/forecasts?sort=size", 422, "sort: input should be 'threat'"),
        (f"{WATCH}/forecasts?limit=1001", 422, "limit: input should be less than or equal to 1000"),
        (f"{WATCH}/forecasts?cursor=x", 400, "cursor: does not belong to this list"),
        (f"{WATCH}/probability?region=x&at_least=1", 404, "region: run 2 has no forecast of 'x'"),
        (f"{WATCH}/probability?region={STORM}&at_least=1&within=9", 400, "reaches 3 periods"),
        (f"{WATCH}/history?region=x", 404, "region: no run has forecast 'x'"),
        ("/api/v1/feeds/x/quarantine", 404, "feed: no feed is called 'x'"),
    ],
)
def test_what_cannot_be_meant_is_told_in_one_line(
    site: Site, path: str, status: int, words: str
) -> None:
    answer = site.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.json()["detail"]
    assert answer.json()["status"] == status


def test_a_cursor_serves_only_the_list_that_gave_it(site: Site) -> None:
    runs = site.get("/api/v1/runs?limit=1").json()["next"].partition("cursor=")[2]
    assert site.get(f"/api/v1/pulls?cursor={runs}").status_code == 400


def test_a_form_that_we_do_not_have_is_refused(site: Site) -> None:
    for accept in ("text/html", "application/json;q=0", "image/png, text/csv;q=x"):
        answer = site.get("/api/v1/runs", headers={"Accept": accept})
        assert answer.status_code == 406, accept
    assert (
        site.get("/api/v1/runs", headers={"Accept": "text/*, */*;q=0.1"})
        .headers["content-type"]
        .startswith("text/csv")
    )


def test_each_viewer_sees_their_own_watches_and_nothing_of_the_others(guarded: Site) -> None:
    def names(who: str) -> list[str]:
        return [row["watch"] for row in guarded.get("/api/v1/watches", who).json()["items"]]

    assert names("desk") == ["provinces", "places"]
    assert names("oslo") == ["places"]
    for path in EVERY_LIST[1:5]:
        assert guarded.get(path, "oslo").status_code == 404, path
    runs = guarded.get("/api/v1/runs", "oslo").json()["items"]
    assert {name for run in runs for name in run["watches"]} == {"places"}
    assert guarded.get("/api/v1/runs?watch=provinces", "oslo").status_code == 404
