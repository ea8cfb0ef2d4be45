"""Client certificates: an account has their fingerprints, and SASL EXTERNAL logs in whoever has shown one by TLS."""

from __future__ import annotations

from base64 import b64encode
from functools import cache, partial
from ipaddress import ip_network

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256

from tests.certificates import Made, made, showing
from tests.doors.irc.raw import Irc
from tests.house import House, failures
from tests.link.carrying_house import CarryingHouse
from tests.wires import SecureWire

PASSWORD = "correct horse"


@cache
def laptop() -> Made:
    return made("ann's laptop")


@cache
def phone() -> Made:
    return made("phone", private=rsa.generate_private_key(65537, 2048), days=1, by=made("Nobody", authority=True))


def fingerprint(one: Made) -> str:
    return one.certificate.fingerprint(SHA256()).hex()


def shows(one: Made | None) -> partial[SecureWire]:
    """Make the connections of a client that shows the certificate *one*, if it is asked for one."""
    return partial(SecureWire, context=showing(one))


@pytest.fixture(params=[House, CarryingHouse], ids=["one process", "doors"])
def house(request):
    with failures() as found:
        yield request.param()
    assert found == []


def owner(house, nick="ann", one=None):
    """The owner of the account *nick*, who has just registered it with a client that has the certificate *one*."""
    client = Irc(house, nick, kind=shows(one))
    client.says(f"NS REGISTER {PASSWORD}")
    return client


def external(house, one, nick="ann", account=""):
    """What comes of a login by SASL EXTERNAL before there is a nick, and the client."""
    client = Irc(house, "", "sasl", kind=shows(one))
    client.says(f"NICK {nick}", f"USER {nick} 0 * :{nick}")
    client.says("AUTHENTICATE EXTERNAL")
    numbers = client.numbers(f"AUTHENTICATE {b64encode(account.encode()).decode() or '+'}")
    return numbers, client


def comes_in(house, one, nick="ann", account=""):
    numbers, client = external(house, one, nick, account)
    assert numbers == ["900", "903"]
    assert "001" in client.numbers("CAP END")
    return client


def logged_in(house, nick):
    return house.hub.core.people.named(nick).account


@pytest.mark.parametrize("which", [laptop, phone])
def test_whoever_has_added_their_certificate_comes_in_by_it(house, which):
    ann = owner(house, one=which())
    [added] = ann.says("NS CERT ADD")
    assert f"Added: certificate {fingerprint(which())}. It logs you in by IRC" in added.params[-1]
    [listed] = ann.says("NS CERT LIST")
    assert fingerprint(which()) in listed.params[-1] and "this session came by it" in listed.params[-1]
    ann.says("QUIT")

    comes_in(house, which())
    assert logged_in(house, "ann").nick == "ann"


def test_it_can_be_added_from_anywhere_as_openssl_writes_it(house):
    ann = owner(house)
    written = ":".join(fingerprint(laptop())[at : at + 2] for at in range(0, 64, 2)).upper()
    ann.says(f"PRIVMSG NickServ :CERT ADD sha256 Fingerprint={written}", "QUIT")

    client = comes_in(house, laptop())
    assert client.says("NS CERT DEL 7")[0].params[-1] == "You have no such key; /keys lists them."
    assert logged_in(house, "ann").nick == "ann"


def test_whoever_is_logged_in_for_the_first_time_by_what_somebody_added_is_told(house):
    owner(house).says(f"NS CERT ADD {fingerprint(laptop())}", "QUIT")

    _, client = external(house, laptop())
    assert any("for the first time" in one.params[-1] for one in client.says("CAP END"))
    client.says("QUIT")
    _, client = external(house, laptop())
    assert not any("for the first time" in one.params[-1] for one in client.says("CAP END"))


def test_whoever_adds_the_certificate_of_others_does_not_get_them(house):
    owner(house, "mallory").says(f"NS CERT ADD {fingerprint(laptop())}", "QUIT")

    numbers, client = external(house, laptop())
    assert numbers == ["904"] and "001" in client.numbers("CAP END")
    assert logged_in(house, "ann") is None
    client.says(f"NS REGISTER {PASSWORD}")
    assert "Added" in client.says("NS CERT ADD")[0].params[-1], "TLS has proven whose it is"
    client.says("QUIT")
    assert external(house, laptop(), "mallory", "mallory")[0] == ["904"]
    comes_in(house, laptop(), "phone", "ann")


def test_the_account_may_be_named_and_the_nick_be_another(house):
    ann = owner(house, one=laptop())
    ann.says("NS CERT ADD", "QUIT")
    owner(house, "bob").says("QUIT")

    assert external(house, laptop(), "phone", "bob")[0] == ["904"]
    assert external(house, laptop(), "phone", "\xff")[0] == ["904"]
    comes_in(house, laptop(), "phone", "ANN")
    assert logged_in(house, "phone").nick == "ann"


def test_nobody_comes_in_by_a_certificate_that_they_have_not_shown(house):
    ann = owner(house, one=laptop())
    ann.says("NS CERT ADD", "QUIT")

    for other in (None, phone(), made("ann's laptop")):
        client = Irc(house, "", kind=shows(other))
        listed = " ".join(one.params[-1] for one in client.says("CAP LS 302")).split()
        assert ("sasl=PLAIN,EXTERNAL" in listed) is (other is not None)
        numbers, client = external(house, other)
        assert numbers[-1] == "904" and "900" not in numbers
    plain = Irc(house, "", "sasl")
    assert plain.numbers("AUTHENTICATE EXTERNAL") == ["908", "904"]


def test_it_logs_in_later_too(house):
    owner(house, one=laptop()).says("NS CERT ADD", "QUIT")

    client = Irc(house, "guest", "sasl", kind=shows(laptop()))
    assert client.numbers("AUTHENTICATE EXTERNAL") == ["AUTHENTICATE"]
    assert client.numbers("AUTHENTICATE +") == ["900", "903"]
    assert logged_in(house, "guest").nick == "ann"


def test_who_came_by_a_certificate_goes_when_it_is_removed_and_others_stay(house):
    ann = owner(house, one=laptop())
    ann.says("NS CERT ADD")
    other = comes_in(house, laptop(), "other")

    [removed] = ann.says("NS CERT DEL 1")
    assert "Removed: certificate" in removed.params[-1]
    assert other.gone and not ann.gone, "ann has given her password"
    assert external(house, laptop(), account="ann")[0] == ["904"]


def test_a_certificate_that_is_removed_while_somebody_comes_in_lets_nobody_in(house):
    ann = owner(house, one=laptop())
    ann.says("NS CERT ADD")
    numbers, client = external(house, laptop(), "phone")
    assert numbers == ["900", "903"]

    ann.says(f"NS CERT DEL {fingerprint(laptop()).upper()}")
    client.says("CAP END")
    assert logged_in(house, "phone") is None


def test_a_password_is_no_certificate(house):
    """Who has shown a certificate and logs in by a password stays when the certificate goes."""
    ann = owner(house, one=laptop())
    ann.says("NS CERT ADD", "QUIT")
    client = comes_in(house, laptop())
    client.says("NS LOGOUT", f"NS IDENTIFY ann {PASSWORD}", "NS CERT DEL 1")
    assert not client.gone


def test_the_certificate_of_a_proxy_is_nobodys():
    house = House()
    owner(house, one=laptop()).says("NS CERT ADD", "QUIT")
    house.connection_limits.proxies = [ip_network("127.0.0.0/8")]
    assert external(house, laptop())[0][-1] == "904"


def test_only_its_owner_sees_it(house):
    ann, bob = owner(house, one=laptop()), Irc(house, "bob")

    assert "276" in ann.numbers("WHOIS ann") and "276" not in bob.numbers("WHOIS ann")
    assert fingerprint(laptop()) not in str(bob.says("WHOIS ann"))


def test_cert_explains_itself(house):
    ann = owner(house)
    for line in ("NS CERT NOPE", "NS CERT DEL"):
        assert ann.says(line)[0].params[-1].startswith("Usage: CERT")
    assert "You did not come by a key" in ann.says("NS CERT ADD")[0].params[-1]
    assert "/register" in Irc(house, "bob").says("NS CERT LIST")[0].params[-1]
