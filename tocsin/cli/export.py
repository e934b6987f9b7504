"""`tocsin export`: what the store holds, as files."""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.options import (
    CONFIG,
    AsOfOption,
    ConfigOption,
    DatabaseOption,
    OutsideOption,
    RawOption,
    finish,
)

app = typer.Typer(help="Write what the store holds as files.", no_args_is_help=True)


class HubFormat(StrEnum):
    """How a hub's file is written."""

    CSV = "csv"
    PARQUET = "parquet"


class HubOutput(StrEnum):
    """What a hub's file tells of a forecast."""

    QUANTILE = "quantile"
    SAMPLE = "sample"
    PMF = "pmf"


WatchOption = Annotated[str, typer.Option("--watch", help="Whose.")]
HubOption = Annotated[Path, typer.Option("-o", "--output", help="The hub's folder.")]


_TABLES = {
    "counts": (
        "Write a watch's complete periods. As a COUNTS file for predict and backtest.",
        "tocsin.commands.exports.counts.export_counts",
    ),
    "table": (
        "Write the forecast table of the newest run.",
        "tocsin.commands.exports.table.export_table",
    ),
    "incidents": (
        "Write the incidents that a watch counts, one by one.",
        "tocsin.commands.exports.incidents.export_incidents",
    ),
}
"""Exports that write one table of a watch: what each writes, and what does it."""
TableOption = Annotated[
    Path,
    typer.Option("-o", "--output", help="A .csv or .parquet file; .xlsx too, but for counts."),
]


def _add(name: str, written: str, path: str) -> None:
    @app.command(name, help=written)
    def export(
        watch: WatchOption,
        out: TableOption,
        config: ConfigOption = CONFIG,
        database: DatabaseOption = None,
        as_of: AsOfOption = None,
        raw: RawOption = False,
        outside: OutsideOption = False,
    ) -> None:
        from tocsin.commands.exports.asked import Asked  # noqa: PLC0415 - imported with the work

        module, work = path.rsplit(".", 1)
        asked = Asked(config, database, watch, as_of, outside=outside, raw=raw)
        finish(getattr(import_module(module), work)(asked, out))


for _name, (_written, _path) in _TABLES.items():
    _add(_name, _written, _path)


@app.command("forecasts")
def export_forecasts(
    watch: WatchOption,
    hub: HubOption,
    team: Annotated[str, typer.Option("--team", help="Your team in the hub.")],
    form: Annotated[HubFormat, typer.Option("--format", help="Of the file.")] = HubFormat.CSV,
    output_type: Annotated[
        HubOutput, typer.Option("--output-type", help="Quantiles, joint paths or masses.")
    ] = HubOutput.QUANTILE,
    at_least: Annotated[
        list[int] | None, typer.Option("--at-least", min=1, help="Also P(count < N), as cdf.")
    ] = None,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    as_of: AsOfOption = None,
    outside: OutsideOption = False,
) -> None:
    """Write a run's forecasts for a hub. As a model-output file of hubverse."""
    from tocsin.commands.exports.asked import Asked  # noqa: PLC0415
    from tocsin.commands.exports.forecasts import export_forecasts as work  # noqa: PLC0415
    from tocsin.exports.distributions import Wanted  # noqa: PLC0415

    wanted = Wanted(output_type.value, at_least=tuple(at_least or ()))
    asked = Asked(config, database, watch, as_of, outside=outside)
    finish(work(asked, hub, team, wanted, suffix=form.value))


@app.command("targets")
def export_targets(
    watch: WatchOption,
    hub: HubOption,
    form: Annotated[HubFormat, typer.Option("--format", help="Of the files.")] = HubFormat.CSV,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    as_of: AsOfOption = None,
    outside: OutsideOption = False,
) -> None:
    """Write what came as the target data of a hubverse hub."""
    from tocsin.commands.exports.asked import Asked  # noqa: PLC0415
    from tocsin.commands.exports.targets import export_targets as work  # noqa: PLC0415

    asked = Asked(config, database, watch, as_of, outside=outside)
    finish(work(asked, hub, suffix=form.value))


@app.command("alerts")
def export_alerts(
    out: Annotated[Path, typer.Option("-o", "--output", help="An .xml or .atom file.")],
    watch: Annotated[str | None, typer.Option("--watch", help="Only this watch.")] = None,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    outside: OutsideOption = False,
) -> None:
    """Write the newest alerts as an Atom feed."""
    from tocsin.commands.exports.alerts import export_alerts as work  # noqa: PLC0415

    finish(work(config, database, watch, out, outside=outside))


@app.command("report")
def export_report(
    out: Annotated[Path, typer.Option("-o", "--output", help="An .html file.")],
    run: Annotated[int | None, typer.Option("--run", help="Which run, not the newest.")] = None,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    outside: OutsideOption = False,
) -> None:
    """Write one page that tells a whole run. HTML, to read and to print."""
    from tocsin.commands.exports.report import export_report as work  # noqa: PLC0415

    finish(work(config, database, run, out, outside=outside))


@app.command("datasette")
def export_datasette(
    out: Annotated[Path, typer.Option("-o", "--output", help="A .json or .yaml file.")],
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
) -> None:
    """Write metadata with which datasette opens the database."""
    from tocsin.commands.exports.datasette import export_datasette as work  # noqa: PLC0415

    finish(work(config, database, out))
