"""A configuration cannot send out what is to stay inside, nor count by what is not kept."""

from pathlib import Path

import pytest

from core.errors import ConfigError
from tocsin.config import load

FILE = """
[[feeds]]
name = "tracker"
kind = "csv"
path = "incidents.csv"
columns = { date = "date", country = "land", target = "who", sector = "sector" }
share = "SHARE"
sensitive = [SENSITIVE]

[[watches]]
name = "lands"
feeds = ["tracker"]
group_by = [GROUP]
horizon = 3
WATCH

[[rules]]
name = "tempo"
watch = "lands"
levels = [{ severity = "severe", at_least = 5, probability = 0.5 }]
clear_probability = 0.3

[[channels]]
name = "soc"
kind = "webhook"
url = "https://soc.example.org/tocsin"
secret_env = "SECRET"
CHANNEL

[[routes]]
channels = ["soc"]
"""


def complaint(folder: Path, **parts: str) -> str:
    """Return what is said of the file with these parts, "" when it is fine."""
    given = {"SHARE": "rows", "SENSITIVE": "", "GROUP": '"country"', "WATCH": "", "CHANNEL": ""}
    text = FILE
    for key, part in {**given, **parts}.items():
        text = text.replace(key, part)
    (folder / "config.toml").write_text(text, encoding="utf-8")
    try:
        load(folder / "config.toml")
    except ConfigError as error:
        return error.line()
    return ""


def test_a_confined_feed_and_a_channel_that_leaves_are_an_error(tmp_path: Path) -> None:
    told = complaint(tmp_path, SHARE="none")
    assert "routes[1]: rule 'tempo' counts feed 'tracker'" in told
    assert "set internal = true" in told


def test_a_channel_may_be_said_to_stay_inside(tmp_path: Path) -> None:
    assert complaint(tmp_path, SHARE="none", CHANNEL="internal = true") == ""


@pytest.mark.parametrize("share", ["aggregates", "rows"])
def test_other_feeds_may_be_told_of_anywhere(tmp_path: Path, share: str) -> None:
    assert complaint(tmp_path, SHARE=share) == ""


@pytest.mark.parametrize(
    ("parts", "key"),
    [
        ({"SENSITIVE": '"target"', "GROUP": '"country", "target"'}, "group_by"),
        ({"SENSITIVE": '"sector"', "GROUP": '"sector"'}, "group_by"),
        ({"SENSITIVE": '"target"', "WATCH": 'where = { target = "NGO*" }'}, "where"),
        ({"SENSITIVE": '"latitude"', "GROUP": '"cell"'}, "group_by"),
    ],
)
def test_a_watch_cannot_count_by_a_sensitive_column(
    tmp_path: Path, parts: dict[str, str], key: str
) -> None:
    told = complaint(tmp_path, **parts)
    assert f"watches[1].{key}" in told
    assert "is sensitive in feed 'tracker': it is not kept" in told


@pytest.mark.parametrize(
    ("column", "hint"), [("date", "did you mean"), ("sectr", "did you mean 'sector'?")]
)
def test_a_column_that_cannot_be_dropped_is_refused(tmp_path: Path, column: str, hint: str) -> None:
    told = complaint(tmp_path, SENSITIVE=f'"{column}"')
    assert f"feeds[1].sensitive: '{column}' cannot be dropped from this feed" in told
    assert hint in told


def test_sensitive_columns_that_nothing_counts_by_are_fine(tmp_path: Path) -> None:
    assert complaint(tmp_path, SENSITIVE='"target", "sector", "source"') == ""
