"""Runs one attack, in a process of its own: its name, and a `Where` in JSON."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys

from .catalogue import ATTACKS
from .crew import Where, attack


def main() -> None:
    """Attack, and print the figures."""
    name, where = sys.argv[1:]
    # It would complain of every connection that the server has closed.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)

    async def work() -> None:
        print(await attack(ATTACKS[name].work, Where(*json.loads(where))), flush=True)
        # Thousands of connections need no proper end.
        os._exit(0)

    asyncio.run(work())


if __name__ == "__main__":
    main()
