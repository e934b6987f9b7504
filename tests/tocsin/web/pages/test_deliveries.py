"""What became of messages, as a page: how channels stand, and the way to mend what does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.alerts import Attempt, NewDelivery
from core.clock import SystemClock, stamp
from storage.database import open_database
from storage.outbox import Outbox
from tests.alerts.samples import body
from tests.tocsin.web.conftest import Site, served


@pytest.fixture
def own_site(copied: Callable[[str], Path]) -> Iterator[Site]:
    with served(copied("[web]\n")) as found:
        yield found


@pytest.fixture
def troubled(own_site: Site) -> Site:
    """A site of whose messages one was given up and one is refused for good."""
    now = SystemClock().now()
    failed = Attempt(stamp(now), False, "HTTP 500 <b>", 3)
    with closing(open_database(own_site.folder / "tocsin.db", mode="write")) as database:
        outbox = Outbox(database)
        made = [NewDelivery(f"msg_{n}", None, None, "desk", body(), "notice") for n in range(3)]
        outbox.put(made, now)
        outbox.failed("msg_0", failed, None)
        outbox.refused("msg_1", Attempt(stamp(now), False, "HTTP 410", 3), "settings")
    return own_site


def test_the_page_says_what_does_not_get_through_and_how_to_mend_it(troubled: Site) -> None:
    page = troubled.get("/deliveries").text
    assert "disabled</span> since" in page
    assert "HTTP 410" in page
    assert "tocsin deliveries enable desk" in page
    assert "tocsin deliveries replay --dead" in page
    given_up = page[page.index("<h2>Given up") : page.index("<h2>Waiting")]
    assert "msg_0" in given_up
    assert "HTTP 500 &lt;b&gt;" in given_up
    assert "msg_2" in page[page.index("<h2>Waiting") :]


def test_a_site_without_trouble_says_so(own_site: Site) -> None:
    page = own_site.get("/deliveries").text
    assert "disabled" not in page
    assert "replay --dead" not in page
