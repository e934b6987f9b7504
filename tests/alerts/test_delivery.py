"""The delivery loop: at least once, on schedule, one failing channel never stopping another."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.channels.channel import DeliveryError
from alerts.delivery import (
    JITTER,
    LEASE_SECONDS,
    SCHEDULE,
    Delivered,
    Outlet,
    Sender,
    deliver,
    next_try,
)
from core.alerts import Delivery
from tests.alerts.samples import NOW, MemoryOutbox, MovingClock, delivery

LATER = DeliveryError("busy", transient=True)
NEVER = DeliveryError("gone", transient=False)


@dataclass
class Scripted:
    """A channel that fails as it is told, then takes everything."""

    failures: list[Exception] = field(default_factory=list)
    taken: list[Delivery] = field(default_factory=list)

    def send(self, delivery: Delivery) -> str:
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append(delivery)
        return "taken"


def outbox_of(*made: Delivery) -> MemoryOutbox:
    outbox = MemoryOutbox()
    for one in made:
        outbox.put(one)
    return outbox


def test_what_is_due_is_sent_once_and_marked() -> None:
    outbox, channel, clock = outbox_of(delivery(1), delivery(2)), Scripted(), MovingClock()
    assert deliver(outbox, {"duty": Outlet(channel)}, clock, 10) == Delivered(sent=2)
    assert deliver(outbox, {"duty": Outlet(channel)}, clock, 10) == Delivered()
    assert [d.delivery_id for d in channel.taken] == list(outbox.rows)
    (attempt,) = outbox.attempts(channel.taken[0].delivery_id)
    assert (attempt.delivered, attempt.detail) == (True, "taken")


def test_no_more_than_the_limit_is_sent() -> None:
    outbox, channel = outbox_of(*[delivery(n) for n in range(5)]), Scripted()
    assert deliver(outbox, {"duty": Outlet(channel)}, MovingClock(), 3).sent == 3
    assert outbox.count("pending") == 2


def test_a_failing_channel_never_stops_the_others() -> None:
    made = [delivery(n, "bad" if n % 2 else "good") for n in range(10)]
    good, bad = Scripted(), Scripted([ValueError("boom")] * 10)
    outlets = {"bad": Outlet(bad), "good": Outlet(good)}
    found = deliver(outbox_of(*made), outlets, MovingClock(), 100)
    assert found == Delivered(sent=5, failed=5)
    assert len(good.taken) == 5


def test_a_fault_that_nobody_foresaw_is_kept_without_its_text() -> None:
    outbox = outbox_of(delivery(1))
    deliver(outbox, {"duty": Outlet(Scripted([ValueError("canary")]))}, MovingClock(), 1)
    (attempt,) = outbox.attempts(delivery(1).delivery_id)
    assert (attempt.delivered, attempt.detail) == (False, "unexpected ValueError")


def test_a_channel_that_is_no_longer_configured_waits_for_its_return() -> None:
    outbox, clock, channel = outbox_of(delivery(1)), MovingClock(), Scripted()
    assert deliver(outbox, {}, clock, 1) == Delivered(failed=1)
    clock.forward(10)
    assert deliver(outbox, {"duty": Outlet(channel)}, clock, 1) == Delivered(sent=1)


def test_a_refusal_for_good_is_kept_as_dead_at_once() -> None:
    outbox = outbox_of(delivery(1))
    found = deliver(outbox, {"duty": Outlet(Scripted([NEVER]))}, MovingClock(), 1)
    assert found == Delivered(failed=1, dead=1)
    assert outbox.count("dead") == 1


def test_a_receiver_that_refuses_everything_is_disabled_and_what_is_for_it_waits() -> None:
    outbox = outbox_of(*[delivery(n) for n in range(3)], delivery(3, "soc"))
    closed = Scripted([DeliveryError("HTTP 410", transient=False, closed=True)])
    outlets = {"duty": Outlet(closed, "v1"), "soc": Outlet(Scripted())}
    assert deliver(outbox, outlets, MovingClock(), 100) == Delivered(sent=1, failed=1, refused=1)
    assert closed.taken == []
    assert outbox.disabled == {"duty": "v1"}
    assert outbox.count("pending") == 3
    assert [row["leased"] for row in outbox.rows.values()][:3] == [None] * 3


def test_a_trial_is_tried_once_and_disables_nothing() -> None:
    outbox = outbox_of(replace(delivery(1), kind="test"))
    outbox.put(delivery(2))
    trial, other = outbox.claim(NOW, 60, 2)
    closed = DeliveryError("HTTP 410", transient=False, closed=True)
    sender = Sender(outbox, {"duty": Outlet(Scripted([closed, LATER]))}, MovingClock())
    assert sender.send(replace(trial, kind="test")).dead == 1
    assert sender.send(replace(other, kind="test")).dead == 1
    assert outbox.disabled == {}


def test_what_there_is_no_time_for_is_given_back() -> None:
    outbox, channel = outbox_of(*[delivery(n) for n in range(5)]), Scripted()
    stops = iter([False, False, True, True, True, True])
    found = deliver(outbox, {"duty": Outlet(channel)}, MovingClock(), 5, lambda: next(stops))
    assert found.sent == 2
    assert [d.delivery_id for d in outbox.claim(NOW, 60, 9)] == list(outbox.rows)[2:]


def test_the_tenth_failure_is_the_last() -> None:
    outbox, clock, channel = outbox_of(delivery(1)), MovingClock(), Scripted([LATER] * 20)
    tries = 0
    while outbox.count("pending"):
        tries += deliver(outbox, {"duty": Outlet(channel)}, clock, 1).failed
        clock.forward(60)
    assert tries == 10
    assert len(outbox.attempts(delivery(1).delivery_id)) == 10
    assert timedelta(hours=75) * 0.8 < clock.now() - NOW < timedelta(hours=76) * 1.2


def test_an_answer_is_kept_on_one_line_and_short() -> None:
    outbox = outbox_of(delivery(1))
    long = DeliveryError("a\r\n\x1b[31m" + "b" * 1000, transient=True)
    deliver(outbox, {"duty": Outlet(Scripted([long]))}, MovingClock(), 1)
    (attempt,) = outbox.attempts(delivery(1).delivery_id)
    assert len(attempt.detail) == 300
    assert attempt.detail.startswith("a [31mb")


@pytest.mark.parametrize("attempt", range(1, 10))
def test_each_wait_is_the_schedules_within_a_fifth(attempt: int) -> None:
    waits = set()
    for number in range(200):
        at = next_try(replace(delivery(number), attempt=attempt), LATER, NOW)
        assert at is not None
        waits.add((at - NOW).total_seconds())
    base = SCHEDULE[attempt]
    assert base * (1 - JITTER) <= min(waits) < base * 0.9
    assert base * 1.1 < max(waits) <= base * (1 + JITTER)


def test_a_wait_is_the_same_whenever_it_is_computed() -> None:
    assert next_try(delivery(3), LATER, NOW) == next_try(delivery(3), LATER, NOW)


@settings(max_examples=200, derandomize=True)
@given(asked=st.floats(0, 1e12), attempt=st.integers(1, 9))
def test_a_wait_that_was_asked_for_is_honoured_between_once_and_twice_the_schedules(
    asked: float, attempt: int
) -> None:
    error = DeliveryError("busy", transient=True, retry_after=asked)
    at = next_try(replace(delivery(1), attempt=attempt), error, NOW)
    assert at is not None
    wait, base = (at - NOW).total_seconds(), SCHEDULE[attempt]
    assert base <= wait <= 2 * base
    assert wait == pytest.approx(asked) or asked < base or asked > 2 * base


def test_a_message_whose_sender_died_is_sent_again_with_the_same_id_and_body() -> None:
    outbox, clock, channel = outbox_of(delivery(1)), MovingClock(), Scripted()
    (lost,) = outbox.claim(clock.now(), LEASE_SECONDS, 1)
    assert deliver(outbox, {"duty": Outlet(channel)}, clock, 1) == Delivered()
    clock.forward(LEASE_SECONDS)
    assert deliver(outbox, {"duty": Outlet(channel)}, clock, 1) == Delivered(sent=1)
    assert channel.taken == [lost]


def test_the_delivery_process_loads_no_engine() -> None:
    program = (
        "import sys, alerts.delivery, alerts.registry as r\n"
        "import alerts.channels.email, alerts.channels.webhook\n"
        "import alerts.channels.console, alerts.channels.file\n"
        "heavy = ['numpy', 'pandas', 'scipy', 'numba', 'sqlite_utils', 'prophet', 'pyarrow']\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
