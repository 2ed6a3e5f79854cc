"""Published: a report as files, named by its period, so that the same period replaces itself.

The HTML page, the document for programs, the words and the rows of one report stand beside each other. Where
there are many contracts, the page is an index, and each domain has a page in a folder of the same name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from floe_dagster.report.render import (
    to_csv,
    to_figures,
    to_html,
    to_json,
    to_markdown,
    to_rows,
)
from floe_dagster.report.slices import by_domain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from floe_dagster.contract.model import Scalar
    from floe_dagster.report.model import SlaReport
    from floe_dagster.settings import Settings

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A report on disk, and what Dagster shows of it.

    Attributes:
        files: the page, the document for programs, the words and the rows, by suffix.
        pages: one for each domain, where there are many contracts.
        rows: one for each kind of each contract.
        figures: the few numbers worth plotting.
    """

    report: SlaReport
    files: tuple[Path, ...]
    pages: tuple[Path, ...]
    markdown: str
    rows: Sequence[Mapping[str, Scalar]]
    figures: Mapping[str, int | float]


def publish(report: SlaReport, settings: Settings, name: str) -> Written:
    """Write the files of a report as `sla-<name>` into the reports' folder; each is whole or not there.

    Raises:
        OSError: the files cannot be written.
    """
    folder = settings.root / settings.reports.folder
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"sla-{name}"
    markdown = to_markdown(report)
    split = len(report.contracts) > settings.reports.pages_above
    domains = by_domain(report) if split else {}
    links = {domain: f"{stem}/{_file(domain)}" for domain in domains}
    texts = {
        "html": to_html(report, links=links, back=""),
        "json": to_json(report),
        "md": markdown,
        "csv": to_csv(report),
    }
    pages = {
        folder / link: to_html(domains[domain], back=f"../{stem}.html") for domain, link in links.items()
    }
    files = {folder / f"{stem}.{suffix}": text for suffix, text in texts.items()}
    for path, text in (files | pages).items():
        _write(path, text)
    return Written(
        report=report,
        files=tuple(files),
        pages=tuple(pages),
        markdown=markdown,
        rows=to_rows(report),
        figures=to_figures(report),
    )


def _file(domain: str) -> str:
    """A name for the page of a domain that no other domain has, whatever file system it is on."""
    readable = _UNSAFE.sub("-", domain.lower()).strip("-.")[:60]
    return f"{readable or 'domain'}-{sha256(domain.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}.html"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(
        "w", dir=path.parent, prefix=f".{path.name}.", encoding="utf-8", newline="\n", delete=False
    ) as file:
        file.write(text)
    try:
        Path(file.name).chmod(0o644)
        Path(file.name).replace(path)
    except OSError:
        Path(file.name).unlink(missing_ok=True)
        raise
