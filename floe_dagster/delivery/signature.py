"""Signature: proves to a receiver that a letter is ours and fresh, as Standard Webhooks has it.

Specification: https://github.com/standard-webhooks/standard-webhooks, symmetric signatures, `v1`. Pure; done
when the letter is carried, since receivers refuse a timestamp that is more than minutes old.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from floe_dagster.notify.letter import Post


def sign(letter: Post, now: datetime) -> dict[str, str]:
    """The letter's headers, with the time and one signature for each of its keys where it has any."""
    if not letter.signing_keys:
        return dict(letter.headers)
    stamp = str(int(now.timestamp()))
    signed = b".".join((letter.headers["webhook-id"].encode(), stamp.encode(), letter.body))
    signatures = (base64.b64encode(hmac.digest(key, signed, hashlib.sha256)) for key in letter.signing_keys)
    return {
        **letter.headers,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{each.decode()}" for each in signatures),
    }
