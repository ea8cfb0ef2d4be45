"""How Sphinx builds the documentation site: ``nox -s docs``."""

from chatroom import __version__

project = "chatroom"
copyright = "the authors of chatroom"
version = release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
html_theme = "furo"
html_title = f"chatroom {version}"

# Links to headings, as `operations.md#tls`, work as they do where the pages are read as plain Markdown.
myst_heading_anchors = 3
# The examples of the protocol are conversations; "json" is only what their lines hold.
suppress_warnings = ["misc.highlighting_failure"]

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True, "show-inheritance": False}
