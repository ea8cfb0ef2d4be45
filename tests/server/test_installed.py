"""Telling that the code has been installed anew."""

from __future__ import annotations

import os

from chatroom.server.installed import installed


def test_it_differs_once_anything_is_installed_anew_or_removed(tmp_path):
    (tmp_path / "web").mkdir()
    one, other = tmp_path / "one.py", tmp_path / "web" / "page.js"
    one.write_text("1")
    other.write_text("1")
    before = installed(tmp_path)
    (tmp_path / "one.cpython-311.pyc").write_text("cached")
    assert installed(tmp_path) == before

    os.utime(other, (1, 1))
    touched = installed(tmp_path)
    assert touched != before
    one.unlink()
    assert installed(tmp_path) != touched


def test_it_finds_the_package_itself():
    assert any(name.endswith("server/installed.py") for name, *_ in installed())
