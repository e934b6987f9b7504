"""The process that carries out one order: `python -P -m tocsin.serving ORDER REPORT`.

ORDER is JSON, REPORT the number of an inherited file. Standard input is the life line: when the
service is gone it ends, and this process group with it, so that no orphan holds the database.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import threading
import traceback
from collections.abc import Callable

from core.clock import Clock, SystemClock, stopwatch
from core.errors import EXIT_DEGRADED, EXIT_FAILED, EXIT_FINE, TocsinError
from core.quantities import quantity
from storage.periods import Ending, Outcome
from tocsin.serving.orders import Kind, Order, Report

SENDING_SECONDS = 300.0
"""After this, no further message is begun: the next process goes on with them."""


def carry_out(order: Order) -> Report:
    """Do the work and return how it ended; whatever is raised ends in the report."""
    try:
        return _WORK[order.kind](order)
    except TocsinError as error:
        return Report(Ending(Outcome.FAILED, error.exit_code, error.line()))
    except MemoryError:
        reason = f"needs more than memory_limit_mb = {order.memory_limit_mb}; raise it in [service]"
        return Report(Ending(Outcome.FAILED, EXIT_FAILED, reason))
    except BaseException as error:  # noqa: BLE001
        # A worker's SystemExit or an interrupt is a failed cycle like any other error.
        traceback.print_exc()
        return Report(Ending(Outcome.FAILED, EXIT_FAILED, f"unexpected {_told(error)}"))


def _cycle(order: Order) -> Report:
    """Pull, forecast and publish; sending is the next order's."""
    from tocsin.config import load  # noqa: PLC0415 - the engine, after the memory limit
    from tocsin.cycle import Cycle  # noqa: PLC0415
    from tocsin.heartbeat import begin  # noqa: PLC0415
    from tocsin.stores import opened  # noqa: PLC0415

    clock = SystemClock()
    config = load(order.config)
    begin(config)
    with opened(config, order.database, "own", clock, inherited=order.lock) as stores:
        report = Cycle(config, stores, clock).run()
    made = len(report.changes.deliveries)
    again = "nothing new came in; run" if report.repeated else "run"
    words = "; ".join([f"{again} {report.run}, {quantity(made, 'new messages')}", *report.remarks])
    return _report(report.reasons, words, report.run)


def _deliver(order: Order) -> Report:
    from storage.database import open_database  # noqa: PLC0415
    from tocsin.config import load  # noqa: PLC0415
    from tocsin.heartbeat import beat  # noqa: PLC0415
    from tocsin.sending import PostOffice, open_channels  # noqa: PLC0415

    clock: Clock = SystemClock()
    stopping = threading.Event()
    # A message that is being sent is finished and marked, so that it is not sent again.
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    until = stopwatch() + SENDING_SECONDS
    config = load(order.config)
    channels = open_channels(config, clock)

    def enough() -> bool:
        return stopping.is_set() or stopwatch() > until

    with open_database(order.database, mode="write", clock=clock) as database:
        office = PostOffice(config, database, channels, clock, enough)
        sent = office.send()
        reasons = [*office.trouble(sent, "the next try"), *beat(config, database, clock)]
    return _report(reasons, f"{quantity(sent.sent, 'messages')} sent", None)


def _web(order: Order) -> Report:
    """Serve pages and API until SIGTERM."""
    from tocsin.config import load  # noqa: PLC0415
    from tocsin.serving.logs import log_to_standard_error  # noqa: PLC0415
    from tocsin.web.server import serve  # noqa: PLC0415 - the web framework

    log_to_standard_error("tocsin.web")
    serve(load(order.config), order.database, SystemClock())
    return _report([], "stopped", None)


_WORK: dict[Kind, Callable[[Order], Report]] = {"cycle": _cycle, "deliver": _deliver, "web": _web}


def _report(reasons: list[str], words: str, run: int | None) -> Report:
    outcome = Outcome.DEGRADED if reasons else Outcome.DONE
    code = EXIT_DEGRADED if reasons else EXIT_FINE
    return Report(Ending(outcome, code, "; ".join(reasons), run), words)


def _told(error: BaseException) -> str:
    """Return an error's type and place; its text may hold a secret."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {frames[-1].name}, {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def _end_with_parent() -> None:
    """Wait for the end of standard input, which only comes when the service is gone."""
    while os.read(0, 1):
        pass
    os.killpg(0, signal.SIGKILL)


def _limit_memory(megabytes: int) -> None:
    """Bound private memory; mapped files and shared memory are not in it (man 2 setrlimit)."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = megabytes * 1024 * 1024
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def main() -> None:
    """Carry out the order of the command line and leave the report."""
    order, report = Order.from_text(sys.argv[1]), int(sys.argv[2])
    for descriptor in (order.lock, report):
        os.set_inheritable(descriptor, False)  # workers of a cycle have no business with them
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _limit_memory(order.memory_limit_mb)
    done = carry_out(order)
    os.write(report, done.to_text().encode())
    sys.stdout.flush()
    sys.exit(done.ending.exit_code)
