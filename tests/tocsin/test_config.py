"""The configuration: what may be said, and how each mistake is told."""

from pathlib import Path

import pytest

from core.errors import ConfigError
from core.members import MEMBERS
from tocsin.config import load

GOOD = """
[service]
database = "t.db"
schedule = "0 6 * * mon"

[[feeds]]
name = "story"
kind = "simulated"

[[watches]]
name = "provinces"
feeds = ["story"]
group_by = ["country", "admin1"]
horizon = 4

[[rules]]
name = "tempo"
watch = "provinces"
within = 3
levels = [{ severity = "severe", at_least = 5, probability = 0.6 }]
clear_probability = 0.35

[[channels]]
name = "screen"
kind = "console"

[[routes]]
channels = ["screen"]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def complaint(folder: Path, old: str, new: str) -> str:
    """Return the line that a configuration with one change is refused with."""
    assert old in GOOD
    with pytest.raises(ConfigError) as caught:
        load(written(folder, GOOD.replace(old, new, 1)))
    line = caught.value.line()
    assert "\n" not in line
    assert caught.value.exit_code == 2
    return line


def line_number(text: str, needle: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if needle in line)


def test_a_good_configuration_loads_with_paths_relative_to_its_folder(tmp_path: Path) -> None:
    config = load(written(tmp_path, GOOD))
    assert config.database == tmp_path / "t.db"
    assert config.feeds[0].kind == "simulated"
    assert config.watches[0].models == MEMBERS
    assert config.feeds_of(config.watches[0]) == [config.feeds[0]]


def test_the_shipped_configuration_and_the_examples_are_valid() -> None:
    root = Path(__file__).resolve().parents[2]
    for path in [root / "config.toml", *sorted((root / "examples").glob("*.toml"))]:
        assert load(path).rules, path


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("horizon = 4", "horizont = 4", "did you mean 'horizon'?"),
        ('database = "t.db"', 'databse = "t.db"', "did you mean 'database'?"),
        (
            "clear_probability = 0.35",
            "clear_probabilty = 0.35",
            "did you mean 'clear_probability'?",
        ),
        ("probability = 0.6 }", "probabilty = 0.6 }", "did you mean 'probability'?"),
        ("[service]", "[servise]", "did you mean 'service'?"),
        ('kind = "simulated"', 'kind = "simulated"\ncolour = 3', "known keys are"),
    ],
)
def test_an_unknown_key_is_told_with_its_line_and_the_nearest_known_one(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    line = complaint(tmp_path, old, new)
    wrong = new.splitlines()[-1].split("=")[0].strip(" []{}")
    assert told in line
    assert wrong in line
    number = line_number(GOOD.replace(old, new, 1), new.splitlines()[-1])
    assert f"config.toml, line {number}:" in line


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("horizon = 4", 'horizon = "four"', "watches[1].horizon: should be a valid integer"),
        ("horizon = 4", "horizon = 0", "watches[1].horizon"),
        ("within = 3", "within = true", "rules[1].within"),
        ('group_by = ["country", "admin1"]', "group_by = []", "watches[1].group_by"),
        (
            "probability = 0.6",
            "probability = 60",
            "probability: should be less than 1, not 60; write 0.6 for 60 %",
        ),
        ("at_least = 5", "at_least = 0", "rules[1].levels[1].at_least"),
        ('severity = "severe"', 'severity = "awful"', "rules[1].levels[1].severity"),
        ('name = "story"', 'name = "a b"', "feeds[1].name"),
        ('kind = "simulated"', "", "feeds[1]: needs a kind"),
        ('kind = "simulated"', 'kind = "ucdp_csv"', "ucdp-csv"),
        ('kind = "console"', 'kind = "pager"', "no channel kind is called 'pager'"),
    ],
)
def test_a_wrong_value_is_told_with_its_place(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    line = complaint(tmp_path, old, new)
    assert told in line
    assert "config.toml, line " in line


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('feeds = ["story"]', 'feeds = ["storry"]', "did you mean 'story'?"),
        ('feeds = ["story"]', "feeds = []", "watches[1].feeds"),
        ('watch = "provinces"', 'watch = "province"', "did you mean 'provinces'?"),
        ('channels = ["screen"]', 'channels = ["scren"]', "scren"),
        ("horizon = 4", 'models = ["dynamic-counts"]', "did you mean 'dynamic-count'?"),
        ("within = 3", "within = 9", "horizon"),
        ("clear_probability = 0.35", "clear_probability = 0.7", "open and clear at once"),
        ("[[routes]]", '[[routes]]\nmatch = { severity = ["advisory"] }', "never sends"),
        ("[[routes]]", '[[routes]]\nmatch = { rule = "temp" }', "temp"),
        ("[[channels]]", '[[channels]]\nname = "screen"\nkind = "console"\n[[channels]]', "twice"),
    ],
)  # fmt: skip
def test_a_name_that_points_nowhere_is_an_error_and_never_silence(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert told in complaint(tmp_path, old, new)


@pytest.mark.parametrize(
    ("cron", "told"),
    [
        ("0 6 30 feb *", "never fires"),
        ("0 6 * * 1", "name it: mon"),
        ("61 * * * *", "not a cron line"),
        ("hourly", "not a cron line"),
        ("", "not a cron line"),
    ],
)
def test_a_schedule_that_cannot_be_meant_is_refused(tmp_path: Path, cron: str, told: str) -> None:
    line = complaint(tmp_path, "0 6 * * mon", cron)
    assert told in line
    assert "service.schedule" in line


def test_a_missing_or_unreadable_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such configuration file"):
        load(tmp_path / "none.toml")
    (tmp_path / "config.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="save it as UTF-8"):
        load(tmp_path / "config.toml")
    with pytest.raises(ConfigError, match="not valid TOML"):
        load(written(tmp_path, "[service"))


def test_the_digest_follows_what_decides_forecasts_and_nothing_else(tmp_path: Path) -> None:
    plain = load(written(tmp_path, GOOD)).digest
    same = GOOD.replace("t.db", "other.db").replace("0 6 * * mon", "0 7 * * *") + "\n# note\n"
    assert load(written(tmp_path, same)).digest == plain
    assert load(written(tmp_path, GOOD.replace("horizon = 4", "horizon = 5"))).digest != plain
