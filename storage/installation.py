"""Whether this database may send: settled at each start of an owner, told by people else."""

from __future__ import annotations

import errno
import json
import uuid
from pathlib import Path

from core.errors import StorageError
from storage.database import Database
from storage.failures import FULL
from storage.home import Home, Mark, Verdict, judge

_MEND = "'tocsin adopt' makes it send"


def settle(database: Database) -> Verdict:
    """Find out at the start of an owner whether the database is at home; hold it if it is not.

    The database is written before the mark beside it, so that a crash in between is no trouble.

    Raises:
        StorageError: when the mark beside the database cannot be written.
    """
    here = Home.of(database.path)
    own, recorded, _ = _recorded(database)
    verdict = judge(recorded, here, own, _read_mark(database.path))
    if verdict.holds:
        hold(database, verdict.value)
    elif held(database) is None:
        _record(database, here, Mark(own.installation, own.epoch + 1))
    return verdict


def installation_of(database: Database) -> str:
    """Return the id of the installation that the database belongs to."""
    return _recorded(database)[0].installation


def held(database: Database) -> str | None:
    """Return why nothing is sent, None when messages are."""
    reason: str | None = database.value("SELECT held FROM installation")
    return reason


def hold(database: Database, reason: str) -> None:
    """Send nothing until `adopt`; a reason that is there already stays."""
    if held(database) is None:
        with database.transaction() as connection:
            connection.execute("UPDATE installation SET held = ?", [reason])


def held_words(reason: str) -> str:
    """Return what people read of a database that sends nothing."""
    return f"nothing is sent: {reason}; {_MEND}"


def adopt(database: Database) -> str:
    """Make the database at home here, as an installation of its own; return its new id."""
    own, _, _ = _recorded(database)
    beside = _read_mark(database.path)
    epoch = max(own.epoch, beside.epoch if beside else 0) + 1
    mark = Mark(str(uuid.uuid4()), epoch)
    _record(database, Home.of(database.path), mark)
    return mark.installation


def put_back(database: Database) -> bool:
    """Go on with a database that was restored where it had been; False where that is not here."""
    own, recorded, _ = _recorded(database)
    here = Home.of(database.path)
    if recorded is None or not (here.same_place(recorded) or here.same_file(recorded)):
        return False
    beside = _read_mark(database.path)
    epoch = max(own.epoch, beside.epoch if beside else 0) + 1
    _record(database, here, Mark(own.installation, epoch))
    return True


def _recorded(database: Database) -> tuple[Mark, Home | None, str | None]:
    ((name, epoch, home, reason),) = database.rows(
        "SELECT installation_id, epoch, home, held FROM installation"
    )
    return Mark(name, epoch), home and Home.from_text(home), reason


def _record(database: Database, home: Home, mark: Mark) -> None:
    with database.transaction() as connection:
        connection.execute(
            "UPDATE installation SET installation_id = ?, epoch = ?, home = ?, held = NULL",
            [mark.installation, mark.epoch, home.to_text()],
        )
    _write_mark(database.path, mark)


def _mark_of(database: Path) -> Path:
    return database.with_name(f"{database.name}.home")


def _read_mark(database: Path) -> Mark | None:
    try:
        raw = json.loads(_mark_of(database).read_text(encoding="utf-8"))
        return Mark(str(raw["installation"]), int(raw["epoch"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_mark(database: Path, mark: Mark) -> None:
    """Write the mark whole or not at all; it need not outlive a power cut, it may lag behind."""
    path = _mark_of(database)
    new = path.with_name(f"{path.name}.new")
    text = json.dumps({"installation": mark.installation, "epoch": mark.epoch})
    try:
        with new.open("wb", buffering=0) as file:
            file.write(f"{text}\n".encode())
        new.replace(path)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise StorageError(str(database), *FULL) from error
        problem = f"cannot be written ({(error.strerror or str(error)).lower()})"
        raise StorageError(str(path), problem, "check the permissions of the folder") from error
