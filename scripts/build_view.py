"""Build the monitor's view and the JupyterLab extension, unless they are there and newer than their sources."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "labextension"
VIEW = ROOT / "jupyter_ext" / "monitor" / "static" / "view.js"
EXTENSION = SOURCES / "prebuilt"
BUILT = (VIEW, EXTENSION / "install.json")
INSTALLED = ROOT / ".venv" / "share" / "jupyter" / "labextensions" / "jupyter-aml"
CONFIGURATION = ("build.mjs", "install.json", "package.json", "package-lock.json", "tsconfig.json")


def is_current() -> bool:
    """Say whether what is built is there and no source is newer than it."""
    if not all(file.exists() for file in BUILT):
        return False
    if (ROOT / "PKG-INFO").exists():  # a source distribution, whose files have no times of their own
        return True
    written = (file for folder in ("src", "schema") for file in (SOURCES / folder).rglob("*"))
    files = [*written, *(SOURCES / name for name in CONFIGURATION)]
    built = min(file.stat().st_mtime for file in BUILT)
    return all(file.stat().st_mtime <= built for file in files if file.is_file())


def packages_are_installed() -> bool:
    """Say whether node_modules holds what the lock file asks for."""
    installed = SOURCES / "node_modules" / ".package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= (SOURCES / "package-lock.json").stat().st_mtime


def run(*command: str) -> None:
    """Run a command among the sources; where it fails, it has said why."""
    if subprocess.run(command, cwd=SOURCES, check=False).returncode:
        sys.exit(f"The view was not built: {' '.join(command)} failed in {SOURCES}.")


def build() -> None:
    """Install the Node packages that a build needs where they are not there, and build."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit(
            "The monitor's view has to be built, and npm was not found. Install Node.js 20 or newer "
            "(https://nodejs.org, or your system's packages nodejs and npm) and run this again, "
            "or install jupyter-aml from a wheel, which has the view in it."
        )
    if not packages_are_installed():
        print("Installing the view's Node packages ...", flush=True)
        run(npm, "ci", "--omit=dev", "--no-fund", "--no-audit", "--loglevel=error")
    print("Building the view ...", flush=True)
    run(npm, "run", "--silent", "build")
    for file in BUILT:
        if not file.exists():
            sys.exit(f"The build ended without writing {file}.")
        file.touch()
    if INSTALLED.is_dir():  # an editable install has a copy
        shutil.rmtree(INSTALLED)
        shutil.copytree(EXTENSION, INSTALLED)


if __name__ == "__main__" and not is_current():
    build()
