"""Track records, made once per run and question: the scores of two years take seconds to read."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date

from starlette.requests import Request

from core.settings import WatchSettings
from tocsin.labels import unit_of
from tocsin.provenance import sources_of
from tocsin.record.document import Row, document
from tocsin.record.evidence import Choice, own_record, rules_of
from tocsin.web.desk import Desk

_KEPT = 16
_Key = tuple[str, Choice, int | None, date]


@dataclass
class Records:
    """Track records by watch, question, newest run and day. May be used from any thread.

    One is made at a time: whoever asks for another waits.
    """

    desk: Desk
    _made: OrderedDict[_Key, Row] = field(default_factory=OrderedDict)
    _making: threading.Lock = field(default_factory=threading.Lock)

    def of(self, watch: WatchSettings, choice: Choice) -> Row:
        """Return the document of `tocsin scores`, with its sources.

        Raises:
            StorageError: when the store cannot be read.
        """
        with self._making, self.desk.unhurried() as stores:
            key = (watch.name, choice, stores.reader.record.newest_run(), self.desk.today)
            if key not in self._made:
                evidence = own_record(stores, self.desk.config, watch, choice, self.desk.today)
                rules = rules_of(self.desk.config, watch)
                unit = unit_of(self.desk.config, watch)
                made = document(watch, unit, choice, evidence, rules)
                sources = sources_of(self.desk.config, stores.reader, watch, None)
                told = [source.model_dump(mode="json") for source in sources]
                self._made[key] = {**made, "sources": told}
                while len(self._made) > _KEPT:
                    self._made.popitem(last=False)
            self._made.move_to_end(key)
            return self._made[key]


def records_of(request: Request) -> Records:
    """Return the records; a FastAPI dependency."""
    found: Records = request.app.state.records
    return found
