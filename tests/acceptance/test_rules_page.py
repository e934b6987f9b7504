"""The rules that docs/configuration.md shows are read, and say what the page says they do."""

from pathlib import Path

from tests.acceptance.shown import made_rules, written_rules


def test_every_kind_of_rule_does_what_its_example_shows(tmp_path: Path) -> None:
    """`make docs` rewrites the page when `tocsin rules check` says otherwise."""
    assert made_rules(tmp_path) == written_rules()
