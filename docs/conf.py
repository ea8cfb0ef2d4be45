"""How Sphinx builds the documentation site: ``nox -s docs``."""

from typing import Any

from sphinx.application import Sphinx

from chatroom import __version__

project = "chatroom"
copyright = "the chatroom developers"
version = release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
html_theme = "furo"
html_title = f"chatroom {version}"

# Links to headings, as `operations.md#tls`, work as they do where the pages are read as plain Markdown.
myst_heading_anchors = 3
# The examples of the protocol are conversations; "json" is only what their lines hold.
suppress_warnings = ["misc.highlighting_failure"]

autodoc_default_options = {"members": True}
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"


def leave_out(app: Sphinx, what: str, name: str, member: Any, skip: bool, options: Any) -> bool | None:
    """Leave the fields of named tuples out: the signature has them, and Python's own docstrings only number them."""
    return True if (getattr(member, "__doc__", None) or "").startswith("Alias for field number ") else None


def setup(app: Sphinx) -> None:
    """Ask `leave_out` about everything."""
    app.connect("autodoc-skip-member", leave_out)
