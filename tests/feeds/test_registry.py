"""The registry: kinds by name, imported at first use."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from core.errors import ConfigError
from feeds.registry import KINDS, open_feed, settings_class

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_settings_that_default_to_that_kind(kind: str) -> None:
    assert settings_class(kind).model_fields["kind"].default == kind


def test_a_misspelt_kind_names_the_nearest_one() -> None:
    with pytest.raises(ConfigError, match=r"no feed is of kind 'ucdp'; did you mean 'ucdp-csv'"):
        settings_class("ucdp")


def test_a_kind_like_no_other_lists_them_all() -> None:
    with pytest.raises(ConfigError, match="choose one \\(simulated, csv, excel, counts-csv"):
        settings_class("~~~")


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_key_is_an_error(kind: str) -> None:
    with pytest.raises(ValidationError, match="pth"):
        settings_class(kind).model_validate({"name": "f", "kind": kind, "pth": "x"})


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({"columns": {"id": "id"}}, "which column is the date"),
        ({"columns": {"date": "d", "country": "c"}, "constants": {"country": "Iraq"}}, "'country'"),
        ({"columns": {"date": "d"}, "constants": {"id": "1"}}, "'id' cannot be a constant"),
        ({"columns": {"date": "d"}, "covered_through": "release"}, "covered_through"),
        ({"columns": {"date": "d"}, "dates": "us"}, "dates"),
        ({"columns": {"date": "d"}, "separator": "x"}, "separator"),
    ],
)
def test_csv_settings_that_cannot_be_meant_are_refused(
    keys: dict[str, object], reason: str
) -> None:
    with pytest.raises(ValidationError, match=reason):
        settings_class("csv").model_validate({"name": "f", "path": "f.csv", **keys})


def test_a_release_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="UCDP version such as"):
        settings_class("ucdp-csv").model_validate({"name": "f", "path": "f", "release": "latest"})


def test_relative_paths_start_from_the_folder_of_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "f.csv").write_text("region,date,count\nBasra,2006-01-01,4\n")
    settings = settings_class("counts-csv").model_validate({"name": "f", "path": "../data/f.csv"})
    (tmp_path / "etc").mkdir()
    pull = open_feed(settings, tmp_path / "etc").pull(TODAY)
    assert [batch.tallies[0].events for batch in pull.batches()] == [4]
    assert pull.origin == "f.csv"


def test_importing_the_registry_and_all_settings_loads_no_heavy_package() -> None:
    code = (
        "import sys; from feeds.registry import KINDS, settings_class\n"
        "assert not [m for m in sys.modules if m.startswith('feeds.csv')]\n"
        "[settings_class(kind) for kind in KINDS]\n"
        "print([m for m in ('numpy', 'pandas', 'pyarrow', 'sqlite_utils') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
