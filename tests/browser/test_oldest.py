"""The page's modules without all that newer browsers have: people do everything in a Chromium that lacks it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.oldest_browsers import newer_members
from tests.wire.server import Server

from .chromium import Chromium
from .engines import Tab
from .page import Browser, Page
from .test_engines import goes_through_everything

TAKE_AWAY = """
for (const [owner, member] of NEWER) {
    const object = ["Window", "_globals"].includes(owner) ? globalThis : globalThis[owner];
    if (!member) delete globalThis[owner];
    else for (const one of [object, object?.prototype]) if (one) delete one[member];
}
"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A tab without what is newer."""
    context = chromium.new_context()
    context.add_init_script(f"const NEWER = {json.dumps(sorted(newer_members()))};{TAKE_AWAY}")
    yield context.new_page()
    context.close()


def test_people_do_everything_without_what_is_newer(page: Page, tmp_path: Path):
    with Server(tmp_path, "--rate", "0") as server:
        goes_through_everything(Tab(Chromium(page)), server)

    missing = ["URL.canParse", "Promise.withResolvers", "Intl.Segmenter", "[].toSorted", "document.body.showPopover"]
    assert page.evaluate(f"[{', '.join(missing)}].some(Boolean)") is False
