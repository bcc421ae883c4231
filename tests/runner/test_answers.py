"""What a script asks of its workspace is answered, in a container too, and gives it nothing else."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from parts.submitting import Folder, said, statuses, until

from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.models.model import Model
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.runner.answers import Answers
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException, UserErrorException
from jupyter_ext.store.models import ModelStore

ASKING = """
import os
from azureml.core import Model, Run
run = Run.get_context()
print(run.get_secret("key") == "s3cret" + "-value")
open("outputs/m.txt", "w").write("weights")
print(run.register_model("net", "outputs/m.txt").id, open(Model.get_model_path("net")).read())
"""


WAITING = "import os, time\nprint('on', flush=True)\nwhile not os.path.exists('outputs/go'): time.sleep(0.02)\n"


@pytest.mark.docker
def test_in_a_container(tmp_path: Path, workspace: Workspace, base_image: str) -> None:
    workspace.get_default_keyvault().set_secret("key", "s3cret-value")
    folder = Folder(tmp_path / "src", workspace)
    run = folder.submit(ASKING, environment=Environment.from_docker_image("boxed", base_image))
    assert run.wait_for_completion()["status"] == "Completed"
    assert said(run) == "True\nnet:1 weights\n"
    assert Model(workspace, "net").run_id == run.id
    assert [file for file in run.paths.root.rglob("*") if file.is_file() and b"s3cret-value" in file.read_bytes()] == []


def test_what_is_no_question_does_no_harm(folder: Folder, tmp_path: Path) -> None:
    run = folder.running(WAITING)
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "kept.json").write_text("{}")
    run.paths.asks.mkdir()
    (run.paths.asks / "link.json").symlink_to(mine / "kept.json")
    (run.paths.asks / "lonely.json").write_text('{"what": "secret", "name": "x"}')
    (run.paths.asks / "broken.json").write_text("{")
    os.mkfifo(run.paths.asks / "broken.answer")
    pipe = os.open(run.paths.asks / "broken.answer", os.O_RDWR | os.O_NONBLOCK)
    until(lambda: not (run.paths.asks / "lonely.json").exists() and not (run.paths.asks / "broken.json").exists())

    def answered() -> bytes:
        try:
            return os.read(pipe, 4096)
        except BlockingIOError:
            return b""

    assert "could not answer" in json.loads(until(answered))["error"]
    os.close(pipe)
    assert (mine / "kept.json").exists()
    (run.paths.outputs / "go").touch()
    assert run.wait_for_completion()["status"] == "Completed"


def test_a_folder_of_questions_that_is_a_link_is_none(folder: Folder, tmp_path: Path) -> None:
    run = folder.running(WAITING)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "kept.json").write_text('{"what": "models"}')
    run.paths.asks.symlink_to(tmp_path / "mine")
    (run.paths.outputs / "go").touch()
    assert run.wait_for_completion()["status"] == "Completed"
    assert (tmp_path / "mine" / "kept.json").exists()


def test_a_models_path_stays_inside(folder: Folder) -> None:
    run = folder.submit(
        "import os\nfrom azureml.core import Model, Run\nrun = Run.get_context()\n"
        "os.symlink('/etc', 'etc')\n"
        "for path in ('etc/hostname', '../run.json', '/etc/hostname'):\n"
        "    try: Model.register(None, path, 'stolen')\n"
        "    except Exception as error: print(type(error).__name__, 'put it there first' in error.message)\n"
    )
    run.wait_for_completion()
    refused = [line for line in said(run).splitlines() if not line.startswith("Registering")]
    assert refused == ["AzureMLException True"] * 3
    assert run.experiment.workspace.models == {}


def test_links_of_a_model_lead_nowhere_else(folder: Folder, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("mine")
    run = folder.submit(
        "import os, sys\nfrom azureml.core import Model, Run\n"
        "os.makedirs('net'); open('net/w', 'w').write('w'); os.symlink(sys.argv[1], 'net/link')\n"
        "print(Model.register(None, 'net', 'net').id, os.listdir(Model.get_model_path('net')))\n"
        "os.makedirs('azureml-models/net/2'); os.symlink(sys.argv[1] + '.new', 'azureml-models/net/2/w')\n"
        "Model.register(None, 'net/w', 'net')\n"
        "try: Model.get_model_path('net', 2)\nexcept Exception as error: print(error.message)\n",
        arguments=[str(secret)],
    )
    run.wait_for_completion()
    assert [line for line in said(run).splitlines() if not line.startswith("Registering")] == [
        "net:1 ['w']",
        "azureml-models/net/2 leads out of the run through a link: remove it.",
    ]
    assert not secret.with_suffix(".txt.new").exists()


def test_a_folder_of_links_is_no_model(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "secret.txt").write_text("mine")
    run = folder.submit(
        "import os, sys\nfrom azureml.core import Model, Run\n"
        "def attempt(path):\n"
        "    try: Model.register(None, path, 'stolen')\n"
        "    except Exception as error: print(error.message)\n"
        "os.mkdir('net'); os.symlink(sys.argv[1], 'net/folder'); os.symlink(sys.argv[1] + '/secret.txt', 'net/file')\n"
        "attempt('net')\n",
        arguments=[str(tmp_path / "mine")],
    )
    run.wait_for_completion(raise_on_error=False)
    assert [line for line in said(run).splitlines() if not line.startswith("Registering")] == [
        "net has no file of the run's working directory: put one there first."
    ]
    run.paths.work.rename(run.paths.root / "old")
    run.paths.work.symlink_to(tmp_path / "mine")
    with pytest.raises(AzureMLException, match="put it there first"):
        Answers(run.paths, run._spec)._register_path({"path": "secret.txt", "name": "stolen", "about": {}})
    assert run.experiment.workspace.models == {}


def test_a_link_that_comes_after_the_look_leads_nowhere_else(folder: Folder, tmp_path: Path) -> None:
    """What was looked at may be something else when it is opened: the script goes on meanwhile."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "secret.txt").write_text("mine")
    run = folder.submit("")
    run.wait_for_completion()
    workspace = run.experiment.workspace
    (run.paths.work / "w").symlink_to(tmp_path / "mine" / "secret.txt")
    store = ModelStore(workspace._paths)
    with pytest.raises(UserErrorException, match="leads out of the run"):
        store.register("net", {"w": run.paths.work / "w"}, {}, run.paths.work.resolve())
    assert workspace.models == {}
    Model.register(workspace, tmp_path / "mine" / "secret.txt", "net")
    (run.paths.work / "azureml-models").symlink_to(tmp_path / "mine")
    source, beside = tmp_path / "mine" / "secret.txt", store.folder("net", 1).parent
    with pytest.raises(AzureMLException, match="leads out of the run through a link"):
        Answers(run.paths, run._spec)._copy_whole(source, run.paths.work / "azureml-models" / "w", beside)
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["secret.txt"]


def test_who_finds_a_model_finds_all_of_it(folder: Folder, tmp_path: Path) -> None:
    size = 64 * 1024 * 1024
    with (tmp_path / "weights").open("wb") as file:
        file.truncate(size)
    Model.register(folder.experiment.workspace, tmp_path / "weights", "net")
    run = folder.submit("")
    run.wait_for_completion()
    answers = Answers(run.paths, run._spec)

    def ask(_: int) -> int:
        return (run.paths.work / answers._model_files({"name": "net"})).stat().st_size

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(4))) == [size] * 4
    assert [file.name for file in (run.paths.work / "azureml-models" / "net" / "1").iterdir()] == ["weights"]


@pytest.mark.parametrize("what", ["link", "fifo", "folder"])
def test_a_script_that_puts_something_else_in_the_place_of_its_record(
    what: str, folder: Folder, tmp_path: Path
) -> None:
    """The runner, which may write where a container cannot, neither follows it nor waits at it."""
    mine = tmp_path / "mine.txt"
    mine.write_text("mine\n")
    text = (
        "import os, sys, time\nprint('on', flush=True)\ntime.sleep(1.5)\n"  # the runner has begun to write by then
        "link = lambda path: os.symlink(sys.argv[1], path)\n"
        "put = {'link': link, 'fifo': os.mkfifo, 'folder': os.mkdir}[sys.argv[2]]\n"
        "for name in ('events', 'nodes', 'log_times'):\n"
        "    os.rename(f'../{name}.jsonl', f'../{name}.old')\n    put(f'../{name}.jsonl')\n"
        "time.sleep(1.5)\n"
    )
    run = folder.submit(text, arguments=[str(mine), what])
    assert run.wait_for_completion(raise_on_error=False)["status"] == "Completed"
    assert mine.read_text() == "mine\n"
    assert statuses(run) == ["Finalizing", "Completed"]
