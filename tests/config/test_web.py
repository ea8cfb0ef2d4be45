"""Valid values of web settings."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from chatroom.config.file import ConfigError, read_config
from chatroom.config.settings import combined


def read(tmp_path, text):
    (tmp_path / "chatroom.toml").write_text(text)
    return combined({}, read_config(tmp_path / "chatroom.toml"))


def test_networks_and_addresses_are_read(tmp_path):
    values = read(tmp_path, 'proxies = ["10.0.0.0/8", "2001:db8::1", "unix"]\nmetrics-for = []')

    assert values["proxies"] == (ip_network("10.0.0.0/8"), ip_network("2001:db8::1/128"), None)
    assert values["metrics-for"] == ()


def test_origins_are_read_in_the_way_in_which_they_are_compared(tmp_path):
    values = read(tmp_path, 'origins = ["HTTPS://Intranet.Example:443", "http://[::1]:8080", "*"]')

    assert values["origins"] == {"https://intranet.example", "http://[::1]:8080", "*"}


@pytest.mark.parametrize(
    ("written", "path"), [("", ""), ("/", ""), ("/chat", "/chat"), ("/chat/", "/chat"), ("/a-b/c_d.e", "/a-b/c_d.e")]
)
def test_a_path_is_read_without_the_slash_at_its_end(tmp_path, written, path):
    assert read(tmp_path, f'web-prefix = "{written}"')["web-prefix"] == path


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('proxies = "10.0.0.1"', "proxies must be a list of strings"),
        (
            'proxies = ["10.0.0.1/8"]',
            "proxies must contain networks, such as 10.0.0.0/8, or unix: 10.0.0.1/8 has",
        ),
        ('proxies = ["proxy.example"]', "proxies must contain networks, such as 10.0.0.0/8, or unix: 'proxy.example'"),
        ("metrics-for = [1]", "metrics-for must be a string"),
        ('origins = ["intranet.example"]', "origins must contain origins, such as https://chat.example, or *; 'int"),
        ('origins = ["https://intranet.example/page"]', "origins must contain origins"),
        ('origins = ["null"]', "origins must contain origins"),
        ('web-prefix = "chat"', "web-prefix must be a path, such as /chat"),
        ('web-prefix = "/chat?"', "web-prefix must be a path, such as /chat"),
        ('web-prefix = "/.."', "web-prefix must be a path, such as /chat"),
        ("web-prefix = 1", "web-prefix must be a string"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path, text, reason):
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, f"rate = 5\n{text}\n")

    assert f"line 2: {reason}" in str(caught.value)
