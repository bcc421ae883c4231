from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_ext.build import requirements
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

HERE = Path("/")


@pytest.mark.parametrize(
    "line",
    [
        "azureml-defaults",
        "azureml-train[x,y]",
        "AzureML_Core==1.2  # x",
        "azureml.sdk>=1",
    ],
)
def test_what_a_run_provides_is_left_out(line: str) -> None:
    read = requirements.read([line, "six"], HERE)
    assert read.lines == ("six",)
    assert read.left_out == (line.strip(),)


def test_what_came_with_v1s_packages_comes() -> None:
    assert requirements.read(["azureml-mlflow", "azureml-dataprep[pandas,fuse]", "six"], HERE).lines == (
        "six",
        "mlflow",
        "pandas",
    )
    assert requirements.read(["azureml-mlflow>=1", "MLflow==2.9"], HERE).lines == ("MLflow==2.9",)


@pytest.mark.parametrize("line", ["azure-ai-ml", "my-azureml-tool", "# azureml-defaults", "azureml"])
def test_others_stay(line: str) -> None:
    assert requirements.read([line], HERE).lines == (line,)


def test_lines_stay_as_they_were_written() -> None:
    lines = ["torch==2.0  # pinned", "# a comment", "", "--extra-index-url https://x", "a @ https://h/a.whl"]
    read = requirements.read(lines, HERE)
    assert list(read.lines) == lines
    assert read.effective == (lines[0], lines[3], lines[4])
    assert not read.local


def test_options_alone_install_nothing() -> None:
    assert not requirements.read(["--extra-index-url https://x", "# six", ""], HERE).names_packages
    assert requirements.read(["-e git+https://h/a"], HERE).names_packages


def test_continued_lines_stay_together() -> None:
    read = requirements.read(["azureml-core==1 \\", "    --hash=sha256:00", "six"], HERE)
    assert read.lines == ("six",)


def test_a_file_is_replaced_by_its_lines(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "r.txt").write_text("six\nazureml-core\n-c c.txt\n")
    (tmp_path / "sub" / "c.txt").write_text("six<2\n")
    read = requirements.read(["-r sub/r.txt"], tmp_path)
    assert read.lines == ("six", f"-c {tmp_path}/sub/c.txt")
    assert read.left_out == ("azureml-core",)
    assert read.local == (tmp_path / "sub" / "c.txt",)


@pytest.mark.parametrize(
    "line", ["-e .", "-e .[extra]", "--editable=.", ".", "./pkg", "a-1.whl", "x @ file:///{}/a-1.whl"]
)
def test_local_packages_are_noticed(tmp_path: Path, line: str) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "a-1.whl").touch()
    assert len(requirements.read([line.format(tmp_path)], tmp_path).local) == 1


@pytest.mark.parametrize("line", ["./nope", "-r nope.txt", "-c nope.txt", "-e nope", "nope-1.whl"])
def test_a_missing_file_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(UserErrorException, match="nope") as caught:
        requirements.read([line], tmp_path)
    assert str(tmp_path) in caught.value.message


def test_a_file_that_includes_itself_ends(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("-r r.txt\n")
    with pytest.raises(UserErrorException, match="includes itself"):
        requirements.read(["-r r.txt"], tmp_path)


@pytest.mark.parametrize("data", [b"\xef\xbb\xbfsix\r\n", b"six  # f\xfcr V\xf6gel\n", "six  # für Vögel\n".encode()])
def test_files_in_any_encoding_are_read(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "r.txt").write_bytes(data)
    (line,) = requirements.read(["-r r.txt"], tmp_path).lines
    assert line.split()[0] == "six"


def test_paths_with_spaces_quotes_and_comments(tmp_path: Path) -> None:
    folder = tmp_path / "my work"
    (folder / "wheels").mkdir(parents=True)
    (folder / "r.txt").write_text("six")
    (folder / "c.txt").write_text("six<2")
    read = requirements.read(["-r 'r.txt'  # mine", "-c c.txt # limits", "--find-links wheels"], folder)
    assert read.lines == ("six", f"-c {folder}/c.txt", f"--find-links {(folder / 'wheels').as_uri()}")
    assert requirements.for_uv(read) == (
        ["six", f"--find-links {(folder / 'wheels').as_uri()}"],
        ["--constraint", f"{folder}/c.txt"],
    )


@pytest.mark.parametrize("line", ["x @ file:", "file: # to come"])
def test_an_address_without_a_path_is_refused(line: str, tmp_path: Path) -> None:
    with pytest.raises(UserErrorException, match="names no file"):
        requirements.read([line], tmp_path)
