"""Masks: which people they match, and which networks are allowed."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.refusals import BadInput
from chatroom.chat.rules.masks import Marks, Masks
from chatroom.chat.syntax.networks import forms, network, place_of

addresses = st.ip_addresses().map(str)
close = st.sampled_from(["192.0.2.1", "192.0.2.9", "192.0.3.1", "2001:db8::1", "2001:db8::2", "2001:db9::1"])
lengths = st.integers(8, 32)


def of(*masks):
    held = Masks()
    for mask in masks:
        held.add(mask)
    return held


def matches(held, key="ann", party="p1", address="192.0.2.7"):
    return list(held.matching(Marks(key, party, (address,))))


def test_a_nick_a_party_and_a_network_are_matched_each_by_itself():
    held = of("nick:ann", "party:p1", "address:192.0.2.0/24")

    assert matches(held) == ["nick:ann", "party:p1", "address:192.0.2.0/24"]
    assert matches(held, key="bob", address="192.0.3.7") == ["party:p1"]
    assert matches(held, key="bob", party="p2", address="192.0.3.7") == []
    assert matches(held, key="p1", party="ann", address="") == []


def test_the_closest_network_comes_first():
    held = of("address:192.0.0.0/16", "address:192.0.2.7/32", "address:192.0.2.0/24", "address:2001:db8::/32")

    assert matches(held) == ["address:192.0.2.7/32", "address:192.0.2.0/24", "address:192.0.0.0/16"]
    assert matches(held, address="2001:db8::7") == ["address:2001:db8::/32"]


def test_what_is_discarded_matches_no_more():
    held = of("nick:ann", "address:192.0.2.0/24", "address:192.0.2.0/24")
    for mask in ("nick:ann", "nick:ann", "address:192.0.2.0/24", "address:192.0.2.0/24", "address:10.0.0.0/8"):
        held.discard(mask)

    assert matches(held) == []


def test_of_networks_of_one_size_only_the_discarded_one_matches_no_more():
    held = of("address:192.0.2.0/24", "address:198.51.100.0/24")
    held.discard("address:192.0.2.0/24")

    assert matches(held) == [] and matches(held, address="198.51.100.7") == ["address:198.51.100.0/24"]


@pytest.mark.parametrize("address", ["", "nonsense", "/run/chat.sock", "1.2.3", "fe80::1%eth0", "٤.٤.٤.٤", "1" * 9999])
def test_an_address_that_is_none_is_in_no_network(address):
    assert matches(of("address:0.0.0.0/8", "address:2000::/19"), address=address) == []


@pytest.mark.parametrize("address", ["192.0.2.7", "::ffff:192.0.2.7", "::FFFF:C000:207"])
def test_an_ipv4_address_in_the_clothes_of_ipv6_is_the_same(address):
    assert matches(of("address:192.0.2.0/24"), address=address) == ["address:192.0.2.0/24"]
    assert network(address) == "192.0.2.7/32" and place_of(address) == "192.0.2.7"


@pytest.mark.parametrize("mask", ["", "ann", "nick:", "host:example.org", "address:nonsense", "address:192.0.2.7/24"])
def test_what_is_no_mask_cannot_be_held(mask):
    with pytest.raises(ValueError, match=r"."):
        of(mask)
    with pytest.raises(ValueError, match=r"."):
        Masks().discard(mask)


@given(st.lists(st.tuples(close | addresses, lengths), max_size=30), close | addresses, st.data())
def test_exactly_the_networks_that_hold_an_address_match(networks, address, data):
    texts = {str(ip_network((ip_address(one), length), strict=False)) for one, length in networks}
    held = of(*(f"address:{text}" for text in texts))
    gone = data.draw(st.sets(st.sampled_from(sorted(texts)))) if texts else set()
    for text in gone:
        held.discard(f"address:{text}")
    homes = [ip_address(number.to_bytes(4 if version == 4 else 16)) for version, number in forms(address)]

    expected = {f"address:{text}" for text in texts - gone if any(home in ip_network(text) for home in homes)}
    assert set(matches(held, "bob", "p2", address)) == expected


def test_a_hundred_thousand_bans_take_as_long_to_look_through_as_a_few():
    held = of(*(f"address:{IPv4Address(0x0B000000 + number)}/32" for number in range(50_000)))
    for number in range(50_000):
        held.add(f"nick:n{number}")

    assert matches(held, "n49999", "p", "11.0.0.1") == ["nick:n49999", "address:11.0.0.1/32"]
    assert not any(matches(held, "ann", "p", str(IPv4Address(number))) for number in range(20_000))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("192.0.2.7", "192.0.2.7/32"),
        (" 192.0.2.7/24 ", "192.0.2.0/24"),
        ("10.1.2.3/8", "10.0.0.0/8"),
        ("2001:DB8::/32", "2001:db8::/32"),
        ("2001:db8:0:0::7/64", "2001:db8::/64"),
        ("::ffff:192.0.2.9/120", "192.0.2.0/24"),
        ("192.0.2.0/255.255.255.0", "192.0.2.0/24"),
    ],
)
def test_a_network_is_written_in_one_way(text, said):
    assert network(text) == network(said) == said


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("", "not a network address"),
        ("nonsense", "not a network address"),
        ("192.0.2", "not a network address"),
        ("192.0.2.7/33", "not a network address"),
        ("192.0.2.7/-1", "not a network address"),
        ("300.0.2.7", "not a network address"),
        ("٤.٤.٤.٤", "not a network address"),
        ("fe80::1%eth0/64", "not a network address"),
        ("1" * 1_000_000, "not a network address"),
        ("0.0.0.0/0", "too wide"),
        ("128.0.0.0/7", "too wide"),
        ("::/0", "too wide"),
        ("2000::/18", "too wide"),
        ("::ffff:0:0/96", "too wide"),
        ("::ffff:0:0/95", "too wide"),
        ("127.0.0.1", "this machine"),
        ("127.0.0.0/8", "this machine"),
        ("::1", "this machine"),
        ("::ffff:127.0.0.1", "this machine"),
        ("::/64", "too wide|this machine"),
    ],
)
def test_nonsense_and_everyone_are_refused(text, because):
    with pytest.raises(BadInput, match=because) as refused:
        network(text)
    assert len(str(refused.value)) < 160


@given(st.text(max_size=30) | st.text("0123456789abcdef.:/%", max_size=50))
def test_any_text_is_a_network_or_refused_and_has_a_place(text):
    assert isinstance(place_of(text), str)
    try:
        said = network(text)
    except BadInput as refusal:
        assert "\n" not in str(refusal)
    else:
        assert network(said) == said
        of(f"address:{said}")


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::7", "2001:db8::/64"),
        ("2001:db8::ffff:1:2:3:4", "2001:db8:0:ffff::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("", ""),
        ("/run/chat.sock", "/run/chat.sock"),
    ],
)
def test_places_are_where_people_are_counted_together(address, place):
    assert place_of(address) == place == place_of(place.partition("/64")[0])


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_everyone_of_one_64_is_in_one_place_and_a_mask_of_it_matches_them(one, bits):
    neighbour = IPv6Address(int(one) >> 64 << 64 | bits)
    if "/64" in place_of(str(one)) and "/64" in place_of(str(neighbour)):
        place = place_of(str(neighbour))
        assert place == place_of(str(one))
        assert matches(of(f"address:{place}"), "bob", "p2", str(one)) == [f"address:{place}"]
