"""Where attacks happen: a server on one core, innocents and attackers on another, at one address or at several."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from chatroom.server.memory import EVERY
from tests.certificates import NAMES, made

from ..processes import Started, program, wait_until
from ..server import Server
from .attacks import Attack
from .filled import Stores

ROOT = Path(__file__).parents[3]
WATCHED = Path(__file__).parent.parent / "watched.py"

GRACE = 1.0
"""Seconds that a server of ours keeps sessions to be carried on, if an attack is not about that."""
OVERTIME = 20.0
"""Seconds that an attack may take longer than it was told to: on a busy machine its end takes a while, too."""
BASELINE = {False: 0.5, True: 11.0}
"""
Seconds that the innocents are there before an attack, longer if there is time: then they are newcomers no more, who
share what a place has left if others from there have used up most of it.
"""
TRIMS = {False: 5.0, True: EVERY}
"""Seconds between two times that a server gives freed memory back: its own, if there is time."""
SETTLED = 75.0
"""Seconds in which the memory of a server may come down after an attack."""

NEVER = {"COVERAGE_PROCESS_START": None, "COVERAGE_PROCESS_CONFIG": None}
"""Nothing but the server shall be measured: what counts the lines that run takes half of the time."""


class Ground:
    """
    The network that a server, innocents and attackers are in; use it in a ``with`` statement.

    This one is the loopback: all come from this very machine, and are one place.
    """

    name = "loopback"
    host = "127.0.0.1"
    innocents = "127.0.0.1"
    within: Sequence[str] = ()
    """The words before every command."""

    def attackers(self, number: int, addresses: int) -> Sequence[str]:
        """Return the addresses that attackers come from, if they may be so many; those of another *number* differ."""
        return ("127.0.0.1",)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


class Namespace(Ground):
    """
    A network of its own, in which every address of 10.77/16 is this machine's and none is the loopback's.

    Most attackers have three addresses, the innocents a fourth.

    :raises OSError: if that cannot be had here.
    """

    name = "three addresses"
    host = "10.77.0.1"
    innocents = "10.77.1.1"

    _SET_UP = "ip link set lo up && ip route add local 10.77.0.0/16 dev lo && echo ready && exec cat"

    def attackers(self, number: int, addresses: int) -> Sequence[str]:
        """Return so many addresses."""
        return [f"10.77.{10 * (number + 1) + one // 250}.{1 + one % 250}" for one in range(addresses)]

    def __enter__(self) -> Self:
        try:
            self._holder = Started(["unshare", "--net", "sh", "-c", self._SET_UP])
        except FileNotFoundError:
            raise OSError("the program unshare is not installed") from None
        wait_until(lambda: "\n" in self._holder.output or self._holder.process.poll() is not None, "no namespace")
        if "ready" not in self._holder.output:
            self._holder.__exit__(None, None, None)
            raise OSError(f"no network namespace can be made here: {self._holder.output.strip()}")
        self.within = ("nsenter", f"--net=/proc/{self._holder.pid}/ns/net")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._holder.__exit__(kind, error, trace)


def cores() -> tuple[int, int]:
    """Choose the core of the server, and that of all others."""
    mine = sorted(os.sched_getaffinity(0))
    return mine[0], mine[-1]


def on_core(core: int, command: Sequence[str | Path], nice: int = 0) -> list[str | Path]:
    """Return the words that run *command* on one core, and with which priority, if that may be had."""
    priority = ("nice", "-n", str(nice)) if nice and (nice > 0 or os.geteuid() == 0) else ()
    return [*priority, program("taskset"), "-c", str(core), *command]


def prefer(started: Started, nice: int) -> None:
    """Let the whole session of a process have this priority: by itself each session gets its share (sched(7))."""
    if nice:
        with suppress(OSError):
            Path(f"/proc/{started.pid}/autogroup").write_text(str(nice))


class Target(Server):
    """The server that is attacked."""

    def __init__(
        self, folder: Path, ground: Ground, settings: str, *, trims: float, nice: int = 0, neighbours: int = 0
    ) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "chatroom.toml").write_text(settings)
        made(*NAMES).write(folder)
        tls = ("--tls-cert", "cert.pem", "--tls-key", "key.pem")
        super().__init__(folder, "--allow-plain-login", "--config", "chatroom.toml", *tls)
        self.host = ground.host
        self._ground = ground
        self._trims = trims
        self._nice = nice
        self._neighbours = neighbours
        self._figures = folder / "turns.json"

    def twistd(self) -> Sequence[str | Path]:
        """Run it on its core, under watch."""
        # In one session with it, or else the scheduler gives the session its share (sched(7), autogroup).
        busy = f"{sys.executable} -c 'while True: pass' &" * self._neighbours
        neighbourly = ("sh", "-c", f'{busy} exec "$@"', "sh") if busy else ()
        watched = (*neighbourly, sys.executable, "-P", WATCHED, self._figures, str(self._trims))
        return [*self._ground.within, *on_core(cores()[0], watched, self._nice)]

    def environment(self) -> Mapping[str, str | None]:
        """Let nothing slow it down."""
        return NEVER

    def __exit__(self, *error: Any) -> None:
        """End it, and print the end of its log if something went wrong."""
        with suppress(ProcessLookupError):
            # With its neighbours, which are there even if it has ended.
            os.killpg(self.process.pid, signal.SIGKILL)
        super().__exit__(None, None, None)
        if error[0] is not None:
            print(f"The server printed, at the end:\n{self.log[-4000:]}")

    def turns(self) -> dict[str, Any]:
        """
        Return the figures of the reactor's turns since this was called last.

        ``longest`` is in seconds of CPU time, and so are ``long`` and the longest collection of garbage, ``gc``.
        """
        self._figures.unlink(missing_ok=True)
        self.tell(signal.SIGUSR1)
        wait_until(self._figures.exists, "the server obeys no signal")
        figures: dict[str, Any] = json.loads(self._figures.read_text())
        return figures

    def forget_peak(self) -> None:
        """Let the peak of its memory be what it is now (proc(5), ``clear_refs``)."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def peak(self) -> int:
        """Return the most bytes of memory that it has used since `forget_peak`."""
        found = re.search(r"^VmHWM:\s+(\d+) kB$", Path(f"/proc/{self.process.pid}/status").read_text(), re.MULTILINE)
        assert found
        return int(found[1]) * 1024


@dataclass(slots=True)
class Outcome:
    """What an attack has done, or several at once; seconds, and bytes."""

    name: str
    ground: str
    places: int
    """How many places the attackers came from."""
    waits: dict[str, list[float]]
    """How long the innocents waited, by door."""
    before: dict[str, list[float]]
    """The same, just before."""
    longest_turn: float
    """In CPU time, as are the others."""
    longest_collection: float
    """The garbage collector's, which is part of some turn."""
    long_turns: list[float]
    resident: tuple[int, int, int]
    """Before, at its peak, and afterwards."""
    sent: int
    logged: int
    tracebacks: int = 0
    ended: bool = True
    """Whether the server stopped properly when it was told to."""
    figures: dict[str, float] = field(default_factory=dict)
    most: dict[str, float] = field(default_factory=dict)
    hashes: bool = False
    calm: bool = True
    """Whether the machine was not made busy, so that the waits of innocents mean something."""

    @property
    def pings(self) -> list[float]:
        """All waits at all doors for a sign of life, the shortest first."""
        return sorted(wait for door, waits in self.waits.items() if door not in ("says", "joins") for wait in waits)


class Battle:
    """
    Runs attacks, each time on a new server.

    :param folder: where the servers run.
    :param full: whether there is time for large numbers.
    :param nice: the priority of the server and the innocents, if other programs on this machine would disturb them.
    :param each: how many innocents there are at each door.
    """

    def __init__(
        self, folder: Path, ground: Ground, stores: Stores, *, full: bool, nice: int = 0, each: int = 2
    ) -> None:
        self._each = each
        self._folder = folder
        self._ground = ground
        self._stores = stores
        self._full = full
        self._nice = nice
        self._number = 0

    def run(self, *attacks: Attack) -> Outcome:
        """Run *attacks*, all at once, beside innocents; each comes from addresses of its own, if there are any."""
        self._number += 1
        folder = self._folder / f"{self._number}"
        folder.mkdir()
        for filled in {attack.filled for attack in attacks} - {""}:
            self._stores.copy(filled, folder / "data")
        ground = self._ground
        neighbours = sum(attack.neighbours for attack in attacks)
        with ExitStack() as stack:
            nice = 0 if neighbours else self._nice
            trims = TRIMS[self._full]
            target = Target(folder, ground, settings(attacks), trims=trims, nice=nice, neighbours=neighbours)
            server = stack.enter_context(target)
            prefer(server.process, nice)
            innocents = stack.enter_context(
                self._program("innocents", ground.host, server.port, ground.innocents, self._each)
            )
            innocents.until("here")
            outcome = self._attacked(attacks, server, innocents)
            outcome.ended = _stopped(server)
            outcome.tracebacks = server.log.count("Traceback")
        return outcome

    def _attacked(self, attacks: Sequence[Attack], server: Target, innocents: Started) -> Outcome:
        time.sleep(BASELINE[self._full])
        before = report(innocents)
        server.turns()
        logged, resident = len(server.log), server.resident()
        server.forget_peak()
        figures = self._fight(attacks, server.port)
        waits, turns = report(innocents), server.turns()
        return Outcome(
            " + ".join(attack.name for attack in attacks),
            self._ground.name,
            len({address for sources in self._sources(attacks) for address in sources}),
            waits,
            before,
            turns["longest"],
            turns["gc"],
            turns["long"],
            (resident, server.peak(), _settled(server, resident)),
            int(figures.pop("sent")),
            len(server.log) - logged,
            figures=dict(figures),
            most={name: most for attack in attacks for name, most in attack.most.items()},
            hashes=any(attack.hashes for attack in attacks),
            calm=not any(attack.neighbours for attack in attacks),
        )

    def _sources(self, attacks: Sequence[Attack]) -> list[Sequence[str]]:
        return [self._ground.attackers(number, attack.addresses) for number, attack in enumerate(attacks)]

    def _fight(self, attacks: Sequence[Attack], port: int) -> Counter[str]:
        """Run *attacks* to their end; return what they have achieved together."""
        figures: Counter[str] = Counter()
        with ExitStack() as stack:
            crews = []
            for attack, sources in zip(attacks, self._sources(attacks), strict=True):
                seconds = attack.seconds[not self._full]
                where = [self._ground.host, port, sources, seconds, self._full]
                crew = self._program("crew_of_one", attack.name, json.dumps(where), nice=10)
                crews.append((stack.enter_context(crew), 2 * seconds + OVERTIME))
            for crew, seconds in crews:
                assert crew.ended(seconds) == 0, crew.output[-4000:]
                figures.update(json.loads(crew.output.splitlines()[-1]))
        return figures

    def _program(self, module: str, *words: object, nice: int | None = None) -> Started:
        python = (sys.executable, "-m", f"tests.wire.attackers.{module}", *map(str, words))
        priority = self._nice if nice is None else nice
        command = [*self._ground.within, *on_core(cores()[1], python, priority)]
        started = Started(command, cwd=ROOT, environment=NEVER)
        prefer(started, priority)
        return started


def report(innocents: Started) -> dict[str, list[float]]:
    """Ask the innocents how long they have waited since this was called last."""
    before = len(innocents.output)
    innocents.type("\n")
    waits: dict[str, list[float]] = json.loads(innocents.until(r"\{.*\}\n", after=before)[0])
    return waits


def settings(attacks: Sequence[Attack]) -> str:
    """Write the settings of the server that *attacks* need."""
    lines = dict(line.split(" = ") for attack in attacks for line in attack.settings.splitlines())
    return "".join(f"{name} = {value}\n" for name, value in {"grace": GRACE, **lines}.items())


def _settled(server: Target, before: int) -> int:
    """Wait until the memory of *server* has come down to 20 % more than *before*, but not for long."""
    deadline = time.monotonic() + SETTLED
    while (resident := server.resident()) > 1.2 * before and time.monotonic() < deadline:
        time.sleep(0.2)
    return resident


def _stopped(server: Target) -> bool:
    try:
        return server.stop() == 0
    except AssertionError:
        server.kill()
        return False


def allowed(ground: type[Ground]) -> str:
    """Say why *ground* cannot be had here; "": it can."""
    try:
        with ground():
            return ""
    except (OSError, subprocess.SubprocessError, AssertionError) as error:
        return str(error)
