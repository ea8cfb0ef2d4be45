"""The addresses to listen on, as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.config.listen import LOOPBACK, MAX_PORT, host_and_port, link_address, link_listen, listen
from chatroom.config.values import Wrong

ports = st.integers(0, MAX_PORT)


@given(st.ip_addresses(), ports)
def test_every_address_of_ip_can_be_written_with_a_port(address, port):
    written = f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"

    assert host_and_port(written) == (str(address), port)


@given(ports)
def test_a_port_alone_is_of_this_machine(port):
    assert host_and_port(str(port)) == host_and_port(f"localhost:{port}") == (LOOPBACK, port)


@pytest.mark.parametrize(
    "written", ["tcp:4440", "tcp6:4440", "unix:/run/x", "ssl:4440", "systemd:domain=INET", "tcp:x"]
)
def test_the_type_of_an_endpoint_wins(written):
    assert host_and_port(written) is None and listen([written]) == [written]


@given(st.text(max_size=80) | st.text("0123456789.:[]", max_size=40))
def test_anything_else_is_refused_in_one_line(written):
    try:
        found = host_and_port(written)
    except Wrong as wrong:
        assert str(wrong).strip().isprintable() and len(str(wrong)) < 400
        with pytest.raises(Wrong) as caught:
            listen(["4440", written])
        assert caught.value.path == (1,)
    else:
        assert found is None or 0 <= found[1] <= MAX_PORT


@pytest.mark.parametrize("written", ["2429", "localhost:2429", "10.0.0.1:2429", "[::1]:2429"])
def test_links_are_taken_at_one_address(written):
    assert link_listen(written) == written


@pytest.mark.parametrize("written", ["tcp:2429", "unix:/run/x", "10.0.0.1", "", "one.example:2429"])
def test_links_are_taken_nowhere_else(written):
    with pytest.raises(Wrong, match=r"^ must be a port"):
        link_listen(written)


@pytest.mark.parametrize("written", ["one:1", "one.example:65535", "10.0.0.1:2429", "[2001:db8::1]:2429", "a_b-c:2"])
def test_a_machine_is_reached_by_name_or_address(written):
    assert link_address(written) == written


@pytest.mark.parametrize(
    "written",
    ["2429", ":2429", "one", "one:0", "one:65536", "::1:2429", "[one]:1", "a b:1", "-x:1", "one:1 ", "one:٣"],
)
def test_nothing_else_is_dialled(written):
    with pytest.raises(Wrong, match=r"^ must be a name or an address with a port"):
        link_address(written)
