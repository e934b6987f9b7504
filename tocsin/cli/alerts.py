"""`tocsin alerts`: what is open, why, and what people do about it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

import typer

from tocsin.cli.options import (
    CONFIG,
    ConfigOption,
    DatabaseOption,
    Format,
    FormatOption,
    RawOption,
    day_option,
    finish,
)

app = typer.Typer(help="Alerts: list, show, acknowledge, silence, note.", no_args_is_help=True)


class SeverityName(StrEnum):
    """The severities, from least to most; a test compares them with core.settings."""

    ADVISORY = "advisory"
    ELEVATED = "elevated"
    HIGH = "high"
    SEVERE = "severe"
    EXTREME = "extreme"


AlertArgument = Annotated[str, typer.Argument(help="Its id, or the beginning of it.")]
ByOption = Annotated[str, typer.Option("--by", help="Who does it; kept with the time.")]
UNTIL = "A day (to its end, UTC) or a length such as 36h or 7d."


@app.command("list")
def alerts_list(
    everything: Annotated[
        bool, typer.Option("--all/--open", help="Also those that have ended.")
    ] = False,
    watch: Annotated[str | None, typer.Option("--watch", help="Only of this watch.")] = None,
    rule: Annotated[str | None, typer.Option("--rule", help="Only of this rule.")] = None,
    region: Annotated[
        str | None, typer.Option("--region", help='Only these, such as "Nigeria/*".')
    ] = None,
    severity: Annotated[
        SeverityName | None, typer.Option("--severity", help="Only of this severity.")
    ] = None,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
    raw: RawOption = False,
) -> None:
    """List the alerts that are open, the newest change first."""
    from tocsin.commands.alerts.listed import Filter, list_alerts  # noqa: PLC0415

    wanted = Filter(watch, rule, region, severity and severity.value)
    done = list_alerts(config, database, wanted, everything=everything, form=form.value, raw=raw)
    finish(done)


@app.command("missed")
def alerts_missed(
    since: Annotated[date, day_option("--since", "Crossings from this day on.")],
    watch: Annotated[str | None, typer.Option("--watch", help="Only of this watch.")] = None,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
    raw: RawOption = False,
) -> None:
    """List the crossings that nobody was warned of. Of rules on forecasts."""
    from tocsin.commands.alerts.missed import missed  # noqa: PLC0415

    finish(missed(config, database, watch, since, form=form.value, raw=raw))


@app.command("show")
def alerts_show(
    alert: AlertArgument,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
    raw: RawOption = False,
) -> None:
    """Tell the story of an alert. Every step, its reason, and what people did."""
    from tocsin.commands.alerts.show import show as work  # noqa: PLC0415

    finish(work(config, database, alert, form=form.value, raw=raw))


@app.command("ack")
def alerts_ack(
    alert: AlertArgument,
    by: ByOption,
    until: Annotated[str | None, typer.Option("--until", help=UNTIL)] = None,
    note: Annotated[str, typer.Option("--note", help="What is being done.")] = "",
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
) -> None:
    """Acknowledge an open alert: no reminders, unless it escalates."""
    from tocsin.commands.alerts.note import acknowledge as work  # noqa: PLC0415

    finish(work(config, database, alert, by, until, note, form=form.value))


@app.command("note")
def alerts_note(
    alert: AlertArgument,
    by: ByOption,
    text: Annotated[str, typer.Option("--text", help="At most 2,000 characters.")],
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
) -> None:
    """Add a note to an alert's story."""
    from tocsin.commands.alerts.note import note as work  # noqa: PLC0415

    finish(work(config, database, alert, by, text, form=form.value))


@app.command("silence")
def alerts_silence(
    match: Annotated[
        list[str],
        typer.Option("--match", help="KEY=GLOB; alert, watch, rule, region, country; repeatable."),
    ],
    until: Annotated[str, typer.Option("--until", help=UNTIL)],
    by: ByOption,
    reason: Annotated[str, typer.Option("--reason", help="Why nobody needs to be told.")],
    severity: Annotated[
        list[str] | None,
        typer.Option("--severity", help="Only of this severity, then its escalations too."),
    ] = None,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
) -> None:
    """Send no messages of some alerts for a while. Their stories go on."""
    from tocsin.commands.alerts.silences import silence as work  # noqa: PLC0415

    finish(work(config, database, match, severity or [], (until, by, reason), form=form.value))


@app.command("silences")
def alerts_silences(
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
    raw: RawOption = False,
) -> None:
    """List the silences in force."""
    from tocsin.commands.alerts.silences import silences as work  # noqa: PLC0415

    finish(work(config, database, form=form.value, raw=raw))


@app.command("unsilence")
def alerts_unsilence(
    number: Annotated[int, typer.Argument(help="The silence's number.")],
    by: ByOption,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
) -> None:
    """Lift a silence; the next run tells what still fires."""
    from tocsin.commands.alerts.silences import unsilence as work  # noqa: PLC0415

    finish(work(config, database, number, by, form=form.value))


@app.command("raise")
def alerts_raise(
    watch: Annotated[str, typer.Option("--watch", help="In which watch.")],
    region: Annotated[str, typer.Option("--region", help="Where, as tables write it.")],
    severity: Annotated[SeverityName, typer.Option("--severity", help="How bad.")],
    note: Annotated[str, typer.Option("--note", help="What you know; goes into the message.")],
    by: ByOption,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
) -> None:
    """Raise an alert by hand; only a person ends it."""
    from tocsin.commands.alerts.by_hand import raise_alert as work  # noqa: PLC0415

    finish(work(config, database, (watch, region), severity.value, by, note, form=form.value))


@app.command("resolve")
def alerts_resolve(
    alert: AlertArgument,
    by: ByOption,
    note: Annotated[str, typer.Option("--note", help="Why it is over.")],
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
) -> None:
    """End an open alert by hand; whoever was told of it is told."""
    from tocsin.commands.alerts.by_hand import resolve as work  # noqa: PLC0415

    finish(work(config, database, alert, by, note, form=form.value))
