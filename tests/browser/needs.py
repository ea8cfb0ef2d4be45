"""Requirements of the browser tests besides Chromium; without them they skip by name, and fail where ``CI`` is set."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(package: str) -> NoReturn:
    """Leave out the module that is being imported, which needs the Python package *package*."""
    message = f"the Python package {package} is not installed"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message, allow_module_level=True)
