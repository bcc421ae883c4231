"""A build under its cell, in a real JupyterLab and a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from e2e.lab import WAIT_MS, output, run_all
from parts.submitting import is_process, until

if TYPE_CHECKING:
    from e2e.lab import Lab
    from playwright.sync_api import Page

_BACKEND = """\
import os, pathlib, time

def build_wheel(folder, config_settings=None, metadata_directory=None):
    pathlib.Path("pid").write_text(str(os.getpid()))
    print("compiling <b>for long</b>", flush=True)
    time.sleep(300)
"""
_REGISTRY = "%aml registry set r.example.com --username '$(a) and $(b)'\n%aml registry\n%aml registry remove"


def test_a_build_is_watched_and_its_button_stops_it(lab: Lab, page: Page) -> None:
    folder = lab.new_folder("build")
    (folder / "slow").mkdir(parents=True)
    (folder / "slow/pyproject.toml").write_text(
        "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
    )
    (folder / "slow/backend.py").write_text(_BACKEND)
    lab.write(f"{folder.name}/build.ipynb", "%load_ext jupyter_ext", _REGISTRY, "%%aml_env slow\n./slow")
    lab.open(page, f"{folder.name}/build.ipynb")
    run_all(page)
    shown = output(page, 2)
    shown.get_by_text("pip install").wait_for(timeout=WAIT_MS)
    assert "slow:1" in shown.inner_text()
    assert "$(a) and $(b)" in output(page, 1).inner_text()  # no formula
    assert "step 2 of 3" in shown.inner_text()
    pid = int(until(lambda: (folder / "slow/pid").exists() and (folder / "slow/pid").read_text()))
    with page.expect_download() as download:
        shown.get_by_role("link", name="full log").click()
    assert "[2/3] pip install" in download.value.path().read_text()
    shown.get_by_role("button", name="Cancel").click()
    shown.get_by_text("stopped after").wait_for(timeout=WAIT_MS)
    assert "nothing is registered" in shown.inner_text()
    until(lambda: not is_process(pid))
