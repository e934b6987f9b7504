"""The database that a service to be killed starts from: made by the real parts, engine and all."""

from pathlib import Path

from alerts.messages import canonical
from core.alerts import AlertChanges
from storage.database import open_database
from storage.runs import Runs
from tests.alerts.samples import facts
from tests.faults.kill.service import DATABASE, EPOCH, FACTS, key
from tests.storage.samples import result


def prepare(folder: Path) -> Path:
    """Make a folder with a database that holds one published run of two watches, and the facts."""
    folder.mkdir()
    with open_database(folder / DATABASE, mode="own") as database:
        runs = Runs(database)
        run = runs.begin(key(0), EPOCH, "0.1.0", "")
        runs.stage(run, result())
        runs.stage(run, result((("Freedonia",),), name="countries"))
        runs.publish(run, AlertChanges(), [], EPOCH)
    (folder / FACTS).write_bytes(canonical(facts(clear_after=1)))
    return folder
