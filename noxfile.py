"""What is checked, tested, built and measured here; ``nox --list`` shows the sessions, ``nox -s NAME`` runs one."""

from __future__ import annotations

import configparser
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "venv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "types", "unit"]

ROOT = Path(__file__).parent
SITE = ROOT / "build" / "site"


def extra(name: str) -> list[str]:
    """Return the requirements of an extra of setup.cfg, for a session that can do without the package itself."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", "utf-8")
    return config["options.extras_require"][name].split()


def pytest(session: nox.Session, chosen: str) -> None:
    """Run the tests that the marker expression *chosen* selects, or fewer with further arguments."""
    session.install("-e", ".[test,browser]")
    session.run("pytest", "-m", chosen, *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check the style and the format of all Python code."""
    session.install(*extra("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types, strictly."""
    session.install("-e", ".[types]")
    session.run("mypy")


@nox.session
def unit(session: nox.Session) -> None:
    """Run the quick tests: no server, no browser, a minute or so."""
    pytest(session, "not wire and not browser and not slow")


@nox.session
def wire(session: nox.Session) -> None:
    """Run the tests that start real servers, and the other slow ones."""
    pytest(session, "(wire or slow) and not browser")


@nox.session
def browser(session: nox.Session) -> None:
    """Run the tests of the page in Chromium, Firefox and WebKit."""
    pytest(session, "browser")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation site in build/site; a warning is an error."""
    session.install("-e", ".[docs]")
    session.run("sphinx-build", "-W", "--keep-going", "--fresh-env", "-b", "html", *session.posargs, "docs", SITE)


@nox.session
def bench(session: nox.Session) -> None:
    """Run the benchmarks, with the arguments of ``python -m benchmarks``, such as ``--smoke``."""
    session.install("-e", ".[bench]")
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session
def mutation(session: nox.Session) -> None:
    """Change the code at random and see which changes no test notices: ``nox -s mutation -- --help``."""
    session.install("-e", ".[test,mutation]")
    session.run("python", "-m", "tests.mutation", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Send a million lines of anything to the IRC door, or as many as after ``nox -s fuzz -- --lines``."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "tests.doors.irc", *(session.posargs or ("--lines", "1000000")))
