"""Run the quickstart for real, without a browser, and tell what happened."""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import docker
import nbformat
from docker.errors import DockerException, ImageNotFound
from live_notebook import LiveNotebook, Screen
from nbclient.exceptions import CellExecutionError

from jupyter_ext import Workspace, engine_answers

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from jupyter_ext import Run

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / ".demo"
NOTEBOOK = PLACE / "notebooks" / "quickstart.ipynb"
DOCKER_SOCKET = "unix:///var/run/docker.sock"
ENDED = ("Completed", "Failed", "Canceled")
INTERRUPTED = 130


def main() -> int:
    """Run the notebook in a copy of its folder, in a home of its own; return the exit code."""
    os.environ.setdefault("AML_HOME", str(PLACE / "home"))
    shutil.copytree(ROOT / "notebooks", PLACE / "notebooks", dirs_exist_ok=True)
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    resources = {"metadata": {"path": str(NOTEBOOK.parent)}}
    before, begun = set(runs_here()), time.monotonic()
    with Screen() as screen:
        client = LiveNotebook(notebook, screen, resources=resources)
        try:
            without = left_out(notebook, screen)
            client.run(without)
        except KeyboardInterrupt:
            stop_runs(screen)
            screen.line("Stopped. `make demo` takes up what was built so far.")
            return INTERRUPTED
        except CellExecutionError as error:
            screen.line(f"The cell above failed: {error.ename}. Nothing after it was run.")
            return 1
        finally:
            nbformat.write(notebook, NOTEBOOK)  # type: ignore[no-untyped-call]
        for line in summary(client, without, before, time.monotonic() - begun):
            screen.line(line)
    return 0


def left_out(notebook: nbformat.NotebookNode, screen: Screen) -> dict[str, str]:
    """Say which cells cannot run here, and why: without an engine or a base image, those in a container."""
    if not engine_answers():
        return {"needs-engine": "no container engine answers here"}
    cells = [cell.source for cell in notebook.cells if "needs-engine" in cell.metadata.get("tags", [])]
    for image in re.findall(r"^FROM (\S+)", "\n".join(cells), re.MULTILINE):
        reason = get_image(image, screen)
        if reason:
            return {"needs-engine": reason}
    return {}


def get_image(name: str, screen: Screen) -> str | None:
    """Have the engine hold a base image: pulled, or else made from Debian's packages; return why not."""
    client = docker.from_env()
    screen.doing = f"getting the image {name}"
    try:
        client.images.get(name)
    except ImageNotFound:
        screen.line(f"Pulling {name} ...")
    else:
        return None
    try:
        client.images.pull(name)
    except DockerException:
        screen.line(f"{name} cannot be pulled from here. Making an image of that name from Debian's")
        screen.line(f"packages, which takes about a minute (`docker rmi {name}` removes it) ...")
        return make_image(client, name)
    return None


def make_image(client: docker.DockerClient, name: str) -> str | None:
    """Make a base image as the tests do, under the name that the notebook uses; return why not."""
    sys.path.insert(0, str(ROOT / "tests"))
    from parts import MissingPart, base_image  # noqa: PLC0415 - the tests' own, and seldom needed

    try:
        made = base_image.make(os.environ.get("DOCKER_HOST", DOCKER_SOCKET))
    except MissingPart as missing:
        return f"{name} can be neither pulled nor made here: {missing}"
    client.images.get(made).tag(name)
    return None


def runs_here() -> dict[str, Run]:
    """Return the runs in the demo's home by their ids, the first one first."""
    experiments = [
        experiment for workspaces in Workspace.list().values() for experiment in workspaces[0].experiments.values()
    ]
    return {run.id: run for experiment in experiments for run in reversed(list(experiment.get_runs()))}


def stop_runs(screen: Screen) -> None:
    """Cancel what still runs, since a run outlives its notebook."""
    for run in runs_here().values():
        if run.get_status() not in ENDED:
            screen.line(f"Canceling {run.id} ...")
            run.cancel()


def summary(client: LiveNotebook, without: dict[str, str], before: Container[str], seconds: float) -> Iterator[str]:
    """Tell what there is now and where, as the lines of a table."""
    rows = [
        ("environment", f"{cell.source.split()[1]}, ready in {client.seconds[cell.id]:.1f} s")
        for cell in client.nb.cells
        if cell.source.startswith("%%aml_env") and cell.id in client.seconds
    ]
    for run in (run for name, run in runs_here().items() if name not in before):
        rows.append(("run", f"{run.id}  {run.get_status()}"))
        rows += [("", f"{name} {value:.3f}") for name, value in last_numbers(run)]
    rows += [("container", f"left out: {reason}") for reason in without.values()]
    rows += [
        ("outputs", where(NOTEBOOK.parent / "birds" / "outputs")),
        ("model", where(NOTEBOOK.parent / "model")),
        ("notebook", f"{where(NOTEBOOK)}, as it ran"),
        ("runs", f"{where(Path(os.environ['AML_HOME']))}, one folder each"),
        ("took", f"{seconds:.0f} s"),
    ]
    yield ""
    yield from (f"{name:12} {text}" for name, text in rows)
    yield ""
    yield "Open it in JupyterLab:  make lab"


def last_numbers(run: Run) -> Iterator[tuple[str, float]]:
    """Yield the metrics of a run that are numbers, with the value that was logged last."""
    for name, values in run.get_metrics().items():
        value = values[-1] if isinstance(values, list) else values
        if isinstance(value, (int, float)):
            yield name, value


def where(path: Path) -> str:
    """Return a path as one would type it from here."""
    return os.path.relpath(path)


if __name__ == "__main__":
    sys.exit(main())
