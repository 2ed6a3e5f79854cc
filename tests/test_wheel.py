"""What is installed by somebody who installs floe-dagster."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run(*command: str | Path, cwd: Path) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this tree."""
    into = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", into, cwd=ROOT)
    (built,) = into.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty environment with the wheel in it.

    Its dependencies are not downloaded again: a .pth file puts the folder that holds them here at the end of its
    path. A folder that is added so has its own .pth files ignored, so that the editable install of this tree,
    which is one of them, is not seen.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    scheme = sysconfig.get_paths(vars={"base": str(folder), "platbase": str(folder)})
    python = Path(scheme["scripts"]) / "python"
    run(
        *(
            sys.executable,
            "-m",
            "pip",
            "--python",
            python,
            "install",
            "-qq",
            "--no-deps",
            "--no-index",
            wheel,
        ),
        cwd=folder,
    )
    here = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    Path(scheme["purelib"], "dependencies.pth").write_text("".join(f"{each}\n" for each in sorted(here)))
    return python


def test_the_wheel_holds_the_package_alone(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.partition("/")[0] for name in names} == {"floe_dagster", "floe_dagster-0.1.0.dist-info"}


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    tracked = {
        each.relative_to(ROOT).as_posix()
        for each in (ROOT / "floe_dagster").rglob("*")
        if each.is_file() and "__pycache__" not in each.parts
    }
    assert tracked - names == set()
    for part in ("py.typed", "state/migrations/", "report/templates/", "lineage/schemas/"):
        assert any(name.startswith(f"floe_dagster/{part}") for name in names), part


def test_the_installed_package_is_the_one_that_is_imported(python: Path, tmp_path: Path) -> None:
    found = run(python, "-c", "import floe_dagster; print(floe_dagster.__file__)", cwd=tmp_path).strip()
    assert Path(found).is_relative_to(python.parent.parent)


def test_the_command_line_runs_from_the_wheel(python: Path, tmp_path: Path) -> None:
    told = run(python.parent / "floe", "--help", cwd=tmp_path)
    for command in ("plan", "check", "contract", "sla"):
        assert command in told


def test_every_shelf_is_full_in_the_wheel(python: Path, tmp_path: Path) -> None:
    code = (
        "from floe_dagster.plugins import on_shelf\n"
        "for shelf, name in ('checks', 'KIND'), ('channels', 'CHANNEL'), ('warehouses', 'WAREHOUSE'):\n"
        "    print(shelf, *on_shelf(f'floe_dagster.{shelf}', name))"
    )
    told = run(python, "-c", code, cwd=tmp_path)
    for name in ("freshness", "webhook", "duckdb"):
        assert name in told


def test_the_lock_pins_every_dependency_and_holds_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    pinned = {line.partition("==")[0].lower() for line in lock.splitlines() if "==" in line}
    names = {re.split(r"[<>=~! \[;]", each)[0].lower() for each in wanted}
    assert names - pinned == set()
    assert "://" not in lock
    assert all("==" in line for line in lock.splitlines() if line.strip())
