"""The thresholds that are read at once, and how an address names them."""

import pytest

from core.settings import Level
from tocsin.config import Config
from tocsin.lab.ladder import code_of, column_of
from tocsin.lab.window import Replayed


def test_every_threshold_has_a_code_of_its_own_that_leads_back_to_it(replayed: Replayed) -> None:
    codes = [code_of(level) for level in replayed.ladder]
    assert len(set(codes)) == len(codes)
    assert [column_of(replayed.ladder, code) for code in codes] == list(range(len(codes)))
    assert {"1", "12", "times_baseline:2:5", "times_last_year:3:2", "record:1:10"} < set(codes)


def test_counts_are_read_one_by_one_and_then_up_to_twice_the_largest(replayed: Replayed) -> None:
    counts = [level.at_least for level in replayed.ladder if isinstance(level.at_least, int)]
    assert counts[:12] == list(range(1, 13))
    assert counts == sorted(set(counts))
    assert counts[-1] == 24


def test_thresholds_of_the_watchs_own_rules_are_among_them(
    config: Config, replayed: Replayed
) -> None:
    (rule,) = config.rules
    assert [column_of(replayed.ladder, code_of(level)) is not None for level in rule.levels]


@pytest.mark.parametrize(("code", "wanted"), [("100000", 24), ("0", 1), ("9" * 60, 24)])
def test_a_count_that_was_not_read_gives_the_nearest(
    replayed: Replayed, code: str, wanted: int
) -> None:
    column = column_of(replayed.ladder, code)
    assert column is not None
    assert replayed.ladder[column].at_least == wanted


@pytest.mark.parametrize("code", ["", "-1", "times_baseline:7:7", "½", "1e3", "<script>"])
def test_what_names_no_threshold_gives_none(replayed: Replayed, code: str) -> None:
    assert column_of(replayed.ladder, code) is None


def test_a_code_says_what_is_followed_and_the_least() -> None:
    plain = {"severity": "high", "probability": 0.5}
    told = [9, {"chance": 0.05, "minimum": 2}, {"quantile": 0.95, "minimum": 3}]
    levels = [Level.model_validate({**plain, "at_least": one}) for one in told]
    assert [code_of(level) for level in levels] == ["9", "chance:0.05:2", "quantile:0.95:3"]
