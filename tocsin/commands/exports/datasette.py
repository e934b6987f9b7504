"""`tocsin export datasette`: metadata with which datasette opens the database."""

from __future__ import annotations

import json
from pathlib import Path

from core.clock import SystemClock
from tocsin.config import load
from tocsin.exports.datasette import metadata
from tocsin.labels import label_of
from tocsin.output_file import replacing
from tocsin.provenance import sources_of_feeds
from tocsin.stores import opened


def export_datasette(path: Path, database: Path | None, out: Path) -> list[str]:
    """Write the metadata file."""
    config, clock = load(path), SystemClock()
    feeds = [feed.name for feed in config.feeds]
    with opened(config, database, "read", clock) as stores:
        name = stores.database.path.stem
        sources = sources_of_feeds(config, stores.reader, feeds)
    made = metadata(name, label_of(config, None, as_known_then=True), sources, config.watches)
    with replacing(out, (".json", ".yaml", ".yml")) as partial:
        partial.write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{out}: datasette {name}.db -m {out.name}")
    return []
