"""The command that writes the analyst's article."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.options import (
    CONFIG,
    AsOfOption,
    ConfigOption,
    DatabaseOption,
    OutsideOption,
    day_option,
    finish,
)

app = typer.Typer()


class Form(StrEnum):
    """How a brief is written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"


@app.command()
def brief(
    watch: Annotated[str, typer.Option("--watch", help="Which watch.")],
    since: Annotated[date, day_option("--since", "The day that is compared.")],
    as_of: AsOfOption = None,
    form: Annotated[Form, typer.Option("--format", help="How to write it.")] = Form.TEXT,
    explain: Annotated[
        bool, typer.Option("--explain", help="Give the SQL of every number.")
    ] = False,
    home: Annotated[
        str | None, typer.Option("--home", help="The country that others are abroad to.")
    ] = None,
    area: Annotated[
        list[str] | None,
        typer.Option("--area", help="NAME=COUNTRY,COUNTRY: count these together too."),
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file.")] = None,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    outside: OutsideOption = False,
) -> None:
    """Write the analyst's brief of a watch.

    What changed since a day, what is expected next, and how far to trust it.
    """
    from tocsin.brief.evidence import Question  # noqa: PLC0415
    from tocsin.commands.brief import areas  # noqa: PLC0415
    from tocsin.commands.brief import brief as work  # noqa: PLC0415

    question = Question(watch, since, as_of, home, areas(area or []))
    how = {"explain": explain, "outside": outside}
    finish(work(config, database, question, out, form=form.value, **how))
