from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jupyter_ext.store.paths import WorkspacePaths
from jupyter_ext.store.vault import Vault


@pytest.fixture
def vault(home: Path) -> Vault:
    return Vault(WorkspacePaths(home / "ws"))


def test_a_secret_is_kept_and_forgotten(vault: Vault) -> None:
    assert vault.get("a/b") is None
    vault.put("a/b", "gehéim")
    vault.put("other", "")
    assert (vault.get("a/b"), vault.get("other")) == ("gehéim", "")
    vault.put("a/b", "new")
    assert vault.get("a/b") == "new"
    vault.delete("a/b")
    vault.delete("a/b")
    assert vault.get("a/b") is None


def test_nothing_is_in_the_clear_and_nobody_else_can_read(vault: Vault, home: Path) -> None:
    vault.put("name", "the-secret-itself")
    files = [file for file in home.rglob("*") if file.is_file()]
    assert len(files) == 2
    for file in files:
        assert b"secret" not in file.read_bytes()
        assert file.stat().st_mode & 0o077 == 0


def test_the_same_secret_looks_different_each_time(vault: Vault, home: Path) -> None:
    vault.put("one", "same")
    vault.put("two", "same")
    one, two = (home / "ws" / "secrets" / name for name in ("one", "two"))
    assert one.read_bytes()[-4:] != two.read_bytes()[-4:]


def test_what_was_tampered_with_or_is_of_another_user_is_not_opened(vault: Vault, home: Path) -> None:
    vault.put("name", "value")
    file = home / "ws" / "secrets" / "name"
    data = file.read_bytes()
    file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert vault.get("name") is None
    file.write_bytes(data)
    assert vault.get("name") == "value"
    (home / ".vault-key").unlink()
    assert vault.get("name") is None


def test_threads_that_keep_secrets_at_once(vault: Vault, home: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: vault.put("name", str(number)), range(200)))
    assert vault.get("name") in map(str, range(200))
    assert [file.name for file in home.rglob("*") if file.is_file() and file.name != "name"] == [".vault-key"]
