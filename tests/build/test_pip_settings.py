from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_ext.build import pip_settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """A home with a pip.conf, and no other."""
    (tmp_path / ".pip").mkdir()
    (tmp_path / ".pip" / "pip.conf").write_text(
        "[global]\nindex-url = https://a/simple\nextra_index_url =\n  https://b/simple\n  https://c/simple\n"
        "[install]\nfind-links = /w\ntrusted-host = a b\n"
    )
    nowhere = str(tmp_path / "nowhere")
    return {"HOME": str(tmp_path), "XDG_CONFIG_DIRS": nowhere, "XDG_CONFIG_HOME": nowhere}


def test_a_file_is_read(variables: dict[str, str]) -> None:
    found = pip_settings.uv_environment(variables)
    assert found["UV_DEFAULT_INDEX"] == "https://a/simple"
    assert found["UV_INDEX"] == "https://b/simple https://c/simple"
    assert found["UV_INDEX_STRATEGY"] == "unsafe-best-match"
    assert found["UV_FIND_LINKS"] == "/w"
    assert found["UV_INSECURE_HOST"] == "a b"


def test_variables_go_before_files_and_uv_before_pip(variables: dict[str, str]) -> None:
    variables |= {
        "PIP_INDEX_URL": "https://v/simple",
        "UV_FIND_LINKS": "/mine",
        "UV_EXTRA_INDEX_URL": "https://e",
    }
    variables |= {"PIP_CERT": "/cert.pem"}
    found = pip_settings.uv_environment(variables)
    assert found["UV_DEFAULT_INDEX"] == "https://v/simple"
    assert found["UV_FIND_LINKS"] == "/mine"
    assert "UV_INDEX" not in found
    assert found["SSL_CERT_FILE"] == "/cert.pem"


def test_pip_config_file_goes_last_or_switches_all_off(variables: dict[str, str], tmp_path: Path) -> None:
    own = tmp_path / "own.conf"
    own.write_text("[global]\nindex-url = https://own/simple\n")
    assert pip_settings.read({**variables, "PIP_CONFIG_FILE": str(own)})["index-url"] == "https://own/simple"
    assert "index-url" not in pip_settings.read({**variables, "PIP_CONFIG_FILE": "/dev/null"})


def test_a_broken_file_is_passed_over(variables: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / ".pip" / "pip.conf").write_text("no section\n")
    assert "index-url" not in pip_settings.read(variables)
