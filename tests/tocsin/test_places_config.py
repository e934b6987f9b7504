"""Sites, precedence, home and rules on silent feeds: what may be said of them."""

from pathlib import Path

import pytest

from core.errors import ConfigError
from tocsin.config import load

GOOD = """
[[feeds]]
name = "yearly"
kind = "ucdp-csv"
path = "GEDEvent_v24_1.csv"

[[feeds]]
name = "tracker"
kind = "csv"
path = "tracker.csv"
columns = { date = "date", weapon = "weapon" }

[[watches]]
name = "countries"
feeds = ["yearly", "tracker"]
precedence = ["tracker", "yearly"]
group_by = ["actor", "country"]
home = "AFG"

[[watches]]
name = "offices"
feeds = ["tracker"]
group_by = ["site"]
where = { site = "Off*" }

[[rules]]
name = "silence"
watch = "countries"
on = "stale"
severity = "advisory"

[[rules]]
name = "tempo"
watch = "offices"
levels = [{ severity = "severe", at_least = 5, probability = 0.6 }]
clear_probability = 0.35

[[sites]]
name = "Office"
latitude = 34.5
longitude = 69.2
radius_km = 20

[[channels]]
name = "screen"
kind = "console"

[[routes]]
match = { severity = ["advisory", "severe"] }
channels = ["screen"]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_rules_of_both_kinds_stand_in_one_list(tmp_path: Path) -> None:
    config = load(written(tmp_path, GOOD))
    (stale,), (tempo,) = config.stale_rules, config.rules
    assert (stale.name, stale.after, stale.severity) == ("silence", 21, "advisory")
    assert (tempo.name, tempo.within) == ("tempo", 3)
    assert config.sites[0].radius_km == 20


@pytest.mark.parametrize(("home", "name"), [("AFG", "Afghanistan"), ("Freedonia", "Freedonia")])
def test_a_home_is_a_country_by_name_or_code(tmp_path: Path, home: str, name: str) -> None:
    config = load(written(tmp_path, GOOD.replace('"AFG"', f'"{home}"')))
    assert config.watches[0].home == name


@pytest.mark.parametrize(("after", "days"), [('"10d"', 10), ('"3w"', 21), ("400", 400)])
def test_a_silence_is_given_in_days_or_weeks(tmp_path: Path, after: str, days: int) -> None:
    text = GOOD.replace('on = "stale"', f'on = "stale"\nafter = {after}')
    assert load(written(tmp_path, text)).stale_rules[0].after == days


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('on = "stale"', 'on = "stale"\nafter = "3 weeks"', 'such as "21d" or "3w"'),
        ('on = "stale"', 'on = "stale"\nwithin = 3', "unknown key"),
        ('on = "stale"', 'on = "stail"', "rules[1].on"),
        ('watch = "countries"', 'watch = "counties"', "did you mean 'countries'?"),
        ('name = "tempo"', 'name = "silence"', "rules[2].name: 'silence' stands twice"),
        ('severity = "advisory"', 'severity = "grave"', "rules[1].severity"),
        ('["advisory", "severe"]', '["severe"]', "no route takes severity 'advisory'"),
        ('["tracker", "yearly"]', '["tracker"]', "leaves out yearly"),
        ('["tracker", "yearly"]', '["tracker", "yearl"]', "did you mean 'yearly'?"),
        ('["actor", "country"]', '["country"]', "told apart by country"),
        ("[[sites]]", "[[site]]", "did you mean 'sites'?"),
        ("radius_km = 20", "radius_km = 0", "radius_km"),
        ("latitude = 34.5", "latitude = 134.5", "latitude"),
        ('group_by = ["site"]', 'group_by = ["admin1"]', 'add "site" to group_by'),
        ('group_by = ["site"]', 'group_by = ["site"]\ntotals = ["*"]', "sites add up to nothing"),
        ('weapon = "weapon"', 'site = "weapon"', "map the column to another name"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_place(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert old in GOOD
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, GOOD.replace(old, new, 1)))
    assert told in caught.value.line()
    assert "config.toml" in caught.value.line()


def test_sites_to_group_by_must_be_there_and_have_names_of_their_own(tmp_path: Path) -> None:
    start, end = GOOD.index("[[sites]]"), GOOD.index("[[channels]]")
    with pytest.raises(ConfigError, match=r"no sites to group by; add \[\[sites\]\]"):
        load(written(tmp_path, GOOD[:start] + GOOD[end:]))
    with pytest.raises(ConfigError, match=r"sites\[2\]\.name: 'Office' stands twice"):
        load(written(tmp_path, GOOD[:end] + GOOD[start:end] + GOOD[end:]))
