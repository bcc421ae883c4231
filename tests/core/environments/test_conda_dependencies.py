from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from jupyter_ext.core.environments.conda_dependencies import CondaDependencies
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException


def test_the_default_document() -> None:
    assert CondaDependencies().as_dict() == {
        "name": "project_environment",
        "dependencies": ["python=3.8.13", {"pip": ["azureml-defaults"]}],
        "channels": ["anaconda", "conda-forge"],
    }


def test_create_differs_from_the_default() -> None:
    assert CondaDependencies.create().as_dict()["dependencies"] == ["python=3.10.18", {"pip": ["azureml-defaults"]}]
    assert list(CondaDependencies.create(pip_packages=["torch"]).pip_packages) == ["torch"]
    assert list(CondaDependencies.create(pip_packages=[]).pip_packages) == []
    made = CondaDependencies.create(conda_packages=["scipy", "numpy=1.2"], python_version="3.9")
    assert list(made.conda_packages) == ["scipy", "numpy=1.2"]
    assert made.python_version == "3.9"


@pytest.mark.parametrize(
    ("before", "added", "after"),
    [
        ([], "numpy", ["numpy"]),
        (["numpy"], "numpy==1.2", ["numpy==1.2"]),
        (["numpy>=1"], "NumPy~=2.0", ["NumPy~=2.0"]),
        (["scikit_learn"], "scikit-learn==1.0", ["scikit-learn==1.0"]),
        (["torch[extra]==1", "numpy"], "torch", ["numpy", "torch"]),
        (["numpy"], "numpy-financial", ["numpy", "numpy-financial"]),
        (["a @ https://x/a.whl"], "a==1", ["a==1"]),
    ],
)
def test_adding_a_pip_package(before: list[str], added: str, after: list[str]) -> None:
    dependencies = CondaDependencies.create(pip_packages=before)
    dependencies.add_pip_package(added)
    assert list(dependencies.pip_packages) == after


def test_removing_packages() -> None:
    dependencies = CondaDependencies.create(pip_packages=["numpy==1", "torch"], conda_packages=["scipy=1"])
    dependencies.remove_pip_package("NumPy")
    dependencies.remove_conda_package("scipy")
    dependencies.remove_channel("anaconda")
    assert list(dependencies.pip_packages) == ["torch"]
    assert list(dependencies.conda_packages) == []
    assert list(dependencies.conda_channels) == ["conda-forge"]
    with pytest.raises(UserErrorException, match="Python cannot be removed"):
        dependencies.remove_conda_package("python")


def test_python_is_replaced() -> None:
    dependencies = CondaDependencies()
    dependencies.add_conda_package("python=3.9")
    assert dependencies.as_dict()["dependencies"][0] == "python=3.9"
    dependencies.set_python_version("3.11")
    assert dependencies.get_python_version() == "3.11"
    assert len(dependencies.as_dict()["dependencies"]) == 2


def test_options_of_pip_stand_apart() -> None:
    dependencies = CondaDependencies.create(pip_packages=["torch"])
    with pytest.raises(UserErrorException, match="set_pip_option"):
        dependencies.add_pip_package("--pre")
    dependencies.set_pip_option("--pre")
    dependencies.set_pip_index_url("https://one.example.com")
    dependencies.set_pip_index_url("https://two.example.com")
    assert sorted(dependencies.pip_options) == ["--index-url https://two.example.com", "--pre"]
    assert list(dependencies.pip_packages) == ["torch"]
    dependencies.add_pip_package("numpy")
    assert len(list(dependencies.pip_options)) == 2
    dependencies.remove_pip_option("--pre")
    assert list(dependencies.pip_options) == ["--index-url https://two.example.com"]


def test_options_beside_empty_lines() -> None:
    dependencies = CondaDependencies()
    dependencies.set_pip_requirements(["torch", "", "# note"])
    dependencies.set_pip_option("--pre")
    assert list(dependencies.pip_options) == ["--pre"]
    dependencies.add_pip_package("numpy")
    assert "numpy" in list(dependencies.pip_packages)


def test_a_channel_is_added_once() -> None:
    dependencies = CondaDependencies()
    dependencies.add_channel("pytorch")
    dependencies.add_channel("pytorch")
    assert list(dependencies.conda_channels) == ["anaconda", "conda-forge", "pytorch"]


def test_written_and_read(tmp_path: Path) -> None:
    dependencies = CondaDependencies.create(pip_packages=["torch"], conda_packages=["scipy"])
    path = dependencies.save(str(tmp_path))
    assert path == str(tmp_path / "conda_dependencies.yml")
    assert CondaDependencies(path).as_dict() == dependencies.as_dict()
    assert yaml.safe_load(dependencies.serialize_to_string()) == dependencies.as_dict()
    assert dependencies.save_to_file(str(tmp_path), "other.yml") == "other.yml"
    assert (tmp_path / "other.yml").is_file()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("just text", "not a conda specification"),
        ("dependencies: [\n", "not YAML"),
        ("dependencies: []\npip: []\n", "keys that a conda specification cannot have: pip"),
        ("", "not a conda specification"),
    ],
)
def test_what_is_no_specification(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "c.yml").write_text(text)
    with pytest.raises(UserErrorException, match=message):
        CondaDependencies(str(tmp_path / "c.yml"))


def test_a_copy_is_given_away() -> None:
    dependencies = CondaDependencies()
    dependencies.as_dict()["dependencies"].clear()
    assert dependencies.python_version == "3.8.13"
