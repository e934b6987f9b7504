"""The rules on forecasts as every run read them: a rule that is changed changes no past."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from core.alerts import Json
from storage.database import Database


class RuleRead(NamedTuple):
    """A rule as it stood in the first run of a running period; None: the run read no rule."""

    running: int
    run: int
    settings: Json | None


class RulesRead:
    """The rules of one database's runs."""

    def __init__(self, database: Database) -> None:
        """Take a database; only its owner keeps rules."""
        self._database = database

    def keep(self, run: int, rules: Iterable[Json]) -> None:
        """Keep the rules that an unpublished run reads."""
        texts = [json.dumps(rule, sort_keys=True, ensure_ascii=False) for rule in rules]
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT INTO rules (settings) VALUES (?) ON CONFLICT DO NOTHING",
                [(text,) for text in texts],
            )
            connection.executemany(
                "INSERT INTO rules_read (run_id, rule_id) "
                "SELECT ?, rule_id FROM rules WHERE settings = ?",
                [(run, text) for text in texts],
            )

    def at_issues(self, watch: str, counted: str) -> list[RuleRead]:
        """Return a watch's rules as they stood in the first live run of each running period."""
        rows = self._database.rows(
            "WITH issues AS (SELECT running, min(run_id) AS run_id FROM blocks "
            "JOIN runs USING (run_id) WHERE watch = :watch AND counted = :counted "
            "AND published = 1 AND mode = 'live' GROUP BY running), "
            "own AS (SELECT run_id, settings FROM rules_read JOIN rules USING (rule_id) "
            "WHERE json_extract(settings, '$.watch') = :watch) "
            "SELECT running, run_id, settings FROM issues LEFT JOIN own USING (run_id) "
            "ORDER BY running",
            {"watch": watch, "counted": counted},
        )
        return [RuleRead(running, run, text and json.loads(text)) for running, run, text in rows]

    def first_read(self, watch: str, counted: str) -> dict[str, int]:
        """Return per name of a watch's rules the running period of the first live run with it."""
        return dict(
            self._database.rows(
                "SELECT json_extract(settings, '$.name'), min(running) FROM rules "
                "JOIN rules_read USING (rule_id) JOIN runs USING (run_id) "
                "JOIN blocks USING (run_id) WHERE json_extract(settings, '$.watch') = :watch "
                "AND watch = :watch AND counted = :counted AND published = 1 AND mode = 'live' "
                "GROUP BY 1",
                {"watch": watch, "counted": counted},
            )
        )
