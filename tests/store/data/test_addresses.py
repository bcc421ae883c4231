from __future__ import annotations

import pytest

from jupyter_ext.store.data import addresses


@pytest.mark.parametrize(
    ("text", "plain", "masked"),
    [
        ("https://me:hush@h.io/a", "https://h.io/a", "https://*@h.io/a"),
        ("https://me:hu@sh@h.io/a", "https://h.io/a", "https://*@h.io/a"),
        ("https://me:hu#sh@h.io/a", "https://h.io/a", "https://*@h.io/a"),
        ("https://hush@h.io", "https://h.io", "https://*@h.io"),
        ("git+https://hush@h.io/a@v1", "git+https://h.io/a@v1", "git+https://*@h.io/a@v1"),
        ("git+ssh://git@h.io/a", "git+ssh://git@h.io/a", "git+ssh://git@h.io/a"),
        ("ssh://git@hush@h.io/a", "ssh://h.io/a", "ssh://*@h.io/a"),
        ('["ftp://a:hush@b","x@y"]', '["ftp://b","x@y"]', '["ftp://*@b","x@y"]'),
        ("http://a:hush@b,http://c:hush@d", "http://b,http://d", "http://*@b,http://*@d"),
        ("https://h.io/t/hush/c", "https://h.io/c", "https://h.io/t/*/c"),
        ("'https://h.io/t/hush'", "'https://h.io'", "'https://h.io/t/*'"),
        ("https://h.io/t/hush,https://i.io/t/hush", "https://h.io,https://i.io", "https://h.io/t/*,https://i.io/t/*"),
        ("file:///home/t/a/b@c /t/d/e", "file:///home/t/a/b@c /t/d/e", "file:///home/t/a/b@c /t/d/e"),
        ("abfs://box@a.net/x", "abfs://box@a.net/x", "abfs://box@a.net/x"),
        ("abfs://box:hush@a.net/x", "abfs://a.net/x", "abfs://*@a.net/x"),
        ("me@h.io: git@h.io:a/b", "me@h.io: git@h.io:a/b", "me@h.io: git@h.io:a/b"),
    ],
)
def test_what_is_secret_in_a_text(text: str, plain: str, masked: str) -> None:
    assert addresses.without_passwords(text) == plain
    assert addresses.without_passwords(text, "*") == masked


@pytest.mark.parametrize("kept", ["${T}@h", "me:${T}@h", "${U}:${T}@h", "h/t/${T}/c", "h/t/${T}"])
def test_a_variable_in_place_of_a_password_stays(kept: str) -> None:
    assert addresses.without_passwords(f"https://{kept}", "*", variables=True) == f"https://{kept}"


@pytest.mark.parametrize("secret", ["${U}:hush@h", "${U}:hush${V}@h", "${U}@hush@h", "h/t/hush${T}", "h/t/${T}hush"])
def test_a_variable_beside_a_password_does_not_show_it(secret: str) -> None:
    assert "hush" not in addresses.without_passwords(f"https://{secret}", "*", variables=True)


def test_one_address() -> None:
    assert addresses.without_user("sftp://me:hu sh@h.io/a@b") == "sftp://h.io/a@b"
    assert addresses.without_user("https://h.io/t/a") == "https://h.io/t/a"
    assert addresses.has_user("-i https://me:hush@h.io")
    assert not addresses.has_user("git+ssh://git@h.io/a@v1")


def test_what_drivers_say() -> None:
    assert addresses.scrubbed("nonnumeric port: 'hush@h.io'", "https://me:hush@h.io/a") == "nonnumeric port: '***@h.io'"
    assert "hu" not in addresses.scrubbed("no bucket me:hu%40sh@box or hu@sh", "me:hu%40sh@box/a")
    assert addresses.scrubbed("nonnumeric port: 'hu'", "https://me:hu#sh@h.io/a") == "nonnumeric port: '***'"
    assert addresses.scrubbed("no a?sig=x&y", "https://h.io/a?sig=x&y") == "no a?***"


def test_a_password_goes_to_its_server_alone() -> None:
    request = addresses.request_to("http://me:p%40s%3As@127.0.0.1:80/a?b=c@d")
    assert request.full_url == "http://127.0.0.1:80/a?b=c@d"
    assert request.unredirected_hdrs == {"Authorization": "Basic bWU6cEBzOnM="}
    assert request.headers == {}
    assert addresses.request_to("http://h.io?b=c@d").full_url == "http://h.io?b=c@d"
