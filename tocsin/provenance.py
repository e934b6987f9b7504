"""Where a watch's numbers come from: said beside every number, and in a file beside every file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from core.settings import WatchSettings
from core.sources import Source, credits_of, filters_of
from core.text import clean
from storage.reading import Reader, RunRow
from tocsin import __version__
from tocsin.config import Config
from tocsin.output_file import replacing


class Accessed(Protocol):
    """Knows when feeds were read: `core.protocols.IncidentStore`, or a Reader."""

    def accessed(self, feeds: Sequence[str], as_of: str | None) -> Mapping[str, date]:
        """Return per feed the day of its last good pull."""
        ...


def sources_of(
    config: Config, store: Accessed, watch: WatchSettings, as_of: str | None
) -> tuple[Source, ...]:
    """Return the sources of a watch, in the order of the file, as read until stamp `as_of`.

    `as_of` None means until now.
    """
    return sources_of_feeds(config, store, watch.feeds, as_of)


def sources_of_feeds(
    config: Config, store: Accessed, names: Sequence[str], as_of: str | None = None
) -> tuple[Source, ...]:
    """Return the sources with these names, as `sources_of` does."""
    read = store.accessed(names, as_of)
    feeds = (feed for feed in config.feeds if feed.name in names)
    return tuple(Source.of(feed, read.get(feed.name)) for feed in feeds)


def sources_of_run(
    config: Config, reader: Reader, watch: WatchSettings, run: RunRow
) -> tuple[Source, ...]:
    """Return the sources of a watch as a run read them; a replay read what its watermark knew."""
    return sources_of(
        config, reader, watch, run.finished_at if run.mode == "live" else run.watermark
    )


def lines(sources: Sequence[Source]) -> list[str]:
    """Return who is credited, with the day of access, as lines under a table."""
    return [f"Source: {clean(line, 1000)}." for line in credits_of(sources)]


def write_beside(
    out: Path, watch: WatchSettings, sources: Sequence[Source], about: dict[str, Any]
) -> Path:
    """Write OUT.sources.json: what an exported file's numbers are, and whom to credit.

    A table of counts has no place for it: readers of CSV take a comment for a row.
    """
    beside = out.with_name(f"{out.name}.sources.json")
    told = {
        "file": out.name,
        "watch": watch.name,
        **about,
        "period": watch.period.value,
        "filters": filters_of(watch),
        "sources": [source.model_dump(mode="json") for source in sources],
        "made_by": f"Tocsin {__version__}",
    }
    with replacing(beside, ()) as partial:
        partial.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return beside
