"""What `tocsin redact` refuses: each time one line that says how to mend it."""

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from core.clock import FixedClock, SystemClock, at_date
from core.errors import InputError
from storage.database import open_database
from tests.acceptance.town import Town
from tocsin.commands.redact import Request, redact
from tocsin.commands.redactions import listed
from tocsin.config import load
from tocsin.pulling import pull_all
from tocsin.stores import opened

MAPPED = 'admin1 = "province"'
PLAIN = Request("tracker", ("Calm-0-0",), {}, (), "duty officer", "asked for")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tracker with one incident that names a person, pulled; no test changes it."""
    town = Town(tmp_path_factory.mktemp("town"))
    town.configure(change={MAPPED: f'{MAPPED}, target = "who"'})
    (town.folder / "incidents.csv").write_text(
        "id,date,country,province,who\nCalm-0-0,2024-01-05,Freedonia,Calm,Dr Amina Yusuf\n"
    )
    path, clock = town.folder / "config.toml", SystemClock()
    with opened(load(path), None, "own", clock) as stores:
        _, refused = pull_all(load(path), stores.incidents, clock, date(2024, 7, 1), lambda _: None)
    assert refused == []
    return path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"feed": "trackr"}, "--feed: no feed is called 'trackr'; did you mean 'tracker'?"),
        ({"columns": ("admin1",)}, "watch 'provinces' counts by 'admin1': its counts would change"),
        ({"columns": ("targt",)}, "did you mean 'target'?"),
        ({"columns": ("date",)}, "'date' is no text of an incident of this feed"),
        ({"ids": ("Calm-0-0", "nobody")}, "--id: no incident has the id 'nobody'"),
        ({"ids": (), "where": {"target": "Nobody*"}}, "--where: no incident matches"),
        ({"ids": (), "where": {'x"y': "*"}}, "--where: no column is called"),
        ({"ids": ()}, "needs --id or --where, one of the two"),
        ({"where": {"id": "*"}}, "needs --id or --where, one of the two"),
        ({"person": " "}, "--by: needs 1 to 500 characters"),
        ({"reason": ""}, "--reason: needs 1 to 500 characters"),
        ({"reason": "names dr amina yusuf"}, "repeats a text that is to be erased"),
    ],
)
def test_what_cannot_be_meant_or_would_change_a_count_is_refused(
    config: Path, change: dict[str, object], said: str
) -> None:
    with pytest.raises(InputError) as refused:
        redact(config, None, replace(PLAIN, **change), yes=True)
    assert said in refused.value.line()


def test_without_yes_it_says_what_it_would_do(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    redact(config, None, replace(PLAIN, columns=("target",)), yes=False)
    assert capsys.readouterr().out == (
        "would erase: target of 1 incident, 1 version with such text. Nothing is changed; "
        "--yes does it.\nleft: admin1, which watch provinces counts by\n"
    )


def test_a_feed_that_only_counts_has_no_text_to_erase(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.configure(
        change={
            'kind = "csv"': 'kind = "counts-csv"',
            'columns = { id = "id", date = "date", country = "country", admin1 = "province" }': "",
            'group_by = ["country", "admin1"]': 'group_by = ["region"]',
        }
    )
    with pytest.raises(InputError, match="has no text that could be erased"):
        redact(town.folder / "config.toml", None, PLAIN, yes=False)


def removed(folder: Path, config: Path) -> Path:
    """Return a configuration without the feed, beside the database that still has its incidents."""
    text = config.read_text().replace('name = "tracker"', 'name = "other"')
    path = folder / "config.toml"
    path.write_text(text.replace('feeds = ["tracker"]', 'feeds = ["other"]'))
    shutil.copy(config.with_name("tocsin.db"), folder / "tocsin.db")
    return path


def test_a_feed_that_was_taken_out_of_the_configuration_is_still_reached(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = removed(tmp_path, config)
    with pytest.raises(InputError, match="did you mean 'tracker'"):
        redact(path, None, replace(PLAIN, feed="trackr"), yes=True)
    redact(path, None, replace(PLAIN, columns=("target", "admin1")), yes=True)
    assert "erased: target, admin1 of 1 incident," in capsys.readouterr().out
    with open_database(tmp_path / "tocsin.db", mode="read") as database:
        assert database.rows("SELECT target, admin1 FROM incidents") == [(None, None)]


def test_the_log_tells_who_when_why_and_which_columns_and_never_what(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = removed(tmp_path, config)
    listed(path, None, form="text", raw=False)
    assert capsys.readouterr().out == "nothing was redacted\n"
    hostile = replace(PLAIN, columns=("target",), person="=cmd()", reason="asked\x1b[2J for")
    redact(path, None, hostile, yes=True, clock=FixedClock(at_date(date(2024, 7, 1))))
    capsys.readouterr()

    listed(path, None, form="json", raw=False)
    (row,) = json.loads(capsys.readouterr().out)
    assert row | {"elsewhere": 0} == {
        "number": 1,
        "at": "2024-07-01T00:00:00.000000Z",
        "feed": "tracker",
        "person": "=cmd()",
        "reason": "asked\x1b[2J for",
        "columns": ["target"],
        "incidents": 1,
        "versions": 1,
        "elsewhere": 0,
    }
    listed(path, None, form="text", raw=False)
    listed(path, None, form="csv", raw=False)
    shown = capsys.readouterr().out
    assert "Amina" not in shown
    assert "\x1b" not in shown
    assert ",'=cmd()," in shown


@pytest.mark.parametrize("given", [[], ["--feed", "tracker"], ["--by", "me", "--reason", "x"]])
def test_without_feed_reason_and_person_it_says_what_is_missing(
    config: Path, given: list[str]
) -> None:
    answer = Town(config.parent).tocsin("redact", "--id", "a", *given)
    assert answer.code == 2
    assert "tocsin redact: needs --" in answer.err
