"""How a build is told."""

from __future__ import annotations

from jupyter_ext.build import Built, Progress
from jupyter_ext.magics.build_text import Telling


def test_downloads_move_the_bar_within_their_step() -> None:
    telling = Telling("birds:2", "image")
    telling.take(Progress(step=2, steps=4, text="RUN pip install"))
    assert 'aria-valuenow="25"' in telling.html()
    telling.take(Progress(step=2, steps=4, line="Downloaded 1 MB of 2 MB", done=1, total=2))
    assert 'aria-valuenow="38"' in telling.html()
    assert "Downloaded 1 MB of 2 MB" in telling.html()
    assert "Downloaded" not in telling.log
    telling.take(Progress(step=3, steps=4, text="RUN true"))
    assert 'aria-valuenow="50"' in telling.html()


def test_there_is_a_button_where_a_server_can_interrupt_and_a_hint_elsewhere() -> None:
    telling = Telling("birds:2", "image")
    telling.take(Progress(step=1, steps=2, text="FROM a", line=None))
    assert "interrupt the kernel to stop" in telling.html()
    assert "<button" not in telling.html()
    telling.stop = "fetch('it')"
    assert ">Cancel</button>" in telling.html()
    assert "fetch(&#x27;it&#x27;)" in telling.html()
    telling.stopped(3.0)
    assert "<button" not in telling.html()


def test_what_a_build_prints_is_text() -> None:
    telling = Telling("birds:2", "image")
    telling.take(Progress(step=1, steps=1, text="RUN <b>"))
    telling.take(Progress(step=1, steps=1, line='<script>alert(1)</script>"\x1b]0;title\x07'))
    shown = telling.html()
    assert "<script>" not in shown
    assert "RUN &lt;b&gt;" in shown
    assert "%3Cscript%3E" in shown
    assert "\x1b" not in telling.log


def test_the_log_is_handed_out_where_it_has_failed_and_not_kept_where_it_has_not() -> None:
    telling = Telling("birds:2", "image")
    telling.take(Progress(step=1, steps=1, text="RUN a"))
    telling.take(Progress(step=1, steps=1, line="x" * 100_000))
    assert len(telling.log) <= 64 * 1024
    telling.failed(1.0)
    assert "failed at step 1 of 1 · RUN a · 1" in telling.html()
    assert 'download="birds-2-build.log"' in telling.html()
    telling.done(Built("venv", "k", "/p", "3.11.2", lock=["a==1"]))
    assert "download" not in telling.html()
