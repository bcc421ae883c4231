"""Gather the sentences that a page can be told into labextension/src/lab/sentences.ts, where translators find them.

They are those of the server extension, of the runner, and of what both stand on. A text is taken for a sentence by how
it looks: it has words, begins with a capital or with what it names, and ends with a full stop, or with a colon and what
it names.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "labextension" / "src" / "lab" / "sentences.ts"
FLOORS = ("store", "build", "engines", "runner", "core", "server")
_SENTENCE = re.compile(r"(?=.* [a-z]{2})(?:[A-Z]|%1).*(?:[.?](?: ?%\d)*|:(?: ?%\d)+)")
_CODE = re.compile(r"(?:SELECT|INSERT|UPDATE|DELETE) |.*\(\?")
_HEAD = """\
/** What the server and the runner can tell, each sentence as a translator finds it. Written by scripts/sentences.py. */
import type { Translation } from "../view/translation.ts";

export const serverSentences = (trans: Translation): string[] => [
"""


def gathered() -> list[str]:
    """Return the sentences, %1 and the others standing for what they name."""
    files = (file for floor in FLOORS for file in (ROOT / "jupyter_ext" / floor).rglob("*.py"))
    texts = (text.strip() for file in files for text in _texts(ast.parse(file.read_text(encoding="utf-8"))))
    return sorted({text for text in texts if _SENTENCE.fullmatch(text) and not _CODE.match(text)})


def render() -> str:
    """Return what the file has to hold."""
    return "".join([_HEAD, *(f"  {_call(text)},\n" for text in gathered()), "];\n"])


def _call(text: str) -> str:
    named = sorted(set(re.findall(r"%\d", text)))
    return f"trans.__({', '.join(json.dumps(one, ensure_ascii=False) for one in (text, *named))})"


def _texts(tree: ast.Module) -> Iterator[str]:
    """Yield every text of a module, but docstrings and the parts of other texts."""
    parts: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            parts.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            parts.update(node.values)
        if node in parts:
            continue
        if isinstance(node, ast.JoinedStr):
            yield _template(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _template(node: ast.JoinedStr) -> str:
    numbers = iter(range(1, len(node.values) + 1))
    return "".join(str(part.value) if isinstance(part, ast.Constant) else f"%{next(numbers)}" for part in node.values)


if __name__ == "__main__":
    FILE.write_text(render(), encoding="utf-8")
