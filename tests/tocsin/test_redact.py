"""What `tocsin redact` refuses: each time one line that says how to mend it."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.errors import InputError
from tests.acceptance.town import Town
from tocsin.commands.redact import Request, redact
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
        "would erase: target of 1 incident(s), 1 version(s) with such text. Nothing is changed; "
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
