"""Where letters may be carried to, and that they go to the address that was looked at."""

from __future__ import annotations

import ipaddress

import pytest

from floe_dagster.delivery.addresses import allowed, refusal, resolve
from floe_dagster.delivery.post import HttpClient
from floe_dagster.errors import DeliveryError
from floe_dagster.notify.letter import Post
from tests.delivery.parcels import START
from tests.delivery.receiver import receiver as a_receiver

REFUSED = [
    "169.254.169.254",
    "169.254.170.2",
    "169.254.0.1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "fe80::1",
    "fe80::a9fe:a9fe",
    "224.0.0.1",
    "239.255.255.250",
    "ff02::1",
    "0.0.0.0",
    "0.1.2.3",
    "::",
    "255.255.255.255",
    "240.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0.0.0.0",
    "2002:a9fe:a9fe::1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::6464:64c8",
]
ALLOWED = [
    "127.0.0.1",
    "::1",
    "10.0.0.7",
    "172.16.3.4",
    "192.168.1.10",
    "fd12:3456::1",
    "8.8.8.8",
    "2606:4700::1111",
    "::ffff:10.0.0.7",
    "64:ff9b::808:808",
]


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_no_receiver_has_is_refused_for_good(address):
    assert refusal(address)
    with pytest.raises(DeliveryError) as caught:
        allowed("hook.example", 443, lambda *_: [address])
    assert not caught.value.retry
    assert address in caught.value.message


@pytest.mark.parametrize("address", ALLOWED)
def test_receivers_may_be_public_private_or_here(address):
    assert not refusal(address)
    assert allowed("hook.example", 443, lambda *_: [address]) == (address,)


def test_of_several_addresses_those_that_are_allowed_are_kept_in_order():
    mixed = ["169.254.169.254", "10.0.0.1", "::", "10.0.0.2"]
    assert allowed("hook.example", 443, lambda *_: mixed) == ("10.0.0.1", "10.0.0.2")


@pytest.mark.parametrize(
    "spelling",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:169.254.169.254]/",
        "http://2852039166/",
        "http://0xa9fea9fe/",
        "http://0xa9.0xfe.0xa9.0xfe/",
        "http://0251.0376.0251.0376/",
        "http://169.254.43518/",
        "http://0/",
        "http://0.0.0.0/",
        "http://[::]/",
        "http://[fe80::1]/",
        "http://224.0.0.1/",
        "http://①⑥⑨.②⑤④.①⑥⑨.②⑤④/",
    ],
)
def test_no_spelling_of_a_refused_address_gets_through(spelling):
    with pytest.raises(DeliveryError):
        HttpClient().post(Post(url=spelling, body=b"{}", timeout_seconds=0.5), START)


@pytest.mark.parametrize(
    "url", ["ftp://10.0.0.1/", "file:///etc/passwd", "gopher://x/", "/only/a/path", "", "http://"]
)
def test_what_is_not_http_is_refused_for_good(url):
    with pytest.raises(DeliveryError) as caught:
        HttpClient().post(Post(url=url, body=b"{}"), START)
    assert not caught.value.retry


@pytest.mark.parametrize("trouble", [OSError("no such name"), UnicodeError("label too long")])
def test_a_name_that_does_not_resolve_may_do_so_later(trouble):
    def ask(*_):
        raise trouble

    with pytest.raises(DeliveryError) as caught:
        allowed("hook.example", 443, ask)
    assert caught.value.retry


def test_a_name_without_any_address_may_have_one_later():
    with pytest.raises(DeliveryError) as caught:
        allowed("hook.example", 443, lambda *_: [])
    assert caught.value.retry


def test_the_system_knows_this_host():
    assert "127.0.0.1" in resolve("127.0.0.1", 80)


def test_a_name_that_changes_its_mind_is_not_asked_twice():
    """DNS rebinding: harmless when it is looked at, the metadata service when it is connected to."""
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    with a_receiver() as server:
        url = f"http://rebinding.example:{server.server_port}/"
        assert (
            HttpClient(lambda *_: next(answers)).post(Post(url=url, body=b'{"id": 1}'), START) == "HTTP 202"
        )
        assert server.received[0][1]["Host"] == f"rebinding.example:{server.server_port}"
    assert next(answers) == ["169.254.169.254"]


def test_the_next_address_is_tried_where_nobody_is_at_the_first():
    with a_receiver() as server:
        url = f"http://two.example:{server.server_port}/"
        client = HttpClient(lambda *_: ["127.0.0.2", "127.0.0.1"])
        assert client.post(Post(url=url, body=b'{"id": 1}'), START) == "HTTP 202"
        assert client.knock(Post(url=url, body=b"")) == "two.example answers"
        assert len(server.received) == 1


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_no_proxy_of_the_environment_is_used(monkeypatch, variable):
    with a_receiver() as proxy, a_receiver() as server:
        monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.server_port}")
        HttpClient().post(Post(url=server.url, body=b'{"id": 1}'), START)
        assert len(server.received) == 1
        assert proxy.received == []


@pytest.mark.parametrize(
    ("host", "accepted"), [("hook.example", True), ("other.example", False), ("127.0.0.1", False)]
)
def test_over_tls_the_name_is_verified_and_not_the_address(monkeypatch, certificate, host, accepted):
    file, context = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    asked = []
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    with a_receiver() as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        letter = Post(url=f"https://{host}:{server.server_port}/", body=b'{"id": 1}')
        client = HttpClient(lambda *_: ["127.0.0.1"])
        if accepted:
            assert client.post(letter, START) == "HTTP 202"
            assert asked == ["hook.example"]
        else:
            with pytest.raises(DeliveryError, match="certificate"):
                client.post(letter, START)
            assert server.received == []


def test_the_addresses_of_the_list_are_addresses():
    assert all(ipaddress.ip_address(each) for each in (*REFUSED, *ALLOWED))
