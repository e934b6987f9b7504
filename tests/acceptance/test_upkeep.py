"""`tocsin backup`, `restore` and `adopt`, as people use them."""

from __future__ import annotations

import shutil

from tests.acceptance.test_delivery import counts
from tests.acceptance.town import Town

LOG = """
[[channels]]
name = "log"
kind = "file"
path = "alerts.jsonl"

[[routes]]
channels = ["log"]
"""


def test_a_copied_service_sends_nothing_and_says_so_until_it_is_adopted(town: Town) -> None:
    town.configure(LOG)
    town.tocsin("run")
    other = Town(town.folder.with_name(f"{town.folder.name}-copy"))
    shutil.copytree(town.folder, other.folder)
    (other.folder / "alerts.jsonl").unlink()
    other.configure(LOG, {"at_least = 5": "at_least = 6"})  # another rule: there is news to tell
    copied = other.tocsin("run")
    assert copied.code == 4
    assert "nothing is sent: this database is a copy" in copied.err
    assert "'tocsin adopt' makes it send" in copied.err
    assert not (other.folder / "alerts.jsonl").exists()
    doctor = other.tocsin("doctor")
    assert (doctor.code, "!!  installation: nothing is sent" in doctor.out) == (4, True)
    adopted = other.tocsin("adopt")
    assert adopted.code == 0
    assert "is at home here" in adopted.out
    assert "nothing is sent" not in other.tocsin("run").err


def test_a_backup_is_restored_on_hold_and_adopted(town: Town) -> None:
    town.configure(LOG)
    town.tocsin("run")
    made = town.tocsin("backup", "save.db")
    assert (made.code, "sound" in made.out) == (0, True)
    restored = town.tocsin("restore", "save.db", "--hold-outbox")
    assert restored.code == 4
    assert "restored with --hold-outbox" in restored.err
    assert town.tocsin("adopt", "--give-up").code == 0
    assert counts(town) == {"delivered": 1}
    assert town.tocsin("run").code == 0
    assert town.tocsin("restore", "nothing.db").code == 2
