"""A notebook in a kernel of the run's environment, through nbclient."""

import importlib
import os
import re
import signal
import sys

from .record import CellFailed, Notebook

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_PLACE = re.compile(r"(?:Cell In|Input In|In) ?\[\d+\], (?:in )?.*?line:? ?(\d+)|^-+> (\d+) ", re.MULTILINE)
_TERMINATED = 143
_BEGIN = "import sys; sys.argv = {argv!r}; sys.path[:0] = {path!r}"


def execute(notebook: Notebook, arguments: "list[str]") -> None:
    """Run the cells one after the other; what they print goes to this process's own output as it comes.

    Raises
    ------
    CellFailed
        One has failed.
    ImportError
        There is no nbclient, or no kernel for it.
    """
    nbclient = importlib.import_module("nbclient")
    nbformat = importlib.import_module("nbformat")
    importlib.import_module("ipykernel")
    content = nbformat.from_dict(notebook.content)
    notebook.content = content
    client = _client_class(nbclient)(
        content,
        timeout=None,
        kernel_name="python3",
        extra_arguments=["--log-level=50"],  # the log is the script's
        resources={"metadata": {"path": os.getcwd()}},
    )
    client.reset_execution_trackers()
    with client.setup_kernel():
        signal.signal(signal.SIGTERM, lambda *_: _end(client, notebook))
        client.kc.execute(_BEGIN.format(argv=[notebook.path, *arguments], path=sys.path[:1]), silent=True)
        for number, cell, _ in notebook.cells():
            _run(nbclient, client, content.cells.index(cell), number, cell)


def _client_class(nbclient: "Any") -> "Any":
    class Client(nbclient.NotebookClient):  # type: ignore[misc]
        """Prints what cells print."""

        def process_message(self, msg: "Any", *arguments: "Any") -> "Any":
            kept = super().process_message(msg, *arguments)
            _say(msg["msg_type"], msg["content"])
            return kept

    return Client


def _say(kind: str, content: "dict[str, Any]") -> None:
    if kind == "stream":
        stream = sys.stderr if content["name"] == "stderr" else sys.stdout
        stream.write(content["text"])
        stream.flush()
    elif kind in {"execute_result", "display_data"}:
        print(content["data"].get("text/plain", ""), flush=True)  # noqa: T201 - it belongs in the log
    elif kind == "error":
        print("\n".join(content["traceback"]), file=sys.stderr, flush=True)  # noqa: T201 - as above


def _run(nbclient: "Any", client: "Any", index: int, number: int, cell: "Any") -> None:
    try:
        client.execute_cell(cell, index)
    except nbclient.exceptions.CellExecutionError as error:
        lines: "list[str]" = next((one["traceback"] for one in cell["outputs"] if one["output_type"] == "error"), [])
        places = _PLACE.findall(_ANSI.sub("", "\n".join(lines)))
        own = [one for pair in places for one in pair if one]
        raise CellFailed(number, int(own[0]) if own else None, error.ename, error.evalue) from None
    except nbclient.exceptions.DeadKernelError:
        raise CellFailed(number, None, "DeadKernelError", "the kernel died; often the memory was used up") from None


def _end(client: "Any", notebook: Notebook) -> None:
    """End the kernel, which has a session of its own and hears no signal that the run gets."""
    notebook.keep()
    pid = getattr(getattr(client.km, "provisioner", None), "pid", None)
    if pid:
        os.killpg(pid, signal.SIGKILL)
    os._exit(_TERMINATED)
