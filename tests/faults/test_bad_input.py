"""Fault rows 24 and 27: mutated records, absurd values, damaged files. No traceback, a reason each.

Everything is drawn from fixed seeds; the figures are printed last (pytest -s shows them).
"""

import gzip
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from core.errors import FeedError
from core.incidents import BadRow, Incident, Tally
from feeds.registry import open_feed, settings_class

TODAY = date(2026, 11, 22)
JUNK = [
    "", "nan", "inf", "1e300", "-5", "9" * 400, "2099-01-01", "31/31/2020", "\x00", "\u202eabc",
    "\ufeff", "Nig\u0435ria", '"', '""', "'; DROP TABLE incidents; --", "=1+1", "é", "\t", ";",
    "☃" * 90, "None", "0x1F", "1.5", "\x1b[31m", "\u2028", ",", "\n", "\r",
]  # fmt: skip
FILES: dict[str, tuple[str, dict[str, Any]]] = {
    "csv": (
        "ucdp_ged_extract.csv.gz",
        {
            "columns": {
                "id": "event_id", "date": "date", "date_end": "date_end", "country": "country",
                "date_precision": "date_prec", "admin1": "admin1", "actor": "actor",
                "fatalities": "fatalities", "latitude": "lat", "longitude": "lon",
                "version": "source_version",
            }
        },
    ),
    "counts-csv": ("iraq_daily_attacks.csv.gz", {"columns": {"count": "incidents"}}),
    "ucdp-csv": ("hdx_ucdp_pakistan.csv.gz", {}),
}  # fmt: skip


def _pull(kind: str, path: Path, **keys: Any) -> tuple[list[Incident | Tally], list[BadRow]]:
    settings = settings_class(kind).model_validate({"name": "f", "path": path, **keys})
    kept: list[Incident | Tally] = []
    bad: list[BadRow] = []
    pull = open_feed(settings, path.parent).pull(TODAY)
    for batch in pull.batches():
        kept += [*batch.incidents, *batch.tallies]
        bad += batch.bad
    pull.coverage()
    return kept, bad


def _mutated(rng: Random, line: str) -> str:
    """Change a record: a cell becomes junk, goes, comes twice, or characters are damaged."""
    cells = line.split(",")
    at = rng.randrange(len(cells))
    match rng.randrange(5):
        case 0:
            cells[at] = rng.choice(JUNK)
        case 1:
            del cells[at]
        case 2:
            cells.insert(at, cells[at])
        case 3:
            text = list(line)
            for _ in range(rng.randrange(1, 6)):
                text[rng.randrange(len(text))] = rng.choice(rng.choice(JUNK) or " ")
            return "".join(text)
        case _:
            cells[at] = cells[at][::-1] + rng.choice(JUNK)
    return ",".join(cells)


@pytest.mark.realdata
@pytest.mark.parametrize("kind", FILES)
def test_10_000_mutated_records_are_kept_or_quarantined_with_a_reason(
    kind: str, real_data: Callable[[str], Path], tmp_path: Path
) -> None:
    name, keys = FILES[kind]
    text = gzip.decompress(real_data(name).read_bytes()).decode()
    header, *lines = text.replace('""', "'").split("\n")
    whole = [line for line in lines if line.count(",") >= header.count(",") and "#date" not in line]
    rng = Random(24)
    kept = bad = 0
    for part in range(10):
        chosen = rng.sample(whole, 1000)
        path = tmp_path / f"{part}.csv"
        mutated = "\n".join(_mutated(rng, line) for line in chosen)
        path.write_text(f"{header}\n{mutated}\n", newline="", errors="surrogatepass")
        rows, refused = _pull(kind, path, **{**keys, "max_bad_share": 1})
        assert len(rows) + len(refused) >= 900  # two stray quotes take the lines between them along
        assert all(one.reason and len(one.excerpt) <= 200 and one.line > 1 for one in refused)
        assert all(one.excerpt.isprintable() for one in refused)
        kept, bad = kept + len(rows), bad + len(refused)
    print(f"row 24, {kind}: 10,000 mutated records, 0 tracebacks, {kept:,} kept, {bad:,} refused")
    assert kept > 1000 < bad


@pytest.mark.realdata
@pytest.mark.parametrize("kind", FILES)
def test_a_pull_with_more_bad_rows_than_allowed_is_refused_whole(
    kind: str, real_data: Callable[[str], Path], tmp_path: Path
) -> None:
    name, keys = FILES[kind]
    header, *lines = gzip.decompress(real_data(name).read_bytes()).decode().split("\n")
    path = tmp_path / "f.csv"
    path.write_text("\n".join([header, *lines[:150], *(line[:5] for line in lines[150:250])]))
    with pytest.raises(FeedError, match="rows are bad, over the 20% allowed"):
        _pull(kind, path, **keys)


def _absurd(rng: Random) -> Iterator[tuple[str, str]]:
    """Yield without end (column, absurd value)."""
    number = rng.randrange(1, 10**6)
    while True:
        number = (number * 48271) % (2**31 - 1)
        n = number % 10**6 + 1
        yield from (
            ("date", f"{2027 + n % 900}-0{1 + n % 9}-11"),
            ("date", f"1{n % 900:03d}-01-01"),
            ("date", f"2020-{13 + n % 80}-01"),
            ("date", f"{n}"),
            ("date", rng.choice(["nan", "NaT", "inf", "yesterday", "0000-00-00", ""])),
            ("date_end", f"{2027 + n}-01-01"),
            ("fatalities", f"-{n}"),
            ("fatalities", f"{n}.5"),
            ("fatalities", f"{n}e{n % 300}"),
            ("fatalities", rng.choice(["nan", "NaN", "inf", "-inf", "1e300", "Infinity", "none"])),
            ("fatalities", f"{n + 1_000_000}"),
            ("latitude", f"{90 + n}.1"),
            ("longitude", f"-{180 + n}.5"),
            ("latitude", rng.choice(["nan", "inf", "-inf", "1e300", "N33"])),
            ("date_precision", str(5 + n)),
            ("country", f"Nig\u0435ria {n}"),
            ("admin1", f"B\u043erno {n}"),
            ("actor", f"\u0410hrar {n}"),
            ("country", f"{n}.0"),
            ("actor", "x" * (301 + n % 5000)),
            ("id", rng.choice(["", " ", "\u200b", "\u202e", "x" * 999])),
        )


def test_1_000_of_1_000_absurd_values_are_refused_with_a_reason(tmp_path: Path) -> None:
    good = {
        "id": "", "date": "2020-01-01", "date_end": "", "fatalities": "1", "latitude": "1",
        "longitude": "1", "date_precision": "1", "country": "Mali", "admin1": "Gao", "actor": "A",
    }  # fmt: skip
    rng = Random(27)
    values = _absurd(rng)
    path = tmp_path / "f.csv"
    with path.open("w") as file:
        file.write(",".join(good) + "\n" + ",".join({**good, "id": "good"}.values()) + "\n")
        for row in range(1000):
            column, value = next(values)
            file.write(",".join({**good, "id": f"r{row}", column: value}.values()) + "\n")
    kept, bad = _pull("csv", path, columns={name: name for name in good}, max_bad_share=1)
    reasons = Counter(one.reason.split(" ")[0] for one in bad)
    print(f"row 27: {len(bad):,}/1,000 absurd values refused: {dict(reasons)}")
    assert [one.source_id for one in kept if isinstance(one, Incident)] == ["good"]
    assert len(bad) == 1000
    assert all(one.reason for one in bad)


def test_absurd_counts_are_refused_with_a_reason(tmp_path: Path) -> None:
    absurd = ["-1", "nan", "inf", "1e300", "2.5", "", "1000001", "x", "0x10", "--3"]
    rows = "".join(f"R{n},2020-01-01,{value}\n" for n, value in enumerate(absurd))
    path = tmp_path / "f.csv"
    path.write_text("region,date,count\nR,2020-01-01,1\n" + rows)
    kept, bad = _pull("counts-csv", path, max_bad_share=1)
    assert (len(kept), len(bad)) == (1, len(absurd))


def _outcome(kind: str, path: Path, keys: dict[str, Any]) -> str:
    try:
        kept, _ = _pull(kind, path, **keys)
    except FeedError as error:
        one_line = error.problem and "\n" not in str(error)
        return "refused in one line" if one_line else str(error)
    return "read" if kept else "read, but nothing in it"


@pytest.mark.realdata
@pytest.mark.parametrize("kind", FILES)
def test_damaged_files_give_rows_or_one_clear_line(
    kind: str, real_data: Callable[[str], Path], tmp_path: Path
) -> None:
    name, keys = FILES[kind]
    plain = gzip.decompress(real_data(name).read_bytes())[:120_000]
    packed = gzip.compress(plain)
    rng = Random(9)
    outcomes: Counter[str] = Counter()
    for case in range(150):
        data = bytearray(rng.choice([plain, plain, packed]))
        if rng.random() < 0.4:
            del data[rng.randrange(len(data)) :]
        else:
            for _ in range(rng.choice([1, 5, 200])):
                data[rng.randrange(len(data))] = rng.randrange(256)
        path = tmp_path / f"{case}.csv"
        path.write_bytes(data)
        outcomes[_outcome(kind, path, keys)] += 1
    print(f"row 24, {kind}: 150 damaged files, 0 tracebacks, {dict(outcomes)}")
    assert set(outcomes) == {"read", "refused in one line"}
