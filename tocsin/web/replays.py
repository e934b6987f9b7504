"""Replays for the threshold lab: one at a time in a process of its own, kept while they are true.

A replay holds for a watch's newest run and a day; thresholds and probabilities are read from it at
once. Whoever asks for one that is not there starts it, and is told how far it is.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from core.errors import InputError, TocsinError
from core.settings import WatchSettings
from tocsin.lab.window import Replayed, Window
from tocsin.lab.worker import Place, Progress, replaying
from tocsin.web.desk import Desk

DEADLINE_SECONDS = 600
"""Without progress, after which a replay is ended."""
_WAITING = 4
"""Replays that may wait for their turn."""
_KEPT_BYTES = 500_000_000


class Key(NamedTuple):
    """What a replay is true for."""

    window: Window
    run: int
    day: date


@dataclass
class Replays:
    """Replays by window, newest run and day. `ask` may be called from any thread."""

    desk: Desk
    _found: OrderedDict[Key, Replayed | TocsinError] = field(default_factory=OrderedDict)
    _asked: OrderedDict[Key, Progress] = field(default_factory=OrderedDict)
    _turn: threading.Condition = field(default_factory=threading.Condition)
    _stopping: bool = False
    _thread: threading.Thread | None = None

    def ask(self, watch: WatchSettings, window: Window) -> Replayed | Progress:
        """Return a replay, or how far it is: it is begun if nobody has asked for it before.

        Raises:
            InputError: it failed, once per asking; the watch has no run; or too many wait.
        """
        key = self._key(watch, window)
        with self._turn:
            found = self._found.get(key)
            if isinstance(found, TocsinError):
                del self._found[key]
                raise InputError("lab", found.line())
            if found is not None:
                self._found.move_to_end(key)
                return found
            if key not in self._asked:
                self._begin(key)
            return self._asked[key]

    def stop(self) -> None:
        """End what is under way."""
        with self._turn:
            self._stopping = True
            self._turn.notify_all()
        if self._thread:
            self._thread.join()

    def _key(self, watch: WatchSettings, window: Window) -> Key:
        with self.desk.reading() as stores:
            run = stores.reader.latest_run(watch.name)
        if run is None:
            raise InputError(f"watch {watch.name}", "has no run yet", "'tocsin run' makes one")
        return Key(window, run.run_id, self.desk.today)

    def _begin(self, key: Key) -> None:
        if len(self._asked) > _WAITING:
            problem = f"{len(self._asked)} replays are asked for already"
            raise InputError("lab", problem, "come back when one of them is done")
        self._asked[key] = Progress(0, 0)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="replays", daemon=True)
            self._thread.start()
        self._turn.notify_all()

    def _work(self) -> None:
        while True:
            with self._turn:
                while not self._asked and not self._stopping:
                    self._turn.wait()
                if self._stopping:
                    return
                key = next(iter(self._asked))
            found = self._made(key)
            with self._turn:
                del self._asked[key]
                self._keep(key, found)

    def _made(self, key: Key) -> Replayed | TocsinError:
        """Let a process replay a window, until it is done, the deadline, or the end."""
        place = Place(self.desk.config, self.desk.database, self.desk.clock)
        work = replaying(place, key.window, DEADLINE_SECONDS)
        try:
            for found in work.told(lambda: self._stopping):
                if isinstance(found, Replayed):
                    return found
                with self._turn:
                    self._asked[key] = found
        except TocsinError as error:
            return error
        raise AssertionError("a replay that is done has told what it found")

    def _keep(self, key: Key, found: Replayed | TocsinError) -> None:
        """Keep an answer, and of the others the last asked for that there is room for."""
        self._found[key] = found
        sizes = [one.size for one in self._found.values() if isinstance(one, Replayed)]
        while len(self._found) > 1 and sum(sizes) > _KEPT_BYTES:
            _, dropped = self._found.popitem(last=False)
            if isinstance(dropped, Replayed):
                sizes.remove(dropped.size)
