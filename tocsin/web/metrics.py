"""`/metrics`: ages, counts and readiness, read from the store when Prometheus asks.

Names and units follow prometheus.io/docs/practices/naming.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.responses import Response

from core.clock import at_date, stamp, unstamp
from tocsin import __version__
from tocsin.stores import Stores
from tocsin.web.access import Viewer
from tocsin.web.desk import Desk, desk_of, viewer_of
from tocsin.web.readiness import readiness

router = APIRouter(tags=["health"])
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/metrics", response_class=Response)
def metrics(
    desk: Annotated[Desk, Depends(desk_of)], viewer: Annotated[Viewer, Depends(viewer_of)]
) -> Response:
    """Say how old and how many, in the text format of Prometheus."""
    registry = CollectorRegistry(auto_describe=False)
    with desk.reading() as stores:
        registry.register(_Collector(list(_all(desk, stores, viewer))))
    return Response(generate_latest(registry), media_type=MEDIA_TYPE)


class _Collector(Collector):
    """Metrics that were read already."""

    def __init__(self, found: list[Metric]) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        """Yield them."""
        yield from self._found


def _all(desk: Desk, stores: Stores, viewer: Viewer) -> Iterator[Metric]:
    yield _gauge(
        "tocsin_build_info", "The program that runs.", {_labelled("version", __version__): 1.0}
    )
    findings = readiness(desk, stores, viewer)
    ready = {_labelled("about", one.about): float(one.well) for one in findings}
    yield _gauge("tocsin_ready", "Whether a thing that /readyz looks at is well.", ready)
    yield from _runs(desk, stores, viewer)
    yield from _alerts(desk, stores, viewer)
    yield from _feeds(desk, stores, viewer)
    yield from _outbox(desk, stores)
    size = float(stores.database.path.stat().st_size)
    yield _gauge("tocsin_database_bytes", "Size of the database.", {(): size})


_Labels = tuple[tuple[str, str], ...]


def _labelled(name: str, value: str) -> _Labels:
    return ((name, value),)


def _gauge(name: str, about: str, values: dict[_Labels, float]) -> Metric:
    """Return a gauge with one value per set of labels."""
    names = [label for label, _ in next(iter(values), ())]
    gauge = GaugeMetricFamily(name, about, labels=names)
    for labels, value in values.items():
        gauge.add_metric([text for _, text in labels], value)
    return gauge


def _runs(desk: Desk, stores: Stores, viewer: Viewer) -> Iterator[Metric]:
    runs = {watch.name: stores.reader.latest_run(watch.name) for watch in desk.watches(viewer)}
    known = {_labelled("watch", name): run for name, run in runs.items() if run}
    finished = {key: _seconds(unstamp(run.finished_at)) for key, run in known.items()}
    cutoffs = {key: _seconds(at_date(run.cutoff)) for key, run in known.items()}
    reasons = {key: float(len(run.reasons)) for key, run in known.items()}
    yield _gauge("tocsin_run_finished_timestamp_seconds", "End of the newest run.", finished)
    yield _gauge("tocsin_run_cutoff_timestamp_seconds", "Cut-off of the newest run.", cutoffs)
    yield _gauge("tocsin_run_degraded_reasons", "Why the newest run is degraded.", reasons)


def _alerts(desk: Desk, stores: Stores, viewer: Viewer) -> Iterator[Metric]:
    found = Counter(
        (("watch", alert.watch), ("severity", alert.severity), ("state", alert.state.value))
        for alert in stores.reader.open_alerts()
        if desk.shows(viewer, alert.watch)
    )
    counted: dict[_Labels, float] = {labels: float(count) for labels, count in found.items()}
    yield _gauge("tocsin_alerts_open", "Open alerts.", counted)


def _feeds(desk: Desk, stores: Stores, viewer: Viewer) -> Iterator[Metric]:
    names = {feed.name for feed in desk.feeds(viewer)}
    found = {
        _labelled("feed", status.feed): status
        for status in stores.reader.feeds.status()
        if status.feed in names
    }
    pulled = {key: _seconds(unstamp(one.good_at)) for key, one in found.items() if one.good_at}
    through = {key: _seconds(at_date(one.through)) for key, one in found.items() if one.through}
    yield _gauge("tocsin_feed_pulled_timestamp_seconds", "Last good pull.", pulled)
    yield _gauge("tocsin_feed_covered_timestamp_seconds", "Last day covered anywhere.", through)
    rows = {key: float(one.rows) for key, one in found.items()}
    yield _gauge("tocsin_feed_rows", "Current incidents or counts.", rows)
    left_out = {key: float(one.quarantined) for key, one in found.items()}
    yield _gauge("tocsin_feed_quarantined_rows", "Rows the last good pull left out.", left_out)


def _outbox(desk: Desk, stores: Stores) -> Iterator[Metric]:
    counts = stores.reader.outbox_counts()
    states = {"delivered": counts.delivered, "pending": counts.pending, "dead": counts.dead}
    by_state = {_labelled("state", name): float(count) for name, count in states.items()}
    yield _gauge("tocsin_outbox_messages", "Messages by what became of them.", by_state)
    now = desk.clock.now()
    _, oldest = stores.reader.undelivered(stamp(now))
    waits = _seconds(now) - _seconds(unstamp(oldest)) if oldest else 0.0
    about = "How long the oldest waits of those that should have gone out."
    yield _gauge("tocsin_outbox_oldest_waiting_seconds", about, {(): waits})


def _seconds(instant: datetime) -> float:
    return instant.timestamp()
