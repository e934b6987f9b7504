"""A file read by URL is the file read by path, however it is packed on the way."""

import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.errors import FeedError
from core.incidents import Pull
from feeds.registry import open_feed, settings_class
from tests.core.scripted_server import Script, ScriptedServer, answering, chunked, reply
from tests.feeds.live_source import NETWORKS, LiveSource

from .conftest import TODAY, Read, read

CANDIDATE = "ucdp_candidate_v23_0_10.csv.gz"
CSV = b"id,date\n" + b"".join(b"%d,2021-10-%02d\n" % (n, n % 28 + 1) for n in range(300))
COLUMNS = {"id": "id", "date": "date"}


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@contextmanager
def opened(url: str, bookmark: str = "", today: date = TODAY, **keys: Any) -> Iterator[Pull]:
    """Open a pull of a URL, with its batches still to come."""
    keys = keys if "kind" in keys else {"kind": "csv", "columns": COLUMNS, **keys}
    keys = {"name": "f", "url": url, "allow_networks": NETWORKS, **keys}
    settings = settings_class(keys["kind"]).model_validate(keys)
    with closing(open_feed(settings, Path("/")).pull(today, bookmark)) as pull:
        yield pull


def refused(script: Script | bytes, path: str = "/f.csv?key=canary", **keys: Any) -> str:
    """Return the line with which a source is refused."""
    answer = answering(script) if isinstance(script, bytes) else script
    with ScriptedServer(answer) as server:
        with pytest.raises(FeedError) as caught, opened(server.url(path), **keys) as pull:
            list(pull.batches())
        line = caught.value.line()
        assert line.startswith(f"http://127.0.0.1:{server.port}")
    assert caught.value.mend
    assert "canary" not in line
    return line


PACKED = {
    "plain": lambda body: reply(200, body),
    "in chunks": lambda body: chunked(body, 4096),
    "gzip on the way": lambda body: reply(200, gzip.compress(body), Content_Encoding="gzip"),
    "a gzip file": lambda body: reply(200, gzip.compress(body)),
    "a gzip file, gzip on the way": lambda body: reply(
        200, gzip.compress(gzip.compress(body)), Content_Encoding="gzip"
    ),
    "a zip file": lambda body: reply(200, zipped(data=body)),
    "a zip file without a length": lambda body: b"HTTP/1.0 200 OK\r\n\r\n" + zipped(data=body),
    "gzip on the way without a length": lambda body: (
        b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(body)
    ),
}


@pytest.mark.parametrize("how", PACKED)
def test_the_real_candidate_file_by_url_is_the_file_by_path(
    how: str, real_data: Callable[[str], Path]
) -> None:
    path = real_data(CANDIDATE)
    here = read(path.parent, "ucdp-csv", path=path.name)
    body = gzip.decompress(path.read_bytes())
    with ScriptedServer(answering(PACKED[how](body))) as server:
        url = server.url("/candidateged/GEDEvent_v23_0_10.csv")
        there = read(Path("/"), "ucdp-csv", url=url, allow_networks=NETWORKS)
    assert there[1:] == here[1:]
    assert len(there.incidents) > 2_000
    assert there.coverage[0].through == date(2023, 10, 31)
    assert there.pull.origin == f"http://127.0.0.1:{server.port}/…/GEDEvent_v23_0_10.csv"


def test_the_same_bytes_under_the_same_name_have_the_same_digest(
    pulled: Callable[..., Read],
) -> None:
    with LiveSource(CSV) as source, opened(source.url("/any/f.csv")) as pull:
        assert pull.digest == pulled(CSV).pull.digest


def test_counts_are_read_by_url_too() -> None:
    answer = reply(200, b"region,date,count\nBasra,2006-01-01,4\n")
    with ScriptedServer(answering(answer)) as server:
        found = read(Path("/"), "counts-csv", url=server.url(), allow_networks=NETWORKS)
    assert [tally.events for tally in found.tallies] == [4]


def test_a_candidate_file_whose_url_tells_no_release_asks_for_it(
    real_data: Callable[[str], Path],
) -> None:
    answer = reply(200, real_data(CANDIDATE).read_bytes())
    assert "set release" in refused(answer, "/v23_0_10/latest", kind="ucdp-csv")


def test_an_unchanged_source_gives_the_digest_of_the_last_pull_and_no_rows() -> None:
    with LiveSource(CSV) as source:
        with opened(source.url()) as first:
            assert first.bookmark == ""
            assert _rows(first) == 300
        with opened(source.url(), first.bookmark, TODAY + timedelta(days=1)) as second:
            assert (second.digest, second.bookmark) == (first.digest, first.bookmark)
            assert (second.origin, second.coverage()) == (first.origin, [])
            with pytest.raises(FeedError, match="it has not changed"):
                second.batches()
    assert source.sent == [200, 304]


def test_a_changed_source_is_read_again() -> None:
    with LiveSource(CSV) as source:
        with opened(source.url()) as first:
            list(first.batches())
        source.change(CSV + b"300,2021-11-01\n", '"v2"')
        with opened(source.url(), first.bookmark) as second:
            assert second.digest != first.digest
            assert _rows(second) == 301
    assert source.sent == [200, 200]


DAY_BOUND = {
    "rows dated after the day": (CSV + b"new,2026-11-23\n", {}),
    "coverage until the pull": (CSV, {"covered_through": "pull"}),
    "coverage until a date to come": (CSV, {"covered_through": "2027-01-31"}),
    "an event on the day itself": (CSV + b"new,2026-11-22\n", {}),
}


@pytest.mark.parametrize("case", DAY_BOUND)
def test_a_pull_that_hung_on_its_day_is_asked_for_whole_on_the_next(case: str) -> None:
    body, keys = DAY_BOUND[case]
    with LiveSource(body) as source:
        with opened(source.url(), **keys) as first:
            before = list(first.batches()), first.coverage()
        with opened(source.url(), first.bookmark, **keys) as again:
            assert again.digest == first.digest
        tomorrow = TODAY + timedelta(days=1)
        with opened(source.url(), first.bookmark, tomorrow, **keys) as later:
            after = list(later.batches()), later.coverage()
    assert source.sent == [200, 304, 200]
    assert (after != before) == (case != "an event on the day itself")


def test_a_source_without_tags_is_sent_every_time() -> None:
    with LiveSource(CSV, etag=None) as source:
        with opened(source.url()) as first:
            list(first.batches())
        with opened(source.url(), first.bookmark) as second:
            assert second.digest == first.digest
    assert (first.bookmark, source.sent) == ("", [200, 200])


def test_last_modified_alone_is_asked_with() -> None:
    moment = "Sun, 22 Nov 2026 06:00:00 GMT"
    script = answering(reply(200, CSV, Last_Modified=moment), reply(304))
    with ScriptedServer(script) as server:
        with opened(server.url()) as first:
            list(first.batches())
        with opened(server.url(), first.bookmark) as second:
            assert second.digest == first.digest
    assert f"If-Modified-Since: {moment}\r\n".encode() in server.heads[1]


def test_a_304_that_nobody_asked_for_is_an_empty_file() -> None:
    assert "the file is empty" in refused(reply(304))


def test_a_body_that_nothing_bounds_is_refused_though_it_may_be_whole() -> None:
    line = refused(b"HTTP/1.0 200 OK\r\n\r\n" + CSV)
    assert "does not say how long the file is" in line


NO_TABLE = {
    "an error page": (b"<!DOCTYPE html><title>Sign in</title>", "the file is HTML or XML"),
    "JSON": (b'{"error": "quota"}', "the file is JSON"),
    "nothing": (b"", "the file is empty"),
    "an empty gzip file": (gzip.compress(b""), "the file is empty"),
    "a sentence": (b"Try later.\n", "there is no column 'id'"),
    "a page in gzip": (gzip.compress(b"<html>"), "the file is HTML or XML"),
    "two files in a zip": (zipped(a=CSV, b=CSV), "it holds 2 files instead of one"),
    "an Excel workbook": (zipped(**{"[Content_Types].xml": b"", "xl/a.xml": b""}), "2 files"),
    "a zip in a zip": (zipped(a=zipped(b=CSV)), "the file is a zip archive"),
    "a cut gzip file": (gzip.compress(CSV)[:-9], "its gzip stream is cut"),
    "a cut zip file": (zipped(a=CSV)[:-9], "its zip archive is cut"),
    "a damaged zip file": (zipped(a=CSV).replace(b"PK\1\2", b"PK\1\3"), "damaged or cut"),
    "bad UTF-8": (CSV + b"x\xe9,2021-10-01\n", "line 302: byte 0xE9 is not UTF-8"),
}


@pytest.mark.parametrize("case", NO_TABLE)
def test_a_download_that_is_no_table_is_refused_with_one_line_that_names_the_host(
    case: str,
) -> None:
    content, reason = NO_TABLE[case]
    assert reason in refused(reply(200, content))


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({"allow_networks": []}, "127.0.0.1 is a loopback address; add 127.0.0.1/32"),
        ({"ca_file": "/no/such.pem"}, "is no readable file of PEM certificates"),
    ],
)
def test_a_source_that_may_not_be_reached_is_refused_before_anything_is_sent(
    keys: dict[str, Any], reason: str
) -> None:
    with LiveSource(CSV) as source:
        with pytest.raises(FeedError, match=reason), opened(source.url(), **keys):
            pass
        assert source.sent == []


def test_what_a_download_may_grow_to_can_be_raised() -> None:
    rows = b"id,date\n" + b"".join(b"%d,2024-01-01\n" % n for n in range(70_000))
    answer = reply(200, gzip.compress(rows))
    assert "more than 1,000,000 bytes" in refused(answer, max_decoded_mb=1)
    with (
        ScriptedServer(answering(answer)) as server,
        opened(server.url(), max_decoded_mb=2) as pull,
    ):
        assert _rows(pull) == 70_000


def test_a_body_that_was_packed_on_the_way_may_exceed_what_may_be_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("feeds.downloads._MOST_SENT", 4_000)
    answer = reply(200, gzip.compress(CSV), Content_Encoding="gzip")
    assert len(answer) < 4_000 < len(CSV)
    with ScriptedServer(answering(answer)) as server, opened(server.url()) as pull:
        assert _rows(pull) == 300
    assert "it is larger than 4,000 bytes" in refused(reply(200, CSV))


def _rows(pull: Pull) -> int:
    return sum(len(batch.incidents) for batch in pull.batches())


def test_the_file_of_a_download_has_no_name_and_is_gone_in_every_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def held() -> int:
        assert list(tmp_path.iterdir()) == []
        links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
        return sum(link.readlink().is_relative_to(tmp_path) for link in links)

    with LiveSource(CSV) as source:
        with opened(source.url()) as pull:
            assert held() == 1
            list(pull.batches())
            assert held() == 0
        with opened(source.url(), pull.bookmark):
            assert held() == 0
        with opened(source.url()):
            assert held() == 1
        assert held() == 0
        with (
            pytest.raises(FeedError, match="no column 'none'"),
            opened(source.url(), columns={"date": "none"}) as pull,
        ):
            list(pull.batches())
        assert held() == 0
    refused(reply(404))
    refused(chunked(CSV)[:-500])
    assert held() == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_for_temporary_files_is_the_feeds_own_trouble(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Path("/dev/full").open("r+b", 0) as full:
        monkeypatch.setattr("feeds.downloads.TemporaryFile", lambda: full)
        line = refused(reply(200, CSV))
    assert "cannot be kept (No space left on device); make room for temporary files" in line


def test_no_place_for_temporary_files_is_the_feeds_own_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    line = refused(reply(200, CSV))
    assert "cannot be kept (No such file or directory); make room for temporary files" in line
