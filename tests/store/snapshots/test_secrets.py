from __future__ import annotations

import pytest

from jupyter_ext.store.snapshots.secrets import secret_in_content, secret_in_name


@pytest.mark.parametrize(
    "name",
    [
        ".env",
        "sub/.env.production",
        "id_rsa",
        "keys/server.pem",
        "private.key",
        "credentials.json",
        "a/secrets.yaml",
        ".netrc",
        ".pypirc",
        "client_secret_1.json",
        "service-account.json",
        ".docker/config.json",
        "kubeconfig",
        "Server.PFX",
    ],
)
def test_names_that_look_secret(name: str) -> None:
    assert secret_in_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "train.py",
        ".env.example",
        ".env.template",
        "environment.yml",
        "id_rsa.pub",
        "tokens.txt",
        "keys.py",
        "config.json",
    ],
)
def test_names_that_do_not(name: str) -> None:
    assert secret_in_name(name) is None


# put together here, so that no scanner takes this file for a leak
@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("-----BEGIN RSA " + "PRIVATE KEY-----", "a private key"),
        ("-----BEGIN " + "PRIVATE KEY-----", "a private key"),
        ("key = AKIA" + "ABCDEFGHIJKLMNOP", "an AWS access key"),
        ("AccountName=x;AccountKey=" + "a" * 86 + "==", "an Azure storage key"),
        ("ghp_" + "a1" * 18, "a GitHub token"),
        ("xoxb-" + "1234567890-abcdefghijkl", "a Slack token"),
    ],
)
def test_contents_that_are_secret(content: str, what: str) -> None:
    assert secret_in_content(b"first line\n" + content.encode() + b"\n") == what


@pytest.mark.parametrize(
    "content", [b"", b"print('AKIA')", b"-----BEGIN PUBLIC KEY-----", b"AccountKey=short", bytes(range(256))]
)
def test_contents_that_are_not(content: bytes) -> None:
    assert secret_in_content(content) is None
