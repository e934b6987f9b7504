"""Fault rows 38 and 39: the same cycle again and again, and a series that jitters for ever."""

import random
from datetime import date, timedelta
from pathlib import Path

from alerts.lifecycle import Moment, Reason, step
from core.alerts import Alert
from storage.database import open_database
from tests.alerts.samples import evaluation, rule
from tests.tocsin.town_by_day import TownByDay

STEPS, EPISODE = 10_000, 500


def test_a_series_that_jitters_around_its_threshold_rings_once_per_episode() -> None:
    rng = random.Random(39)
    current, day, messages, alerts = None, date(2000, 1, 1), 0, set[str]()
    for number in range(STEPS):
        day += timedelta(days=1)
        calm = number % EPISODE >= EPISODE - 20
        elevated = 0.05 if calm else 0.5 + rng.uniform(-0.14, 0.14)
        severe = 0.0 if calm else 0.6 + rng.uniform(-0.14, 0.14)
        moment = Moment(f"{number:06}", f"run-{number}")
        read = evaluation(min(elevated + 0.3, 1.0) if severe >= 0.6 else elevated, severe, day)
        taken = step(current, read, rule(clear_probability=0.35), moment)
        if taken.reason is Reason.CROSSED_ENOUGH_RUNS:
            messages += 1
        current = taken.alert if taken.alert and taken.alert.state.is_open else None
        if isinstance(taken.alert, Alert):
            alerts.add(taken.alert.alert_id)
    episodes = STEPS // EPISODE
    assert len(alerts) == messages == episodes
    print(f"{STEPS} jittering steps, {episodes} episodes: {messages} alerts fired")


def test_the_same_cycle_a_hundred_times_is_one_alert(tmp_path: Path) -> None:
    town = TownByDay(tmp_path)
    town.configure()
    for month in range(30):
        for number in range(1 + month % 2 if month < 24 else 8):
            day = f"{2022 + month // 12}-{month % 12 + 1:02d}-{3 + number:02d}"
            town.events[f"{month}-{number}"] = (day, "Storm")
    runs = {town.run("2024-07-02", deliver=True).run for _ in range(100)}
    with open_database(town.database, mode="read") as database:
        alerts = database.value("SELECT count(*) FROM alerts")
        messages = database.value("SELECT count(*) FROM outbox")
    assert (len(runs), alerts, messages) == (1, 1, 1)
    print(f"100 times the same cycle: {len(runs)} run, {alerts} alert, {messages} message")
