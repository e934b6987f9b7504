"""The rules that a run read are kept with it, and go with it."""

from __future__ import annotations

from typing import Any

from core.alerts import AlertChanges
from storage.database import Database
from storage.rules_read import RuleRead, RulesRead
from storage.runs import Runs
from tests.storage.samples import NOW, key, result


def rule(name: str, watch: str = "provinces", **more: Any) -> dict[str, Any]:
    return {"name": name, "watch": watch, **more}


def ran(database: Database, config: str, *rules: dict[str, Any], publish: bool = True) -> int:
    runs = Runs(database)
    run = runs.begin(key(config), NOW, "0.1.0", "")
    RulesRead(database).keep(run, rules)
    runs.stage(run, result())
    if publish:
        runs.publish(run, AlertChanges(), [], NOW)
    return run


def asked(database: Database) -> tuple[str, str, int]:
    found = "SELECT watch, counted, running FROM blocks LIMIT 1"
    ((watch, counted, running),) = database.rows(found)
    return watch, counted, running


def test_of_every_period_the_rules_of_its_first_run_count(database: Database) -> None:
    first = ran(database, "one", rule("tempo", at_least=5), rule("other", "places"))
    ran(database, "two", rule("tempo", at_least=50), rule("late"))
    watch, counted, running = asked(database)
    read = RulesRead(database)
    assert read.at_issues(watch, counted) == [RuleRead(running, first, rule("tempo", at_least=5))]
    assert read.first_read(watch, counted) == {"tempo": running, "late": running}
    assert read.at_issues("places", counted) == read.at_issues(watch, "others") == []


def test_a_period_whose_run_read_no_rule_is_told_as_such(database: Database) -> None:
    run = ran(database, "one")
    watch, counted, running = asked(database)
    assert RulesRead(database).at_issues(watch, counted) == [RuleRead(running, run, None)]


def test_the_same_rule_is_stored_once_and_goes_with_no_run(database: Database) -> None:
    ran(database, "one", rule("tempo"))
    ran(database, "two", rule("tempo"), publish=False)
    assert database.value("SELECT count(*) FROM rules_read") == 2
    Runs(database).begin(key("three"), NOW, "0.1.0", "")
    assert database.value("SELECT count(*) FROM rules_read") == 1, "an interrupted run is removed"
    assert database.value("SELECT count(*) FROM rules") == 1
