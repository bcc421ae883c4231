"""Install into .venv with uv, which is fast, from wherever pip is set up to look."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = str(ROOT / ".venv" / "bin" / "python")

# By path: the package's own dependencies are what is about to be installed.
pip_settings = runpy.run_path(str(ROOT / "jupyter_ext" / "build" / "pip_settings.py"))

if subprocess.run([PYTHON, "-c", "import uv"], capture_output=True, check=False).returncode:
    subprocess.run([PYTHON, "-m", "pip", "install", "-qq", "uv"], check=True)
environment = pip_settings["uv_environment"]({"UV_LINK_MODE": "copy", **os.environ})
command = [PYTHON, "-m", "uv", "pip", "install", "--python", PYTHON, *sys.argv[1:]]
sys.exit(subprocess.run(command, env=environment, check=False).returncode)
