"""/readyz says in words what is stale; /metrics says it to Prometheus."""

from collections.abc import Callable
from pathlib import Path

import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.acceptance.town import Town
from tests.tocsin.web.conftest import Site, served


def values(answer: requests.Response) -> dict[str, float]:
    """Return samples by name and labels."""
    return {
        "/".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_a_town_that_has_run_is_ready(site: Site) -> None:
    answer = site.get("/readyz")
    assert answer.status_code == 200, answer.text
    assert answer.json()["reasons"] == []
    assert {one["about"] for one in answer.json()["findings"]} == {
        "schedule",
        "watch provinces",
        "watch places",
        "feed tracker",
        "outbox",
    }


def test_a_refused_feed_is_told_with_its_reason(copied: Callable[[str], Path]) -> None:
    folder = copied("[web]\n")
    (folder / "incidents.csv").write_text("this,is\nno,tracker\n", encoding="utf-8")
    assert Town(folder).tocsin("pull").code != 0
    with served(folder) as site:
        answer = site.get("/readyz")
    assert answer.status_code == 503
    reasons = {line.partition(": ")[0]: line for line in answer.json()["reasons"]}
    assert reasons["feed tracker"].startswith("feed tracker: refused: ")
    assert "last good pull" in reasons["feed tracker"]
    assert "installation" in reasons  # this town is a copy, and a copy sends nothing


def test_metrics_agree_with_the_lists(site: Site) -> None:
    answer = site.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = values(answer)
    assert found["tocsin_ready/outbox"] == 1
    assert found["tocsin_alerts_open/severe/firing/provinces"] == 1
    (feed,) = site.get("/api/v1/feeds").json()["items"]
    assert found["tocsin_feed_rows/tracker"] == feed["rows"]
    assert found["tocsin_outbox_messages/delivered"] >= 1
    assert found["tocsin_run_degraded_reasons/places"] == 0


def test_metrics_of_a_viewer_name_no_other_watch(guarded: Site) -> None:
    text = guarded.get("/metrics", "oslo").text
    assert "places" in text
    assert "provinces" not in text
