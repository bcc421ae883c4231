"""A million lines stream into the monitor in a real JupyterLab: the browser's frames meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from e2e.lab import WAIT_MS, Lab, browser_page, output, run_all

from tests.bench.table import Row, at_most

if TYPE_CHECKING:
    from pathlib import Path

_FLOOD = """
import time
line = "x" * 92
for i in range(1_000_000):
    print(f"{i:06d} {line}")
    if i % 50_000 == 0:
        time.sleep(0.25)  # twenty bursts, as a training script prints: the monitor sees every one
print("the end")
"""
_POINTS = """
import json
from azureml.core import Run
run = Run.get_context()
with open("../metrics.jsonl", "a") as file:
    for i in range(1_000_000):
        file.write(json.dumps({"n": "loss", "v": 1 / (i + 1), "t": 1763600000 + i * 0.01}) + "\\n")
print("the end")
"""
FRAMES = """() => {
    const frames = window.frames_seen = [];
    let last = performance.now();
    const step = now => { frames.push(now - last); last = now; window.frames_on = requestAnimationFrame(step); };
    window.frames_on = requestAnimationFrame(step);
}"""
WORST = "() => { cancelAnimationFrame(window.frames_on); return Math.max(...window.frames_seen.slice(2)); }"


def measure(place: Path) -> list[Row]:
    lab = Lab(place)
    (lab.folder / "flood.py").write_text(_FLOOD)
    (lab.folder / "points.py").write_text(_POINTS)
    lab.write("flood.ipynb", "%load_ext jupyter_ext", "%aml_submit flood.py")
    lab.write("points.ipynb", "%load_ext jupyter_ext", "%aml_submit points.py")
    lab.start()
    try:
        with browser_page() as page:
            lab.open(page, "flood.ipynb")
            run_all(page)
            output(page, 1).get_by_text("xxxxxxxxxxxxxxxx").first.wait_for(timeout=WAIT_MS)
            page.evaluate(FRAMES)
            output(page, 1).get_by_text("the end").wait_for(timeout=3 * WAIT_MS)
            worst = page.evaluate(WORST)
            lab.open(page, "points.ipynb")
            run_all(page)
            monitor = output(page, 1)
            monitor.get_by_text("Completed").first.wait_for(timeout=3 * WAIT_MS)
            began = page.evaluate("() => performance.now()")
            monitor.get_by_role("tab", name="Metrics").click()
            monitor.locator("canvas").first.wait_for(timeout=WAIT_MS)
            drawn = page.evaluate("() => performance.now()") - began
    finally:
        lab.stop()
    return [
        at_most("1,000,000 lines stream into the monitor: worst frame", worst, "ms", 100),
        at_most("1,000,000 points: the chart is drawn", drawn, "ms", 1000),
    ]
