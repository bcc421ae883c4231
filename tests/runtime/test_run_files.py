"""The files of a run, their names, its tags and properties."""

import io
import pathlib

import pytest

from jupyter_ext.runtime.inside.jupyter_aml_run import artifacts
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import ArtifactException, UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.logger import RunLogger


@pytest.fixture
def run(tmp_path: pathlib.Path) -> RunLogger:
    folder = tmp_path / "run"
    for name in ("outputs", "logs"):
        (folder / "work" / name).mkdir(parents=True)
        (folder / name).symlink_to(pathlib.Path("work") / name)
    (folder / "run.json").write_text('{"run_id": "r1", "tags": {"a": "1"}, "properties": {"p": "1"}}')
    return RunLogger(str(folder))


@pytest.mark.parametrize("name", ["", ".", "/etc/passwd", "..", "../x", "a/../../x", "a\0b", "//x"])
def test_names_that_lead_out(run: RunLogger, name: str) -> None:
    with pytest.raises(ArtifactException, match="cannot name a file of a run"):
        run.upload_file(name, io.BytesIO(b"x"))


@pytest.mark.parametrize("name", ["user_logs/std_log.txt", "system_logs/x", ".uploading/x"])
def test_names_of_the_runs_own_files(run: RunLogger, name: str) -> None:
    with pytest.raises(ArtifactException, match="its own files"):
        run.upload_file(name, io.BytesIO(b"x"))


def test_upload(run: RunLogger, tmp_path: pathlib.Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"m" * 3_000_000)
    kept = run.upload_file("./models/model.bin", str(tmp_path / "model.bin"))
    assert kept.serialize()["artifacts"]["models/model.bin"] == {
        "artifactId": "ExperimentRun/dcid.r1/models/model.bin",
        "origin": "ExperimentRun",
        "container": "dcid.r1",
        "path": "models/model.bin",
    }
    run.upload_file("outputs/note.txt", io.StringIO("größe"))
    run.upload_file("stream", io.BytesIO(b"s"))
    assert run.get_file_names() == ["models/model.bin", "outputs/note.txt", "stream"]
    assert (tmp_path / "run" / "artifacts" / "models" / "model.bin").stat().st_size == 3_000_000
    assert (tmp_path / "run" / "work" / "outputs" / "note.txt").read_text() == "größe"
    assert not list((tmp_path / "run" / "artifacts" / ".uploading").iterdir())


def test_names_never_change(run: RunLogger) -> None:
    run.upload_file("x", io.BytesIO(b"first"))
    with pytest.raises(ArtifactException, match="already has a file named 'x'"):
        run.upload_file("./x", io.BytesIO(b"second"))
    assert pathlib.Path(artifacts.locate(run._run_dir, "x")).read_bytes() == b"first"


def test_uploading_what_is_in_outputs_already(
    run: RunLogger, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path / "run" / "work")
    pathlib.Path("outputs", "model.pkl").write_text("m")
    run.upload_file("outputs/model.pkl", "./outputs/model.pkl")
    assert pathlib.Path("outputs", "model.pkl").read_text() == "m"
    pathlib.Path("other.pkl").write_text("o")
    with pytest.raises(ArtifactException, match="already"):
        run.upload_file("outputs/model.pkl", "other.pkl")


def test_a_link_does_not_lead_out(run: RunLogger, tmp_path: pathlib.Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "run" / "work" / "outputs" / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(ArtifactException, match="through a link"):
        run.upload_file("outputs/link/x", io.BytesIO(b"x"))
    assert not list((tmp_path / "outside").iterdir())


def test_missing_files(run: RunLogger, tmp_path: pathlib.Path) -> None:
    with pytest.raises(UserErrorException, match="There is no file"):
        run.upload_file("x", "no-such-file")
    with pytest.raises(UserErrorException, match="use upload_folder"):
        run.upload_file("x", str(tmp_path))
    with pytest.raises(UserErrorException, match="There is no folder"):
        run.upload_folder("x", "no-such-folder")
    with pytest.raises(TypeError, match="2 names and 1 paths"):
        run.upload_files(["a", "b"], ["c"])
    assert run.get_file_names() == []


def test_folders(run: RunLogger, tmp_path: pathlib.Path) -> None:
    source = tmp_path / "source"
    (source / "deep").mkdir(parents=True)
    (source / "a").write_text("a")
    (source / "deep" / "b").write_text("b")
    run.upload_folder("kept/", str(source))
    assert run.get_file_names() == ["kept/a", "kept/deep/b"]
    (source / "c").write_text("c")
    with pytest.raises(ArtifactException):
        run.upload_folder("kept", str(source))
    assert "kept/c" not in run.get_file_names()
    kept = run.upload_files(["n"], [str(source / "a")], return_artifacts=True)
    assert pathlib.Path(kept["n"]).read_text() == "a"


def test_an_interrupted_upload_leaves_nothing(run: RunLogger, tmp_path: pathlib.Path) -> None:
    class Broken:
        def read(self, _size: int) -> bytes:
            raise OSError(5, "broken")

    with pytest.raises(OSError, match="broken"):
        run.upload_file("x", Broken())
    assert run.get_file_names() == []
    assert not list((tmp_path / "run" / "artifacts" / ".uploading").iterdir())


def test_tags(run: RunLogger) -> None:
    run.tag("b")
    run.tag("c", 3)
    run.set_tags({"d": "4", "a": 2})
    assert run.get_tags() == {"a": "2", "b": None, "c": "3", "d": "4"}
    run.remove_tags(["b", "unknown"])
    run.remove_tags("c")
    assert run.get_tags() == {"a": "2", "d": "4"}
    with pytest.raises(UserErrorException):
        run.set_tags("a")


def test_properties_never_change(run: RunLogger) -> None:
    run.add_properties({"q": 5})
    assert run.get_properties() == {"p": "1", "q": "5"}
    with pytest.raises(UserErrorException, match="properties never change"):
        run.add_properties({"p": "1", "new": "1"})
    assert run.get_properties() == {"p": "1", "q": "5"}
