"""Commands that show what is stored."""

from __future__ import annotations

from typing import Annotated

import typer

from tocsin.cli.options import (
    CONFIG,
    AsOfOption,
    ConfigOption,
    DatabaseOption,
    Format,
    FormatOption,
    OutsideOption,
    RawOption,
    finish,
)

app = typer.Typer()


@app.command()
def table(
    watch: Annotated[str | None, typer.Option("--watch", help="Only this watch.")] = None,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    as_of: AsOfOption = None,
    form: FormatOption = Format.TEXT,
    raw: RawOption = False,
) -> None:
    """Print the forecast table of the newest run."""
    from tocsin.commands.table import table as work  # noqa: PLC0415

    finish(work(config, database, watch, as_of, form=form.value, raw=raw))


@app.command()
def explain(
    watch: Annotated[str | None, typer.Option("--watch", help="Only this watch.")] = None,
    region: Annotated[str, typer.Option("--region", help="A region, or a glob of some.")] = "*",
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    as_of: AsOfOption = None,
    form: FormatOption = Format.TEXT,
    raw: RawOption = False,
) -> None:
    """Say what the forecasts rest on.

    And why they changed since the run before.
    """
    from tocsin.commands.explain import explain as work  # noqa: PLC0415

    finish(work(config, database, watch, region, as_of, form=form.value, raw=raw))


@app.command()
def totals(
    watch: Annotated[str, typer.Option("--watch", help="Whose regions are added up.")],
    at_least: Annotated[
        int | None,
        typer.Option("--at-least", min=1, help="Also the probability that a total reaches this."),
    ] = None,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    as_of: AsOfOption = None,
    form: FormatOption = Format.TEXT,
    raw: RawOption = False,
) -> None:
    """Add up the forecasts of a watch.

    Each country of its provinces, each actor of its places, with the right intervals.
    """
    from tocsin.commands.totals import totals as work  # noqa: PLC0415

    finish(work(config, database, watch, as_of, at_least, form=form.value, raw=raw))


@app.command()
def diff(
    since: Annotated[str, typer.Option("--from", help="A day (its end) or an instant (UTC).")],
    until: Annotated[
        str | None, typer.Option("--to", help="A day (its end) or an instant; none means now.")
    ] = None,
    watch: Annotated[str | None, typer.Option("--watch", help="Only this watch.")] = None,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
    raw: RawOption = False,
    outside: OutsideOption = False,
) -> None:
    """Say what changed in the store.

    And which forecasts and alerts it touches.
    """
    from tocsin.commands.diff import diff as work  # noqa: PLC0415

    moments = (since, until)
    finish(work(config, database, moments, watch, form=form.value, raw=raw, outside=outside))


@app.command()
def duplicates(
    watch: Annotated[
        str | None, typer.Option("--watch", help="Only the feeds of this watch.")
    ] = None,
    across: Annotated[bool, typer.Option("--across", help="Only pairs of two feeds.")] = False,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
    raw: RawOption = False,
    outside: OutsideOption = False,
) -> None:
    """List incidents that may be told twice.

    Pairs that are likely one event; nothing is merged.
    """
    from tocsin.commands.duplicates import duplicates as work  # noqa: PLC0415

    how = {"across": across, "raw": raw, "outside": outside}
    finish(work(config, database, watch, form=form.value, **how))


@app.command()
def doctor(
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
) -> None:
    """Say whether all that a run needs is well."""
    from tocsin.commands.doctor import doctor as work  # noqa: PLC0415

    finish(work(config, database, form=form.value))


@app.command()
def handover(
    since: Annotated[
        str, typer.Option("--since", help="A day (its start), an instant (UTC), or 12h, 7d.")
    ],
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
    raw: RawOption = False,
) -> None:
    """Print what the next on duty must know.

    Alerts open and new, verdicts, silences, overrides, stale feeds, what people did.
    """
    from tocsin.commands.handover import handover as work  # noqa: PLC0415

    finish(work(config, database, since, form=form.value, raw=raw))
