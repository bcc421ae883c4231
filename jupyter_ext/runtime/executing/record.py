"""The notebook as it is executed: its code cells, and the copy with their outputs."""

import json
import os
import sys

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any, Iterator


class CellFailed(Exception):  # noqa: N818 - it tells which
    """A cell has failed; its own traceback has been printed.

    Parameters
    ----------
    cell
        Its number among the code cells, from 1.
    line
        The line within it, where it is known.
    name
        The exception's class.
    value
        What it says.
    """

    def __init__(self, cell: int, line: "int | None", name: str, value: str) -> None:
        super().__init__(cell, line, name, value)
        self.cell = cell
        self.line = line
        self.name = name
        self.value = value


class Notebook:
    """A notebook file, and where it goes with its outputs.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    ValueError
        It is no notebook of format 4.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        with open(path, encoding="utf-8") as file:
            self.content: "dict[str, Any]" = json.load(file)
        if self.content.get("nbformat") != 4 or not isinstance(self.content.get("cells"), list):  # noqa: PLR2004
            raise ValueError("it is no notebook of format 4; open it in Jupyter and save it")
        for cell in self._code():
            cell["outputs"], cell["execution_count"] = [], None
        rank = os.environ.get("AML_RANK", "0")
        stem, end = os.path.splitext(os.path.basename(path))
        self.kept_at = os.path.join("outputs", stem + ("" if rank == "0" else "_rank" + rank) + end)

    def _code(self) -> "list[dict[str, Any]]":
        return [cell for cell in self.content["cells"] if cell.get("cell_type") == "code"]

    def cells(self) -> "Iterator[tuple[int, dict[str, Any], str]]":
        """Give each code cell that says something: its number, itself, its text; it is kept when it has run."""
        for number, cell in enumerate(self._code(), 1):
            text = "".join(cell["source"])
            if text.strip():
                cell["execution_count"] = number
                try:
                    yield number, cell, text
                finally:
                    self.keep()

    def keep(self) -> None:
        """Write the notebook, with the outputs so far, whole or not at all."""
        os.makedirs("outputs", exist_ok=True)
        part = self.kept_at + ".part"
        with open(part, "w", encoding="utf-8") as file:
            json.dump(self.content, file, indent=1, ensure_ascii=False)
            file.write("\n")
        os.replace(part, self.kept_at)

    def name_of(self, number: int) -> str:
        """Name a cell as a traceback names a file."""
        return "{}, cell {}".format(os.path.basename(self.path), number)


class Tee:
    """A standard stream whose text is also an output of the cell that runs.

    Parameters
    ----------
    name
        ``stdout`` or ``stderr``.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._stream: "Any" = getattr(sys, name)
        self.outputs: "list[dict[str, Any]]" = []
        setattr(sys, name, self)

    def write(self, text: str) -> int:
        """Print text, and keep it."""
        last = self.outputs[-1] if self.outputs else None
        if last is not None and last.get("name") == self._name:
            last["text"] += text
        else:
            self.outputs.append({"output_type": "stream", "name": self._name, "text": text})
        self._stream.write(text)
        return len(text)

    def __getattr__(self, name: str) -> "Any":
        return getattr(self._stream, name)


def error_output(name: str, value: str, lines: "list[str]") -> "dict[str, Any]":
    """Make the output of a cell that failed."""
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": lines}
