"""Options for every channel of the shelf, as they would stand in floe.yaml, with a canary in each secret."""

from __future__ import annotations

CANARY = "CANARY"
KEY = "whsec_Q0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZ"
"""`CANARY` over and over, in base64"""

OPTIONS = {
    "alertmanager": {"url": "http://127.0.0.1:9/CANARY", "authorization": "Bearer CANARY"},
    "apprise": {"url": "json://user:CANARY@127.0.0.1:9/CANARY"},
    "console": {},
    "email": {
        "host": "127.0.0.1",
        "port": 9,
        "user": "CANARY",
        "password": "CANARY",
        "sender": "floe@example.com",
        "to": ["data@example.com"],
    },
    "file": {"path": "alerts.jsonl"},
    "pagerduty": {"routing_key": "CANARY" + "0" * 26, "url": "http://127.0.0.1:9/CANARY"},
    "sentry": {"dsn": "http://CANARY@127.0.0.1:9/42"},
    "slack": {"url": "http://127.0.0.1:9/CANARY"},
    "teams": {"url": "http://127.0.0.1:9/?sig=CANARY"},
    "webhook": {
        "url": "http://127.0.0.1:9/CANARY",
        "headers": {"Authorization": "Bearer CANARY"},
        "secret": KEY,
    },
}
