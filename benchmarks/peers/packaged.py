"""Peers that come from a distribution's packages: ncat and two IRC servers, all without flood limits."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from functools import cache, partial

from benchmarks.peers import Peer, Site

PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))


@cache
def first_line(program: str) -> str | None:
    """Ask *program* for its version; None when it is not installed."""
    found = shutil.which(program, path=PATH)
    if found is None:
        return None
    done = subprocess.run([found, "--version"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return (done.stdout.strip() or done.stderr.strip() or program).splitlines()[0]


def program(name: str) -> str:
    """Find the full path of an installed program."""
    found = shutil.which(name, path=PATH)
    assert found is not None, name
    return found


def ncat(site: Site) -> list[str]:
    """ncat speaks to everyone who connects; it waits with select(), so 1,024 descriptors are its end."""
    return [program("ncat"), "--chat", "--listen", "--max-conns", "1010", "127.0.0.1", str(site.port)]


NGIRCD = """\
[Global]
Name = irc.example.net
Info = benchmark
Listen = 127.0.0.1
Ports = {port}
ServerUID = {user}
ServerGID = {user}
MotdPhrase = hello

[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxNickLength = 20
MaxPenaltyTime = 0
MaxListSize = 0
PingTimeout = 3600
PongTimeout = 3600

[Options]
DNS = no
Ident = no
PAM = no
OperCanUseMode = no
"""


def ngircd(site: Site) -> list[str]:
    """ngircd in the foreground, without penalties or look-ups."""
    config = site.folder / "ngircd.conf"
    config.write_text(NGIRCD.format(port=site.port, user=pwd.getpwuid(os.geteuid()).pw_name))
    return [program("ngircd"), "--nodaemon", "--config", str(config)]


INSPIRCD = """\
<server name="irc.example.net" description="benchmark" network="benchmark">
<admin name="benchmark" nick="benchmark" email="benchmark@example.net">
<bind address="127.0.0.1" port="{port}" type="clients">
<connect name="main" allow="*" timeout="60" pingfreq="1h" hardsendq="64M" softsendq="64M" recvq="1M"
         threshold="100000000" commandrate="100000000" fakelag="no" localmax="100000" globalmax="100000"
         maxconnwarn="no" limit="100000" resolvehostnames="no" useident="no" maxchans="100">
<class name="nobody" commands="" privs="">
<performance netbuffersize="65534" somaxconn="4096" softlimit="100000" clonesonconnect="no" quietbursts="yes"
             timeskipwarn="0">
<options defaultmodes="n">
<security maxtargets="20">
<limits maxnick="20" maxline="512" maxchan="64" maxuser="20">
<path configdir="{folder}" datadir="{folder}" logdir="{folder}" runtimedir="{folder}">
<pid file="{folder}/inspircd.pid">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="{folder}/inspircd.log">
"""


def inspircd(site: Site) -> list[str]:
    """InspIRCd in the foreground, without throttling, fake lag or look-ups."""
    config = site.folder / "inspircd.conf"
    config.write_text(INSPIRCD.format(port=site.port, folder=site.folder))
    as_root = ["--runasroot"] if os.geteuid() == 0 else []
    return [program("inspircd"), "--nofork", "--nolog", *as_root, "--config", str(config)]


IRC = frozenset({"lines", "irc"})
PACKAGED = (
    Peer("ncat", "ncat", ncat, partial(first_line, "ncat"), joining=8, most_members=1_000, rooms=False),
    Peer("ngircd", "irc", ngircd, partial(first_line, "ngircd"), joining=10, over=IRC),
    Peer("inspircd", "irc", inspircd, partial(first_line, "inspircd"), joining=1_000, over=IRC),
)
