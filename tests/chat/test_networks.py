"""Networks: what can be one, how wide it may be, and where an address is counted."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.refusals import BadInput
from chatroom.chat.rules.masks import Marks, Masks
from chatroom.chat.syntax.networks import forms, is_local, network, numbered, place_of, read_network


@pytest.mark.parametrize(
    ("widest", "too_wide"),
    [("9.0.0.0/8", "8.0.0.0/7"), ("2001:e000::/19", "2001:c000::/18")],
)
def test_a_network_may_be_as_wide_as_the_bound_and_no_wider(widest, too_wide):
    assert network(widest) == widest
    with pytest.raises(BadInput):
        network(too_wide)


@pytest.mark.parametrize(
    "text",
    ["127.0.0.1", "127.255.255.255", "126.0.0.0/7", "::1", "::/64", "::ffff:127.0.0.1", "::ffff:0:0/95", "::/95"],
)
def test_this_machine_is_no_network_of_others(text):
    with pytest.raises(BadInput):
        network(text)


def test_the_neighbours_of_this_machine_are():
    assert network("126.255.255.255") == "126.255.255.255/32"
    assert network("128.0.0.0/8") == "128.0.0.0/8"


def test_blanks_around_are_passed_over_and_an_interface_is_not():
    assert network("  192.0.2.7\t") == "192.0.2.7/32"
    with pytest.raises(BadInput):
        network("fe80::1%eth0")


def test_what_is_longer_than_any_network_is_none():
    assert network("192.0.2.7/".ljust(62, "0") + "32") == "192.0.2.7/32"
    with pytest.raises(BadInput):
        network("192.0.2.7/".ljust(63, "0") + "32")


def test_bits_behind_the_prefix_are_dropped():
    assert network("192.0.2.77/24") == "192.0.2.0/24"


@given(st.integers(0, 2**32 - 1), st.integers(8, 32))
def test_a_network_in_the_clothes_of_ipv6_is_the_ipv4_network(number, length):
    quad = ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))
    try:
        plain = network(f"{quad}/{length}")
    except BadInput:
        with pytest.raises(BadInput):
            network(f"::ffff:{quad}/{length + 96}")
    else:
        assert network(f"::ffff:{quad}/{length + 96}") == plain


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_a_place_by_itself(address):
    assert place_of(str(address)) == str(address) == place_of(f"::ffff:{address}")


@given(st.ip_addresses(v=6, network="2001:db8::/32"), st.integers(0, 2**64 - 1))
def test_all_of_one_64_are_in_one_place_and_the_next_64_is_another(address, end):
    number = int(address)
    neighbour = (number >> 64 << 64) | end
    place = place_of(str(address))
    assert place == place_of(str(type(address)(neighbour))) and place.endswith("/64")
    assert place != place_of(str(type(address)(number ^ 1 << 64)))
    assert network(place) == place


@pytest.mark.parametrize("loopback", ["::1", "::1%lo"])
def test_this_machine_is_a_place_of_its_own(loopback):
    assert place_of(loopback) == "::1" != place_of("::2")


def test_what_is_no_address_is_its_own_place():
    assert place_of("nonsense") == "nonsense" and place_of("") == ""


@pytest.mark.parametrize("address", ["", "127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"])
def test_who_is_local(address):
    assert is_local(address)


@pytest.mark.parametrize("address", ["126.255.255.255", "128.0.0.1", "192.0.2.7", "::2", "nonsense"])
def test_who_is_not(address):
    assert not is_local(address)


def test_an_address_is_a_version_and_a_number_with_an_interface_or_without():
    assert numbered("0.0.1.2") == (4, 258)
    assert numbered("fe80::1%eth0") == numbered("fe80::1") == (6, 0xFE80 << 112 | 1)
    assert numbered("::ffff:0.0.1.2") == (4, 258)
    assert numbered("nonsense") == (0, 0)


def test_a_network_is_read_as_the_bits_of_its_prefix():
    assert read_network("192.0.2.0/24") == (4, 24, 0xC00002)
    assert read_network("2001:db8::/32") == (6, 32, 0x20010DB8)


# IPv6 addresses that carry an IPv4 address.

CARRIERS = {
    "6to4": lambda v4, rest: 0x2002 << 112 | v4 << 80 | rest & (1 << 80) - 1,
    "NAT64": lambda v4, rest: 0x64_FF9B << 96 | v4,
    "local NAT64": lambda v4, rest: 0x64_FF9B_0001 << 80 | (rest & (1 << 48) - 1) << 32 | v4,
    "Teredo": lambda v4, rest: 0x2001_0000 << 96 | (rest & (1 << 64) - 1) << 32 | v4 ^ 0xFFFF_FFFF,
    "mapped": lambda v4, rest: 0xFFFF << 32 | v4,
    "compatible": lambda v4, rest: v4,
}
"""How each kind of address is built, from an IPv4 address and bits that somebody is free to choose."""

CARRIED = [
    "2002:c000:207::1",
    "2002:c000:207:ffff::9",
    "64:ff9b::192.0.2.7",
    "64:ff9b:1::c000:207",
    "64:ff9b:1:a:b:c:192.0.2.7",
    "2001:0:4136:e378:8000:63bf:3fff:fdf8",
    "::ffff:192.0.2.7",
    "::192.0.2.7",
]
"""192.0.2.7 in all of them."""


@pytest.mark.parametrize("address", CARRIED)
def test_a_ban_and_the_limits_hold_however_the_address_is_carried(address):
    held = Masks()
    held.add("address:192.0.2.0/24")

    assert list(held.matching(Marks("", "", (address,)))) == ["address:192.0.2.0/24"]
    assert place_of(address) == "192.0.2.7"
    assert network(address) == "192.0.2.7/32"


@given(st.ip_addresses(v=4), st.sampled_from(sorted(CARRIERS)), st.integers(0, 2**80 - 1), st.integers(8, 32))
def test_every_carried_address_is_the_address_itself(address, kind, rest, length):
    carried = str(IPv6Address(CARRIERS[kind](int(address), rest)))
    if address.is_loopback or int(address) >> 24 == 0:
        assert kind == "mapped" or forms(carried) == (numbered(carried),)
        return
    held, whole = Masks(), network(f"{address}/{length}")
    held.add(f"address:{whole}")

    assert place_of(carried) == str(address)
    assert list(held.matching(Marks("", "", (carried,)))) == [f"address:{whole}"]
    assert network(carried) == f"{address}/32"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2002:c000:207::/48", "192.0.2.7/32"),
        ("2002:c000:200::/40", "192.0.2.0/24"),
        ("2002:c000:207:5::/64", "192.0.2.7/32"),
        ("64:ff9b::192.0.2.0/120", "192.0.2.0/24"),
        ("2001:0:1:2:3:4:3fff:fd00/120", "192.0.2.0/24"),
        # A whole way of carrying, or a server of it, is no network of IPv4.
        ("2001::/32", "2001::/32"),
        ("2001:0:4136:e378::/64", "2001:0:4136:e378::/64"),
        ("64:ff9b::/96", "64:ff9b::/96"),
        ("2002:8000::/20", "2002:8000::/20"),
    ],
)
def test_a_network_that_carries_another_is_written_as_that(text, said):
    assert network(text) == network(said) == said


def test_a_whole_way_of_carrying_can_be_banned():
    held = Masks()
    held.add("address:2001::/32")
    held.add("address:192.0.2.0/24")

    assert list(held.matching(Marks("", "", (CARRIED[5],)))) == ["address:2001::/32", "address:192.0.2.0/24"]
    assert list(held.matching(Marks("", "", ("192.0.2.7",)))) == ["address:192.0.2.0/24"]


@pytest.mark.parametrize("address", ["2002:7f00:1::1", "64:ff9b::127.0.0.1", "2001::80ff:fffe", "::127.0.0.1"])
def test_nobody_becomes_this_machine_by_carrying_its_address(address):
    assert not is_local(address) and place_of(address).endswith("/64")
    assert forms(address) == ((6, int(IPv6Address(address))),)


def test_what_is_trusted_goes_by_the_address_itself():
    """The number for lists of trusted networks never comes from an address that anybody could make up."""
    assert numbered("2002:a00:1::1")[0] == 6 and forms("2002:a00:1::1")[-1] == (4, int(IPv4Address("10.0.0.1")))
