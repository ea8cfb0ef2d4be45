"""
Run irctest, the conformance suite of IRC servers, on this server, and compare with what must pass.

    git clone https://github.com/progval/irctest
    python3 -m venv VENV && VENV/bin/pip install -r irctest/requirements.txt
    CHATROOM_PYTHON=.venv/bin/python VENV/bin/python tests/irc/run_irctest.py irctest

``must_pass.txt`` has the tests that must pass, ``explained.txt`` those that fail or are skipped, each with the reason.
Further words are given to pytest.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).parent
MARKS = "not implementation-specific and not deprecated"


def results(checkout: Path, more: list[str]) -> dict[str, str]:
    """Run the suite; return ``passed``, ``failed`` or ``skipped`` by test."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "--controller", "controller", "-m", MARKS, "-p", "no:cacheprovider"]
        # Also for the list of ports in use, which runs at the same time would spoil for each other.
        where = {
            "PYTHONPATH": str(HERE),
            "TMPDIR": folder,
            "CHATROOM_PYTHON": os.environ.get("CHATROOM_PYTHON", sys.executable),
        }
        subprocess.run(
            [*command, "-q", f"--junitxml={report}", *(more or ["irctest/server_tests"])],
            cwd=checkout,
            env={**os.environ, **where, "CHATROOM_PYTHON": str(Path(where["CHATROOM_PYTHON"]).absolute())},
            check=False,
        )
        found = {}
        for case in ElementTree.parse(report).iter("testcase"):
            outcome = next((one.tag for one in case if one.tag in ("failure", "error", "skipped")), "passed")
            name = f"{case.get('classname', '').removeprefix('irctest.server_tests.')}.{case.get('name')}"
            found[name] = "failed" if outcome in ("failure", "error") else outcome
        return found


def main(checkout: str, *more: str) -> int:
    """Compare one run with the lists; return how many tests are not as they must be."""
    found = results(Path(checkout), list(more))
    must = set((HERE / "must_pass.txt").read_text("utf-8").split("\n")) - {""}
    explained = {line.split("\t")[0] for line in (HERE / "explained.txt").read_text("utf-8").splitlines() if line}
    passed = {name for name, outcome in found.items() if outcome == "passed"}
    worse = sorted(name for name in must & found.keys() if name not in passed)
    new = sorted(passed - must)
    unexplained = sorted(found.keys() - passed - explained - must)
    counts = {outcome: sum(one == outcome for one in found.values()) for outcome in ("passed", "failed", "skipped")}
    print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    for title, names in (("must pass", worse), ("is not explained", unexplained), ("passes, too", new)):
        for name in names:
            print(f"{title}: {name} ({found[name]})")
    return len(worse) + len(unexplained)


if __name__ == "__main__":
    sys.exit(min(main(*sys.argv[1:]), 1))
