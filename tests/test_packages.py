"""The contents of a wheel: folders of code are found automatically."""

from __future__ import annotations

import configparser
from pathlib import Path

ROOT = Path(__file__).parent.parent


def folders(kind: str) -> set[str]:
    """Name the folders of the package that hold files named as *kind*, as packages are named."""
    found = {path.parent.relative_to(ROOT) for path in (ROOT / "chatroom").rglob(kind)}
    return {".".join(folder.parts) for folder in found if "__pycache__" not in folder.parts}


def setup() -> configparser.ConfigParser:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", "utf-8")
    return config


def test_every_folder_of_code_is_a_package() -> None:
    assert folders("*.py") == folders("__init__.py")


def test_only_folders_without_code_are_left_out_of_the_packages() -> None:
    find = setup()["options.packages.find"]

    assert find["include"].split() == ["chatroom*", "twisted.plugins"]
    assert set(find["exclude"].split()) == folders("*") - folders("*.py")


def test_folders_without_code_are_in_the_wheel_as_data() -> None:
    data = setup()["options.package_data"]
    held = {f"{package}.{part.split('/')[0]}" for package in data for part in data[package].split(", ") if "/" in part}

    assert held == folders("*") - folders("*.py")


def test_the_types_of_every_package_are_checked() -> None:
    checked = setup()["mypy"]["packages"].strip().split(",")

    assert set(checked) == {one for one in folders("__init__.py") if one.count(".") == 1}
