"""``python -m tests.bench [NAME ...]``: measure, and print each figure beside its peer from the same run."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.bench import table

BENCHMARKS = (
    "install",
    "startup",
    "api",
    "submit",
    "container",
    "queue",
    "nodes",
    "ray",
    "image",
    "environments",
    "conda",
    "snapshots",
    "metrics",
    "mlflow_store",
    "logs",
    "browser",
    "monitors",
    "panel",
    "server",
)


def main() -> None:
    names = sys.argv[1:] or BENCHMARKS
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        sys.exit(f"There is no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(BENCHMARKS)}.")
    rows, failed = [], []
    with tempfile.TemporaryDirectory(prefix="aml-bench-") as folder:
        os.environ["AML_HOME"] = str(Path(folder) / "home")
        for name in names:
            print(f"{name} ...", file=sys.stderr, flush=True)
            place = Path(folder) / name
            place.mkdir()
            try:
                rows += importlib.import_module(f"tests.bench.{name}").measure(place)
            except Exception:  # noqa: BLE001 - the others' figures are not to be lost
                traceback.print_exc()
                failed.append(name)
    table.show(rows)
    if failed:
        sys.exit(f"Not measured, as told above: {', '.join(failed)}.")


if __name__ == "__main__":
    main()
