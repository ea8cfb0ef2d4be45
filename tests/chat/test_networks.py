"""Networks: what can be one, how wide it may be, and where an address is counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.refusals import BadInput
from chatroom.chat.syntax.networks import is_local, network, numbered, place_of, read_network


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
