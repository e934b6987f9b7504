"""`tocsin overrides`: an analyst's own value beside a forecast or an alert."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.alerts import UNTIL, ByOption, SeverityName
from tocsin.cli.options import (
    CONFIG,
    ConfigOption,
    DatabaseOption,
    Format,
    FormatOption,
    RawOption,
    finish,
)

if TYPE_CHECKING:
    from core.settings import Severity

app = typer.Typer(help="An analyst's value beside a forecast or alert.", no_args_is_help=True)


@app.command("add")
def overrides_add(
    by: ByOption,
    reason: Annotated[str, typer.Option("--reason", help="Why you see it otherwise.")],
    watch: Annotated[str | None, typer.Option("--watch", help="Of a forecast.")] = None,
    region: Annotated[str | None, typer.Option("--region", help="As tables write it.")] = None,
    period: Annotated[str | None, typer.Option("--period", help="Such as 2024-07.")] = None,
    alert: Annotated[str | None, typer.Option("--alert", help="Or of this alert.")] = None,
    value: Annotated[
        int | None, typer.Option("--value", min=0, max=1_000_000, help="The count you expect.")
    ] = None,
    severity: Annotated[
        SeverityName | None, typer.Option("--severity", help="The severity you see.")
    ] = None,
    reject: Annotated[bool, typer.Option("--reject", help="You do not believe it.")] = False,
    until: Annotated[str | None, typer.Option("--until", help=UNTIL)] = None,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
) -> None:
    """Raise, lower or reject a forecast or alert. The model's value stays beside it."""
    from tocsin.commands.overrides import Asked, Author  # noqa: PLC0415
    from tocsin.commands.overrides import add as work  # noqa: PLC0415

    seen: Severity | None = severity.value if severity else None
    asked = Asked(watch, region, period, alert, value, seen, reject)
    finish(work(config, database, asked, Author(by, reason, until)))


@app.command("list")
def overrides_list(
    everything: Annotated[
        bool, typer.Option("--all/--open", help="Also those that have ended.")
    ] = False,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
    raw: RawOption = False,
) -> None:
    """List the overrides in force."""
    from tocsin.commands.overrides import list_overrides as work  # noqa: PLC0415

    finish(work(config, database, everything=everything, form=form.value, raw=raw))


@app.command("scores")
def overrides_scores(
    watch: Annotated[str | None, typer.Option("--watch", help="Only of this watch.")] = None,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
    raw: RawOption = False,
) -> None:
    """Score overrides against the model. Those whose outcome is known."""
    from tocsin.commands.override_scores import scores as work  # noqa: PLC0415

    finish(work(config, database, watch, form=form.value, raw=raw))


@app.command("end")
def overrides_end(
    number: Annotated[int, typer.Argument(help="The override's number.")],
    by: ByOption,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
) -> None:
    """Take an override back. It is kept, to be scored against what happened."""
    from tocsin.commands.overrides import end as work  # noqa: PLC0415

    finish(work(config, database, number, by))
