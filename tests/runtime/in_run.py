"""A run directory in which a test's scripts run as they do in a run."""

import json
import os
import pathlib
import subprocess
import sys

INSIDE = pathlib.Path(__file__).parents[2] / "jupyter_ext" / "runtime" / "inside"


class Inside:
    """One run directory, and processes whose standard output is its log."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        self.log = path / "user_logs" / "std_log.txt"
        (path / "work" / "outputs").mkdir(parents=True)
        (path / "work" / "logs").mkdir()
        (path / "user_logs").mkdir()
        for name in ("outputs", "logs"):
            (path / name).symlink_to(pathlib.Path("work") / name)
        self.asked = {
            "run_id": "bird_1_abc",
            "experiment": "birds",
            "workspace": "lab",
            "subscription_id": "s",
            "resource_group": "g",
            "type": "azureml.scriptrun",
            "parent": None,
            "number": 7,
            "display_name": "red_bird",
            "tags": {"a": "1"},
            "properties": {"p": "1"},
            "target": "local",
            "environment": {"name": "env"},
            "run_definition": {"script": "train.py"},
        }
        self.ask()

    def ask(self, **changes: object) -> None:
        (self.path / "run.json").write_text(json.dumps({**self.asked, **changes}))

    def environment(self, **variables: str) -> dict[str, str]:
        return {
            **os.environ,
            "AML_RUN_DIR": str(self.path),
            "AML_DEBUG": "1",
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(INSIDE),
            **variables,
        }

    def start(self, script: str, *, python: str = sys.executable, **variables: str) -> "subprocess.Popen[bytes]":
        """Start a script in the run's working folder, as the launcher would."""
        (self.path / "work" / "script.py").write_text(script)
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [python, "script.py"],
                cwd=self.path / "work",
                env=self.environment(**variables),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def run(self, script: str, *, python: str = sys.executable, code: int = 0, **variables: str) -> str:
        """Run a script to its end and give what it has printed."""
        process = self.start(script, python=python, **variables)
        try:
            assert process.wait(120) == code, self.log.read_text()[-4000:]
        finally:
            process.kill()
        return self.log.read_text()

    def lines(self, name: str) -> list[dict[str, object]]:
        path = self.path / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def old_python() -> str | None:
    """A Python 3.6, where one is installed."""
    found = sorted(pathlib.Path.home().glob(".pyenv/versions/3.6.*/bin/python"))
    return str(found[0]) if found else None
