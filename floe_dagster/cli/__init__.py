"""The command line: `floe`, one file per command group.

Exit codes: 0 fine, 1 violations found, 2 wrong use, contract or configuration, 3 could not be measured. A
user's
mistake never ends in a traceback. Command files import what they need when they are called, so that `floe
--help` is instant.
"""

from __future__ import annotations

import sys

import typer

from floe_dagster.cli import alerts, contract, incidents, lineage, maintenance, sla, state
from floe_dagster.cli.check import check
from floe_dagster.cli.doctor import doctor
from floe_dagster.cli.plan import plan
from floe_dagster.errors import FloeError, StoreError

app = typer.Typer(
    name="floe",
    help="Data contracts: what was promised, whether it is kept, and who should hear.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("plan")(plan)
app.command("check")(check)
app.command("doctor")(doctor)
app.add_typer(contract.app, name="contract")
app.add_typer(sla.app, name="sla")
app.add_typer(alerts.app, name="alerts")
app.add_typer(incidents.app, name="incidents")
app.add_typer(lineage.app, name="lineage")
app.add_typer(maintenance.app, name="maintenance")
app.add_typer(state.app, name="state")


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        app(prog_name="floe")
    except FloeError as error:
        sys.stderr.write(f"floe: {error}\n")
        sys.exit(3 if isinstance(error, StoreError) else 2)
