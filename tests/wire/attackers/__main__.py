"""
``python -m tests.wire.attackers``: each attack beside innocents, in a table, and what of the promise it broke.

The exit status is 1 if any did.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from .catalogue import ATTACKS
from .field import Battle, Ground, Namespace, Outcome
from .filled import Stores
from .promise import HEAD, broken, row

GROUNDS: dict[str, type[Ground]] = {"loopback": Ground, "namespace": Namespace}


def main() -> int:
    """Run the chosen attacks."""
    parser = argparse.ArgumentParser(prog="python -m tests.wire.attackers", description=__doc__)
    parser.add_argument("attacks", nargs="*", metavar="ATTACK", help="which; default: all")
    parser.add_argument("--ground", choices=[*GROUNDS, "both"], default="both")
    parser.add_argument("--brief", action="store_true", help="a few seconds for each, as in the tests")
    parser.add_argument("--list", action="store_true", help="tell what there is")
    parser.add_argument("--stores", type=Path, help="where to keep filled journals for another time")
    parser.add_argument("--json", type=Path, help="where to add all figures, a line for each attack")
    parser.add_argument(
        "--nice", type=int, default=0, help="priority of the server and the innocents, on a machine that is not idle"
    )
    given = parser.parse_args()
    if given.list:
        print("\n".join(f"{name}: {attack.what}" for name, attack in ATTACKS.items()))
        return 0
    unknown = set(given.attacks) - set(ATTACKS)
    if unknown:
        parser.error(f"no such attack: {', '.join(sorted(unknown))}")
    print("\n".join(HEAD), flush=True)
    held = True
    for name, ground in GROUNDS.items():
        if given.ground in (name, "both"):
            held = fight(ground(), given) and held
    return 0 if held else 1


def fight(ground: Ground, given: argparse.Namespace) -> bool:
    """Run the attacks in one place; return whether the promise held."""
    held = True
    with tempfile.TemporaryDirectory() as name, ground:
        folder = Path(name)
        stores = given.stores or folder / "stores"
        stores.mkdir(parents=True, exist_ok=True)
        battle = Battle(folder, ground, Stores(stores, not given.brief), full=not given.brief, nice=given.nice)
        for attack in given.attacks or ATTACKS:
            if ATTACKS[attack].loopback_only and isinstance(ground, Namespace):
                continue
            held = told(battle.run(ATTACKS[attack]), given.json) and held
    return held


def told(outcome: Outcome, path: Path | None) -> bool:
    """Print one row, and return whether the promise held."""
    wrong = broken(outcome)
    print(row(outcome, wrong), flush=True)
    if path is not None:
        with path.open("a") as file:
            figures = {name: getattr(outcome, name) for name in Outcome.__slots__}
            print(json.dumps({**figures, "broken": wrong}), file=file)
    return not wrong


if __name__ == "__main__":
    sys.exit(main())
