"""Formats: the named text formats of ODCS, as patterns that every engine runs alike.

email: the HTML standard's pattern for `input type=email`. hostname: RFC 1123, labels of at most 63
characters. uuid: RFC 9562, any version. uri: RFC 3986, with a scheme and its characters only. ipv4: four
decimal numbers up to 255 without leading zeros. ipv6: RFC 4291 text forms, without a zone. byte: base64 of
RFC 4648 with its padding, as OpenAPI calls it.
"""

from __future__ import annotations

_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = f"{_LABEL}(\\.{_LABEL})*"
_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = f"({_OCTET}\\.){{3}}{_OCTET}"
_H16 = "[0-9A-Fa-f]{1,4}"
_LS32 = f"({_H16}:{_H16}|{_IPV4})"


def _ipv6() -> str:
    """The nine alternatives of RFC 3986's `IPv6address`, by how much stands before the double colon."""
    before = [f"(({_H16}:){{0,{most}}}{_H16})?" for most in range(7)]
    forms = [
        f"({_H16}:){{6}}{_LS32}",
        f"::({_H16}:){{5}}{_LS32}",
        *(f"{before[4 - count]}::({_H16}:){{{count}}}{_LS32}" for count in (4, 3, 2, 1)),
        f"{before[4]}::{_LS32}",
        f"{before[5]}::{_H16}",
        f"{before[6]}::",
    ]
    return f"^({'|'.join(forms)})$"


PATTERNS = {
    "byte": "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
    "email": f"^[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_HOST}$",
    "hostname": f"^{_HOST}$",
    "ipv4": f"^{_IPV4}$",
    "ipv6": _ipv6(),
    "uri": "^[A-Za-z][A-Za-z0-9+.-]*:([A-Za-z0-9._~:/?#@!$&'()*+,;=-]|\\[|\\]|%[0-9A-Fa-f]{2})*$",
    "uuid": "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$",
}

LONGEST = {"hostname": 253, "email": 320}
