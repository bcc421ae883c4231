from __future__ import annotations

import pytest

from jupyter_ext.engines.docker_arguments import container_options, without_secrets
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ([], {}),
        (["--ipc=host"], {"ipc_mode": "host"}),
        (["--ipc", "host"], {"ipc_mode": "host"}),
        (["--ipc host"], {"ipc_mode": "host"}),
        (["--shm-size=8g", "-m", "4g"], {"shm_size": "8g", "mem_limit": "4g"}),
        (["--cpus", "1.5"], {"nano_cpus": 1_500_000_000}),
        (["-e", "A=b=c", "--env=D="], {"environment": {"A": "b=c", "D": ""}}),
        (
            ["-v", "/host:/in", "-v", "/h2:/in2:ro"],
            {"volumes": ["/host:/in", "/h2:/in2:ro"]},
        ),
        (["--add-host", "db:10.0.0.1"], {"extra_hosts": {"db": "10.0.0.1"}}),
        (["--ulimit", "nofile=1024:2048"], {"ulimits": [{"Name": "nofile", "Soft": 1024, "Hard": 2048}]}),
        (["--ulimit", "memlock=-1"], {"ulimits": [{"Name": "memlock", "Soft": -1, "Hard": -1}]}),
        (["--label", "a=b", "--privileged"], {"labels": {"a": "b"}, "privileged": True}),
        (["--network=none", "--user", "1000:1000"], {"network_mode": "none", "user": "1000:1000"}),
        (["--tmpfs", "/scratch:size=64m"], {"tmpfs": {"/scratch": "size=64m"}}),
    ],
)
def test_what_is_understood(arguments: list[str], options: dict[str, object]) -> None:
    assert container_options(arguments) == options


def test_gpus() -> None:
    assert container_options(["--gpus", "all"])["device_requests"][0]["Count"] == -1
    assert container_options(["--gpus=2"])["device_requests"][0]["Count"] == 2
    assert container_options(["--gpus", '"device=0,1"'])["device_requests"][0]["DeviceIDs"] == ["0", "1"]


def test_a_variable_without_a_value_is_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINE", "here")
    monkeypatch.delenv("NOT_THERE", raising=False)
    assert container_options(["-e", "MINE", "-e", "NOT_THERE"]) == {"environment": {"MINE": "here"}}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--frobnicate"],
        ["--ipc"],
        ["--cpus", "many"],
        ["stray"],
        ["-v", "/data"],
        ["--ulimit", "nofile"],
        ["--gpus", "some"],
    ],
)
def test_what_is_refused(arguments: list[str]) -> None:
    with pytest.raises(UserErrorException, match=r"docker argument"):
        container_options(arguments)


def test_values_keep_their_spaces() -> None:
    given = ["-e", "MSG=hello world", "-v", "/my files:/d", "-v", "/my files:/e"]
    options = {"environment": {"MSG": "hello world"}, "volumes": ["/my files:/d", "/my files:/e"]}
    assert container_options(given) == options


def test_secret_variables_are_taken_out() -> None:
    given = ["-e", "A_KEY=1", "--env=B_KEY=2", "-e C_KEY=3", "--env", "D=4", "--ipc host"]
    kept, secret = without_secrets(given, lambda name: "KEY" in name)
    assert kept == ["--env", "D=4", "--ipc", "host"]
    assert secret == {"A_KEY": "1", "B_KEY": "2", "C_KEY": "3"}
