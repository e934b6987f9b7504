"""The documentation says what the program does: every key, every column, every command."""

import re
from pathlib import Path

from alerts import registry as channel_kinds
from core import rule_settings, settings
from feeds import registry as feed_kinds
from tocsin.config import Service
from tocsin.table_output import CSV_COLUMNS
from tocsin.web import settings as web_settings

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
TABLE = (ROOT / "docs" / "table.md").read_text(encoding="utf-8")


def keys() -> set[str]:
    models = [
        Service,
        settings.WatchSettings,
        *rule_settings.KINDS.values(),
        rule_settings.Level,
        rule_settings.Arrival,
        rule_settings.Increase,
        *rule_settings.Follows.__subclasses__(),
        settings.RouteSettings,
        settings.QuietHours,
        settings.DigestSettings,
        settings.Inhibition,
        settings.HeartbeatSettings,
        settings.Match,
        web_settings.WebSettings,
        web_settings.AckLinkSettings,
        web_settings.TokenSettings,
        web_settings.ProxySettings,
        web_settings.ProxyUser,
        *(feed_kinds.settings_class(kind) for kind in feed_kinds.KINDS),
        *(channel_kinds.settings_class(kind) for kind in channel_kinds.KINDS),
    ]
    return {field.alias or name for model in models for name, field in model.model_fields.items()}


def test_every_key_of_the_configuration_is_documented() -> None:
    told = set(re.findall(r"[a-z_0-9]+", " ".join(re.findall(r"`([^`]*)`", CONFIGURATION))))
    assert sorted(keys() - told) == []


def test_every_kind_of_feed_and_channel_is_documented() -> None:
    for kind in [*feed_kinds.KINDS, *channel_kinds.KINDS]:
        assert f"`{kind}`" in CONFIGURATION, kind


def test_every_kind_of_rule_is_documented() -> None:
    for kind in rule_settings.KINDS:
        assert f'`on = "{kind}"`' in CONFIGURATION, kind


def test_every_column_of_the_csv_table_is_documented_in_order() -> None:
    assert f"`{', '.join(CSV_COLUMNS)}`" in TABLE


def test_every_file_that_contributing_names_is_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`([a-z_/]+(?:\.(?:py|md|json|toml)|/))`", text)
    assert len(named) > 50
    assert [path for path in named if not (ROOT / path).exists()] == []
