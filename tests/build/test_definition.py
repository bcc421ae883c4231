from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_ext.build import check, definition, keys
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

HERE = Path("/")


def read(asked: dict[str, Any], *, container: bool = False) -> definition.Asked:
    return definition.read(asked, container=container, folder=HERE)


def key(asked: dict[str, Any], *, container: bool = False) -> str:
    return keys.key_of(read(asked, container=container))


def test_conda_packages_are_told_from_python_and_pip(define: Any) -> None:
    asked = read(define(["six"], python="3.6.2", conda=["scipy=1.2", "pip=21.3", "conda-forge::cudatoolkit"]))
    assert asked.conda == ("scipy=1.2", "pip=21.3", "conda-forge::cudatoolkit")
    assert (asked.python, asked.pip.lines) == ("3.6.2", ("six",))
    assert asked.channels.addresses[-1] == "https://conda.anaconda.org/conda-forge"


def test_conda_packages_take_the_default_python_of_v1(define: Any) -> None:
    asked = read(define(python="3.8.13", conda=["scipy"], document="project_environment"))
    assert (asked.python, asked.default_python) == ("3.8.13", False)


def test_pip_itself_is_a_fine_conda_package(define: Any) -> None:
    assert read(define(conda=["pip=21.3", "conda-forge::python>=3.8"])).pip.lines == ("pip==21.3",)
    assert read(define(conda=["pip"])).pip.lines == ("pip",)


@pytest.mark.parametrize(
    ("written", "asked"),
    [("python=3.9", "3.9"), ("python==3.9.1", "3.9.1"), ("python>=3.8", ">=3.8"), ("python", None)],
)
def test_the_python_asked_for(define: Any, written: str, asked: str | None) -> None:
    assert read(define(conda=[written])).python == asked


def test_the_default_python_of_v1_was_not_asked_for(define: Any) -> None:
    assert read(define(python="3.8.13", document="project_environment")).python is None
    assert read(define(python="3.8.13")).python == "3.8.13"


def test_what_the_user_manages_is_not_read(define: Any) -> None:
    asked = read(define(conda=["scipy"], user_managed=True))
    assert not asked.pip.lines


def test_left_out_conda_packages_are_told(define: Any) -> None:
    asked = read(define(["six"], conda=["azureml-core=1.61", "scipy"]), container=True)
    assert asked.conda == ("scipy",)
    assert asked.notes == ["Left out, since every run provides them: azureml-core=1.61"]


def test_left_out_packages_are_told(define: Any) -> None:
    assert check(define(["azureml-defaults", "six"]), container=False) == [
        "Left out, since every run provides them: azureml-defaults"
    ]


def test_the_registry_comes_before_the_image(define: Any) -> None:
    registry = {"address": "https://reg.example.com/", "username": "u", "passwordEnv": "PW"}
    assert read(define(image="img:1", registry=registry), container=True).image == "reg.example.com/img:1"
    named = "reg.example.com/img:1"
    assert read(define(image=named, registry=registry), container=True).image == named


def test_an_image_must_be_named(define: Any) -> None:
    with pytest.raises(UserErrorException, match="names no image"):
        check(define(image=None), container=True)
    check(define(image=None), container=False)


def test_an_image_takes_no_passwords(define: Any) -> None:
    with pytest.raises(UserErrorException, match="keep the password") as caught:
        check(define(["--extra-index-url https://me:hush@host/simple", "six"]), container=True)
    assert "hush" not in caught.value.message


def test_a_build_context_is_refused(define: Any) -> None:
    asked = define()
    asked["docker"]["buildContext"] = {"location": "x"}
    with pytest.raises(UserErrorException, match="build context"):
        check(asked, container=True)


def test_a_password_is_never_shown(define: Any) -> None:
    registry = {"address": "h.io", "username": "u", "password": "hush"}
    asked = read(define(image="img:1", registry=registry), container=True)
    assert asked.registry is not None
    assert asked.registry.password == "hush"
    assert "hush" not in repr(asked)


def test_names_and_variables_do_not_change_the_key(define: Any) -> None:
    other = define(["six", "# comment", "", "azureml-core"], name="other")
    other["environmentVariables"] = {"A": "1"}
    assert key(define(["six"])) == key(other)
    assert key(other) != key(define(["six==1"]))


def test_credentials_do_not_change_the_key(define: Any) -> None:
    with_user = define(image="h.io/a", registry={"address": "h.io", "username": "u", "password": "p"})
    assert key(with_user, container=True) == key(define(image="h.io/a"), container=True)


def test_a_changed_file_changes_the_key(define: Any, tmp_path: Path) -> None:
    (tmp_path / "c.txt").write_text("six<2")
    asked = define(["six", f"-c {tmp_path}/c.txt"])
    before = key(asked)
    assert key(asked) == before
    (tmp_path / "c.txt").write_text("six<1.5")
    assert key(asked) != before
