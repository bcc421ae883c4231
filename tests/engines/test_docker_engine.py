from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from jupyter_ext.engines import docker_engine, engine_address
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EngineNotAnswering

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.usefixtures("no_engine")
def test_no_engine_is_told_with_the_remedy() -> None:
    assert not docker_engine.engine_answers()
    assert docker_engine.image_id("python:3.11") is None
    with pytest.raises(EngineNotAnswering, match=r"no-engine.sock.* DOCKER_HOST"):
        docker_engine.client()


@pytest.mark.docker
@pytest.mark.usefixtures("engine")
def test_the_engine_answers_without_its_client_library() -> None:
    program = (
        "import sys; from jupyter_ext.engines import docker_engine as it; print(it.engine_answers(), *sys.modules)"
    )
    answer, *modules = subprocess.check_output([sys.executable, "-c", program], text=True).split()
    assert answer == "True"
    assert "docker" not in modules


@pytest.mark.docker
def test_images_are_found(base_image: str) -> None:
    identity = docker_engine.image_id(base_image)
    assert identity is not None
    assert docker_engine.image_exists(identity)
    assert not docker_engine.image_exists("aml-test/none:1")
    engine = docker_engine.client()
    assert engine.images.get(base_image).id == identity
    engine.close()


@pytest.mark.docker
def test_the_docker_context_is_honoured(engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "contexts" / "meta" / hashlib.sha256(b"mine").hexdigest()
    folder.mkdir(parents=True)
    meta = {"Name": "mine", "Metadata": {}, "Endpoints": {"docker": {"Host": engine, "SkipTLSVerify": False}}}
    (folder / "meta.json").write_text(json.dumps(meta))
    (tmp_path / "config.json").write_text(json.dumps({"currentContext": "mine"}))
    monkeypatch.delenv("DOCKER_HOST")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    assert engine_address.address() == engine
    assert docker_engine.engine_answers()


def test_asking_loads_no_client_library() -> None:
    code = (
        "import sys; from jupyter_ext.engines import docker_engine; docker_engine.engine_answers();"
        "sys.exit('docker' in sys.modules or 'http.client' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
