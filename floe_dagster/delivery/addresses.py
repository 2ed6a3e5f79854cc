"""Addresses: which of the addresses of a host a letter may be carried to.

URLs come from the operator's manifest and never from a contract, and receivers such as Alertmanager are
private by nature, so loopback and private networks are allowed. What no receiver of alerts has is refused:
addresses where a cloud hands out credentials, link-local and multicast ones, and those that mean "this host".
Who carries the letter connects to an address that was looked at here, since a name may resolve differently
the next time it is asked.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from floe_dagster.errors import DeliveryError

Resolve = Callable[[str, int], Iterable[str]]
"""host and port in, addresses out; raises OSError where the name does not resolve"""

METADATA = frozenset(
    map(
        ip_address,
        # AWS and compatible, Google, Alibaba, Azure, Oracle; those in 169.254.0.0/16 are link-local anyway
        ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
    )
)
_THIS_HOST = ip_network("0.0.0.0/8")
_NAT64 = ip_network("64:ff9b::/96")


def resolve(host: str, port: int) -> tuple[str, ...]:
    """The addresses of a host, as the system has them, each once."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(each[4][0]) for each in answers))


def allowed(host: str, port: int, ask: Resolve = resolve) -> tuple[str, ...]:
    """The addresses of the host that a letter may be carried to, never empty.

    Raises:
        DeliveryError: the host does not resolve (try again), or only to addresses that are refused (do not).
    """
    try:
        found = tuple(ask(host, port))
    except (OSError, UnicodeError) as error:
        raise DeliveryError(f"{host} does not resolve: {error}") from error
    good = tuple(each for each in found if not refusal(each))
    if good:
        return good
    if not found:
        raise DeliveryError(f"{host} does not resolve to any address")
    raise DeliveryError(f"{host} is {found[0]}, {refusal(found[0])}; set another URL", retry=False)


def refusal(address: str) -> str:
    """Why nothing is carried to this address, or an empty text where something may be."""
    ip = ip_address(address)
    for each in (ip, *_within(ip)):
        if each in METADATA:
            return "an address where a cloud hands out credentials"
        if each.is_link_local:
            return "a link-local address, where a cloud hands out credentials"
        if each.is_multicast:
            return "a multicast address"
        if each.is_unspecified or each in _THIS_HOST or (each.is_reserved and each.version == 4):
            return "an address that no receiver can have"
    return ""


def _within(ip: IPv4Address | IPv6Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that an IPv6 address stands for."""
    if isinstance(ip, IPv4Address):
        return ()
    last = IPv4Address(int(ip) & 0xFFFFFFFF)
    inner = (ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ()), last if ip in _NAT64 else None)
    return tuple(each for each in inner if each is not None)
