"""`make chaos`: the whole storm on each database, its figures, and whether every law held."""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from random import SystemRandom

from rich.console import Console
from rich.table import Table

from tests.chaos.laws import broken
from tests.chaos.storm import rage
from tests.chaos.terms import Terms
from tests.conftest import start_postgres, stop_postgres

DATABASES = ("sqlite", "postgres")


def main() -> int:
    """Run, print, and say by the exit code whether every law held."""
    arguments = _arguments()
    console = Console()
    console.print(
        f"seed {arguments.seed}; the same story again with: make chaos SEED={arguments.seed}", highlight=False
    )
    held = True
    for database in arguments.databases:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="floe-chaos-")))
            terms = Terms(
                url=_url(database, folder, stack),
                folder=folder,
                seed=arguments.seed,
                events=arguments.events,
                kills=arguments.kills,
                speed=arguments.speed,
            )
            storm = rage(terms)
        offences = list(broken(storm.found))
        console.print(_table(database, storm.figures, offences))
        held = held and not offences
    return 0 if held else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000, help="parcels to be carried (default: 10,000)")
    parser.add_argument("--kills", type=int, default=200, help="of producers and dispatchers (default: 200)")
    parser.add_argument("--seed", type=int, default=None, help="of all that is left to chance (default: any)")
    parser.add_argument(
        "--speed",
        type=float,
        default=Terms.speed,
        help="of the clock; above 20, leases run out while at work",
    )
    parser.add_argument("databases", nargs="*", metavar="database", help=f"of {', '.join(DATABASES)}")
    arguments = parser.parse_args()
    arguments.databases = arguments.databases or list(DATABASES)
    if unknown := set(arguments.databases) - set(DATABASES):
        parser.error(f"no database {', '.join(sorted(unknown))}; there are: {', '.join(DATABASES)}")
    if arguments.seed is None:
        arguments.seed = SystemRandom().randrange(1_000_000)
    return arguments


def _url(database: str, folder: Path, stack: ExitStack) -> str:
    if database == "sqlite":
        return f"sqlite:///{folder}/floe.db"
    server = start_postgres()
    stack.callback(stop_postgres, server)
    return server.url()


def _table(database: str, figures: dict[str, int], offences: list[str]) -> Table:
    table = Table(title=database, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, figure in figures.items():
        table.add_row(name, f"{figure:,}")
    table.add_section()
    table.add_row("laws broken", str(len(offences)))
    for each in offences:
        table.add_row(each, "")
    return table


if __name__ == "__main__":
    sys.exit(main())
