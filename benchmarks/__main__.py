"""The command: ``python -m benchmarks``."""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import cluster, indexing, journal, logins, returns, search
from benchmarks.build import BuildError, build_load
from benchmarks.machine import describe
from benchmarks.peers.built import CHATROOM
from benchmarks.plot import draw
from benchmarks.report import as_json, header, table
from benchmarks.runs import Bench, Figures
from benchmarks.servers import EVERY_PEER
from benchmarks.workloads import WORKLOADS, cases, smoke

ABOUT = """\
Put the same load on chatroom and on other chat servers, each on one core, and compare.

workloads:
  burst   one room; a new line goes out when one has reached everyone
  paced   one room; a fixed number of lines a second
  rooms   200 rooms of 10, or other numbers; everyone speaks now and then
  idle    many joined sessions, and talk in one of their rooms
  slow    a tenth of 1,000 members stops reading for 5,000 lines
  web     burst and paced over WebSocket, beside chatroom's own line door
  irc     burst and paced with members by IRC, beside other IRC servers
  crowd   thousands enter one room by IRC; WHO and NAMES of it, LIST of twice as many rooms
  journal appends, reading back, and starting on a journal of 10 million events (chatroom only)
  logins  one room, beside 1,000 people who try passwords (chatroom only)
  returns accounts of 20 rooms that log in again, and read (chatroom only)
  search  finding words among a million events, and forgetting some while people chat (chatroom only)
  indexing making the search index of 10 million events while people chat (chatroom only)
  cluster doors in processes of their own beside a single process, and a house that is killed (chatroom only)
"""
EXAMPLES = """\
examples:
  python -m benchmarks --smoke
  python -m benchmarks --workloads burst --members 100 --in-flight 500 --peers chatroom ngircd
  python -m benchmarks --runs 5 --json results.json --svg results.svg
"""


def shape(text: str) -> str:
    """Check a number of rooms and of their members."""
    if not re.fullmatch("[1-9][0-9]*x[1-9][0-9]*", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no pair of numbers, as 200x10 is")
    return text


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=ABOUT,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [peer.name for peer in EVERY_PEER]
    parser.add_argument("--workloads", nargs="+", choices=WORKLOADS, default=list(WORKLOADS), metavar="NAME")
    parser.add_argument(
        "--peers", nargs="+", choices=names, default=names, metavar="NAME", help="of " + ", ".join(names)
    )
    parser.add_argument("--members", nargs="+", type=int, default=[100, 1000], metavar="N", help="burst: in the room")
    parser.add_argument("--in-flight", nargs="+", type=int, default=[50, 500], metavar="N", help="burst: lines")
    parser.add_argument(
        "--rooms", nargs="+", type=shape, default=["200x10"], metavar="NxM", help="rooms: N rooms of M members"
    )
    parser.add_argument("--sessions", type=int, default=10_000, metavar="N", help="idle: joined sessions")
    parser.add_argument("--people", nargs="+", type=int, default=[5_000], metavar="N", help="crowd: in the room")
    parser.add_argument("--slow-rate", type=float, default=100.0, metavar="N", help="slow: lines a second")
    parser.add_argument("--events", type=int, default=10_000_000, metavar="N", help="journal, indexing: events in it")
    parser.add_argument("--guessers", type=int, default=1_000, metavar="N", help="logins: people who try passwords")
    parser.add_argument("--accounts", type=int, default=10_000, metavar="N", help="returns: accounts")
    parser.add_argument("--said", type=int, default=1_000_000, metavar="N", help="search: events in the journal")
    parser.add_argument(
        "--attached", type=int, default=cluster.WHOLE, metavar="N", help="cluster: people; fewer: a smaller run"
    )
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="of each, in turn (default: 5)")
    parser.add_argument("--seconds", type=float, default=5.0, help="measured in each run (default: 5)")
    parser.add_argument("--warmup", type=float, default=1.0, metavar="SECONDS", help="before that (default: 1)")
    parser.add_argument("--server-core", type=int, default=0, metavar="CORE", help="(default: 0)")
    parser.add_argument("--load-core", type=int, default=1, metavar="CORE", help="(default: 1)")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="for journals; should be on a disk")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every run's figures")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="write a plot")
    parser.add_argument(
        "--quick-acks",
        action="store_true",
        help="acknowledge every read at once: spares servers that leave Nagle's algorithm on a wait of 40 ms",
    )
    parser.add_argument("--smoke", action="store_true", help="a tiny run of every workload and every peer")
    return parser.parse_args()


def allow_many_files() -> None:
    """Raise the soft limit on open files to the hard one, for us and the servers."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def sized(options: argparse.Namespace) -> dict[str, tuple[Any, int]]:
    """The workloads that only chatroom has: the module of each, and how large it is to be."""
    return {
        "journal": (journal, options.events),
        "logins": (logins, options.guessers),
        "returns": (returns, options.accounts),
        "search": (search, options.said),
        "indexing": (indexing, options.events),
        "cluster": (cluster, options.attached),
    }


def tell(text: str) -> None:
    """Say how far we are, beside the results."""
    print(text, file=sys.stderr)


def main() -> None:
    """Run the chosen cases, print tables and write files."""
    options = arguments()
    allow_many_files()
    chosen = cases(
        options.workloads,
        options.members,
        options.in_flight,
        options.rooms,
        options.sessions,
        options.slow_rate,
        options.people,
    )
    if options.smoke:
        chosen = smoke(chosen)
        options.events, options.guessers, options.accounts, options.said = 20_000, 20, 60, 2_000
        options.attached, options.runs, options.seconds, options.warmup = 200, 1, 0.2, 0.05
    peers = [peer for peer in EVERY_PEER if peer.name in options.peers]
    with tempfile.TemporaryDirectory(prefix="benchmarks-", dir=options.folder) as name:
        folder = Path(name)
        machine = describe(peers, folder)
        cores = sorted(os.sched_getaffinity(0))
        if {options.server_core, options.load_core} - set(cores):
            print(f"only cores {cores} are ours: server and load share", file=sys.stderr)
            options.server_core = options.load_core = cores[0]
        bench = Bench(
            load=build_load(folder),
            folder=folder,
            server_core=options.server_core,
            load_core=options.load_core,
            seconds=options.seconds,
            warmup=options.warmup,
            quick_acks=options.quick_acks,
        )
        results = bench.run_all(chosen, peers, options.runs, tell, every_peer_once=options.smoke)
        alone: dict[str, tuple[int, list[Figures]]] = {}
        if any(peer is CHATROOM and peer.version() for peer in peers):
            for name, (module, size) in sized(options).items():
                if name in options.workloads:
                    alone[name] = size, module.measure(bench, size, options.runs, tell)
    for line in header(machine, options.runs, options.seconds):
        print(line)
    for case in chosen:
        for line in table(case, results[case.name]):
            print(line)
    for name, (size, figures) in alone.items():
        print(sized(options)[name][0].table(size, figures))
    if options.json:
        kept = {
            "machine": machine,
            "runs": options.runs,
            "seconds": options.seconds,
            "cases": as_json(results),
            **{name: {"size": size, "runs": figures} for name, (size, figures) in alone.items()},
        }
        options.json.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    if options.svg:
        options.svg.write_text(draw(chosen, results))


if __name__ == "__main__":
    try:
        main()
    except BuildError as problem:
        sys.exit(str(problem))
