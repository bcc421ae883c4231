"""What the server and the runner say is where translators find it."""

from __future__ import annotations

import runpy
from pathlib import Path

_SCRIPT = Path(__file__).parent.parent / "scripts" / "sentences.py"


def test_every_sentence_is_gathered() -> None:
    script = runpy.run_path(str(_SCRIPT))
    sentences = script["gathered"]()
    assert "The process that logged to it ended without completing it." in sentences
    assert "%1 ended with exit code %2 and said nothing." in sentences
    assert script["FILE"].read_text(encoding="utf-8") == script["render"](), "run: python scripts/sentences.py"
