"""What bad input gets: one clear line, a distinct exit code, nothing lost or half-written."""

import fcntl
import gzip
import os
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.town import PROGRAM, SCREEN, Answer, Town


def one_line(answer: Answer, code: int, *told: str) -> None:
    assert answer.code == code, (answer.out, answer.err)
    assert len(answer.err.splitlines()) == 1, answer.err
    assert answer.err.startswith("degraded: " if code == 4 else "tocsin: ")
    for part in told:
        assert part in answer.err


def stored(town: Town) -> int:
    path = town.folder / "tocsin.db"
    if not path.exists():
        return 0
    with sqlite3.connect(path) as connection:
        return int(connection.execute("SELECT count(*) FROM incidents").fetchone()[0])


def test_a_configuration_that_cannot_be_meant_stops_everything_before_it_starts(
    town: Town,
) -> None:
    town.configure(change={"horizon = 3": "horizn = 3"})
    for command in (["config", "check"], ["run"]):
        one_line(town.tocsin(*command), 2, "config.toml, line ", "did you mean 'horizon'?")
    assert not (town.folder / "tocsin.db").exists()


def unreadable_dates(text: bytes) -> bytes:
    return text.replace(b"-01,Free", b"-99,Free").replace(b"-02,Free", b"-98,Free")


def header_only(_: bytes) -> bytes:
    return b"id,date,country,province\n"


FILES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "empty"),
    "no rows": (header_only, "row"),
    "a zip": (lambda text: b"PK\x03\x04" + text, "zip"),
    "a page": (lambda _: b"<!DOCTYPE html><html><body>404</body></html>", "HTML"),
    "another table": (lambda _: b"a,b\n1,2\n", "'id'"),
    "binary": (lambda _: bytes(range(256)) * 20, "incidents.csv"),
    "mostly bad rows": (unreadable_dates, "max_bad_share"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_is_refused_whole(town: Town, kind: str) -> None:
    spoil, told = FILES[kind]
    path = town.folder / "incidents.csv"
    path.write_bytes(spoil(path.read_bytes()))
    one_line(town.tocsin("run"), 2, "incidents.csv", told)
    assert stored(town) == 0


def test_a_cut_gzip_is_refused_whole(town: Town) -> None:
    path = town.folder / "incidents.csv"
    packed = gzip.compress(path.read_bytes())
    path.write_bytes(packed[: len(packed) // 2])
    one_line(town.tocsin("run"), 2, "incidents.csv", "cut")
    assert stored(town) == 0


def test_rows_that_cannot_be_meant_are_left_out_with_file_line_and_reason(town: Town) -> None:
    path = town.folder / "incidents.csv"
    lines = path.read_text().splitlines()
    lines[3] = "future,2031-01-01,Freedonia,Calm"
    lines[5] = "nonsense,2023-13-45,Freedonia,Calm"
    path.write_text("\n".join(lines) + "\n")
    answer = town.tocsin("run")
    assert answer.code == 0, answer.err
    assert "2 in quarantine" in answer.out
    with sqlite3.connect(town.folder / "tocsin.db") as connection:
        kept = connection.execute("SELECT line, reason FROM quarantine ORDER BY line").fetchall()
    assert [line for line, _ in kept] == [4, 6]
    assert all(reason for _, reason in kept)


ABSURD = ["-1", "1e300", "nan", "inf", "2.5", "9999999999", "many"]


def test_negative_and_absurd_counts_are_never_counted(town: Town) -> None:
    good = [f"North,2023-{month:02d}-01,{month}" for month in range(1, 13)]
    bad = [f"South,2023-{month:02d}-01,{count}" for month, count in enumerate(ABSURD, 1)]
    path = town.folder / "incidents.csv"
    path.write_text("\n".join(["region,date,count", *good, *good_south(), *bad]) + "\n")
    town.configure(
        change={
            'kind = "csv"': 'kind = "counts-csv"\nmax_bad_share = 0.5',
            'columns = { id = "id", date = "date", country = "country", admin1 = "province" }': "",
            'group_by = ["country", "admin1"]': 'group_by = ["region"]',
        }
    )
    answer = town.tocsin("run")
    assert answer.code == 0, answer.err
    assert "17 new" in answer.out
    assert "7 in quarantine" in answer.out
    asked = town.tocsin("predict", "incidents.csv", "-o", "o.csv")
    one_line(asked, 4, "incidents.csv, line 19", "region 'South' is left out")
    forecast = (town.folder / "o.csv").read_text(encoding="utf-8")
    assert ",North," in forecast
    assert ",South," not in forecast
    scored = town.tocsin("backtest", "incidents.csv", "--horizon", "1", "--origins", "2")
    one_line(scored, 4, "incidents.csv, line 19", "region 'South' is left out")
    path.write_text("\n".join(["region,date,count", *bad]) + "\n")
    (town.folder / "o.csv").unlink()
    one_line(town.tocsin("predict", "incidents.csv", "-o", "o.csv"), 2, "incidents.csv, line 2")
    assert not (town.folder / "o.csv").exists()


def good_south() -> list[str]:
    return [f"South,2023-{month:02d}-01,0" for month in range(8, 13)]


def foreign(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE mine (x)")


def newer(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 9999")


def corrupt(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:12288] = b"\xa5" * 8192
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("spoil", "fresh", "told"),
    [
        (foreign, True, "not"),
        (lambda path: path.write_bytes(b"hello, this is text" * 400), True, "not"),
        (newer, False, "newer"),
        (corrupt, False, "damaged"),
        (lambda path: path.write_bytes(path.read_bytes()[:5000]), False, "database"),
    ],
)
def test_a_database_that_cannot_be_used(
    town: Town, spoil: Callable[[Path], None], fresh: bool, told: str
) -> None:
    path = town.folder / "tocsin.db"
    if not fresh:
        town.tocsin("run")
    spoil(path)
    before = path.read_bytes()
    answer = town.tocsin("run")
    one_line(answer, 3, "tocsin.db", told)
    assert path.read_bytes() == before


def test_a_second_program_on_one_database_is_told_who_holds_it(town: Town) -> None:
    town.tocsin("run")
    with (town.folder / "tocsin.db.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(f"process {os.getpid()} on here since today")
        lock.flush()
        one_line(town.tocsin("run"), 3, f"is in use by process {os.getpid()}")
        assert town.tocsin("table").code == 0
    assert town.tocsin("run").code == 0


def test_a_secret_that_is_missing_is_found_before_anything_is_done(town: Town) -> None:
    town.configure(
        SCREEN.replace('kind = "console"', 'kind = "webhook"\nurl = "https://soc.example.org/x"\n'
                       'secret_env = "TOCSIN_TEST_ABSENT"')
    )  # fmt: skip
    one_line(town.tocsin("run"), 2, "TOCSIN_TEST_ABSENT")
    assert stored(town) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["predict", "none.csv", "-o", "x.csv"],
        ["predict", "incidents.csv", "-o", "x.csv"],
        ["predict", "incidents.csv", "-o", "x.txt"],
        ["backtest", "incidents.csv"],
        ["table", "--watch", "provnces"],
        ["export", "counts", "--watch", "nobody", "-o", "x.csv"],
        ["run", "--config", "absent.toml"],
        ["predikt"],
        ["alerts", "lst"],
        ["predict", "incidents.csv", "-o"],
        ["predict", "incidents.csv", "-o", "x.csv", "--horizon", "0"],
        ["predict", "incidents.csv", "-o", "x.csv", "--until", "31.12.2023"],
        ["predict", "incidents.csv", "-o", f"{'x' * 300}.csv"],
        ["table", "--as-of", "0023-12-31"],
        ["table", "--format", "xml"],
    ],
)
def test_bad_usage_is_one_line_and_exit_two(town: Town, arguments: list[str]) -> None:
    one_line(town.tocsin(*arguments), 2)
    assert not list(town.folder.glob("x.*"))


def test_a_wrong_option_is_told_with_what_it_should_be(town: Town) -> None:
    answer = town.tocsin("table", "--as-of", "31.12.2023")
    one_line(answer, 2, "'--as-of': '31.12.2023' is no day; write 2024-01-31", "table --help")
    one_line(town.tocsin("tabel"), 2, "Did you mean 'table'?")


def counted(town: Town) -> Path:
    path = town.folder / "counts.csv"
    rows = [f"North,2023-{month:02d}-01,{month}" for month in range(1, 13)]
    path.write_text("\n".join(["region,date,count", *rows]) + "\n")
    return path


def test_predict_neither_writes_over_what_it_reads_nor_runs_without_a_model(town: Town) -> None:
    before = counted(town).read_bytes()
    one_line(town.tocsin("predict", "counts.csv", "-o", "counts.csv"), 2, "is the file of counts")
    one_line(town.tocsin("predict", "counts.csv", "-o", "o.csv", "--models", ","), 2, "no model")
    assert counted(town).read_bytes() == before
    assert not (town.folder / "o.csv").exists()


def test_predict_says_which_periods_it_takes_for_zero(town: Town) -> None:
    counted(town)
    answer = town.tocsin("predict", "counts.csv", "-o", "o.csv", "--until", "2024-02-29")
    assert answer.code == 4, "so long a silence was never before"
    assert answer.err == (
        "degraded: counts.csv: 2 months up to 2024-02-29 without a row, counted as zero; "
        "the longest silence before was 0 months: is the file complete so far?\n"
    )
    rows = [f"A,{2020 + n // 12}-{n % 12 + 1:02}-01,{int(n % 4 == 0)}" for n in range(49)]
    (town.folder / "quiet.csv").write_text("\n".join(["region,date,count", *rows]))
    quiet = town.tocsin("predict", "quiet.csv", "-o", "o.csv", "--until", "2024-02-29")
    assert quiet.code == 0
    assert quiet.err == (
        "note: quiet.csv: 1 month up to 2024-02-29 without a row, counted as zero\n"
    )


def test_a_day_that_is_still_to_come_is_not_replayed(town: Town) -> None:
    answer = town.tocsin("run", "--as-of", "2198-01-01")
    one_line(answer, 2, "--as-of: 2198-01-01 is still to come; name a day up to")


def test_a_full_disk_behind_standard_output_is_one_line(town: Town) -> None:
    counted(town)
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [str(PROGRAM), "backtest", "counts.csv", "--horizon", "1", "--origins", "1"],
            cwd=town.folder, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "tocsin: No space left on device; make room and try again\n"


def test_a_configuration_that_cannot_be_read_says_what_is_wrong_with_it(town: Town) -> None:
    one_line(town.tocsin("config", "check", "--config", "."), 2, "Is a directory", "may read")
    (town.folder / "latin.toml").write_bytes(b"# caf\xe9\n")
    answer = town.tocsin("config", "check", "--config", "latin.toml")
    one_line(answer, 2, "latin.toml: byte 6 is not UTF-8; save it as UTF-8 text")
