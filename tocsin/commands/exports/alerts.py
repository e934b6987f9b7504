"""`tocsin export alerts`: the newest alerts as an Atom feed."""

from __future__ import annotations

from pathlib import Path

from alerts.sharing import confined_watches
from core.clock import SystemClock, stamp
from core.quantities import quantity
from core.sources import credits_of
from storage.installation import installation_of
from storage.stories import Stories
from tocsin.config import load
from tocsin.exports.atom import NEWEST, feed
from tocsin.labels import label_of
from tocsin.output_file import replacing
from tocsin.outward import require_shareable
from tocsin.provenance import sources_of_feeds
from tocsin.stores import opened


def export_alerts(
    path: Path, database: Path | None, watch_name: str | None, out: Path, *, outside: bool
) -> list[str]:
    """Write an Atom file of the live alerts of one watch or of all.

    To be handed on, it leaves out the watches that stay inside.

    Raises:
        InputError: when the one watch may not be handed on.
    """
    config, clock = load(path), SystemClock()
    watches = [config.watch_named(watch_name)] if watch_name else list(config.watches)
    if outside and watch_name:
        require_shareable(config, watches[0])
    inside = confined_watches(watches, config.feeds) if outside else {}
    told = {watch.name: watch for watch in watches if watch.name not in inside}
    feeds = sorted({name for watch in told.values() for name in watch.feeds})
    with opened(config, database, "read", clock) as stores:
        stories = Stories(stores.database)
        listed = [one for one in stories.listed("live", everything=True) if one.watch in told]
        newest = stories.newest([one.alert_id for one in listed[:NEWEST]])
        owner = installation_of(stores.database)
        sources = sources_of_feeds(config, stores.reader, feeds)
    alerts = [(one, newest[one.alert_id]) for one in listed[:NEWEST]]
    title = f"Alerts of {watch_name}" if watch_name else "Alerts"
    said = label_of(config, None, as_known_then=True)
    text = feed(title, said, alerts, credits_of(sources), owner, stamp(clock.now()))
    with replacing(out, (".xml", ".atom")) as partial:
        partial.write_bytes(text)
    print(f"{out}: {quantity(len(alerts), 'alerts')}")
    return []
