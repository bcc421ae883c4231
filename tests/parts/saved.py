"""A notebook that somebody saved with a monitor in it; its kernel is known nowhere, unless it is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nbformat

from jupyter_ext.core.rendering.mime_bundle import mime_bundle
from jupyter_ext.store.live.feed import RunFeed

if TYPE_CHECKING:
    from pathlib import Path

    from parts.home_run import HomeRun

RUN = "application/vnd.jupyter-aml.run+json"
_WIDGET = "application/vnd.jupyter.widget-view+json"


def bundle(run: HomeRun) -> dict[str, Any]:
    """Make what a monitor leaves in a notebook."""
    feed = RunFeed(run.live.paths)
    feed.read_all()
    about = feed.topic("run")
    return {
        RUN: {name: about[name] for name in ("workspace", "id", "created")},
        _WIDGET: {"version_major": 2, "version_minor": 0, "model_id": "0" * 32},
        **mime_bundle(feed),
    }


def save_notebook(
    path: Path, run: HomeRun, *, named: dict[str, Any] | None = None, html: str = "", kernel: str = "gone"
) -> None:
    """Write the notebook.

    Parameters
    ----------
    path
        Where.
    run
        The run that its monitor shows.
    named
        Other values of what names the run.
    html
        More of the saved page.
    kernel
        The notebook's.
    """
    data = bundle(run)
    data[RUN] |= named or {}
    data["text/html"] += html
    shown = nbformat.v4.new_output("display_data", data=data)
    cell = nbformat.v4.new_code_cell("run = %aml_submit train.py", outputs=[shown], execution_count=1)
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata["kernelspec"] = {"name": kernel, "display_name": "Python", "language": "python"}
    nbformat.write(notebook, path)
