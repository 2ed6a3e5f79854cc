"""A receiver in a process of its own, which treats some of what arrives badly and writes down everything."""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.chaos.terms import Terms

_SLOW_SECONDS = 0.5
"""of the timeout"""


class Verdict(StrEnum):
    """What the receiver made of a letter."""

    ACCEPTED = "accepted"
    SLOW = "slow"
    """accepted, after a while"""
    LOST = "lost"
    """accepted, and nobody was told"""
    BUSY = "busy"
    """503"""
    LATER = "later"
    """503 with Retry-After"""
    HUNG = "hung"
    """nothing is answered, nothing is kept"""
    REFUSED = "refused"
    """410, each time"""

    @property
    def kept(self) -> bool:
        """Whether the receiver has the letter now."""
        return self in {Verdict.ACCEPTED, Verdict.SLOW, Verdict.LOST}


FAULTS = (Verdict.SLOW, Verdict.LOST, Verdict.BUSY, Verdict.LATER, Verdict.HUNG)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A letter that came.

    Attributes:
        at: by the clock of the run.
        id: of the event, by which a receiver drops repeats.
    """

    at: float
    channel: str
    id: str
    episode: str
    sequence: int
    verdict: Verdict


def refuses(terms: Terms, channel: str, id_: str) -> bool:
    """Whether that letter is refused for good, whenever it comes."""
    return random.Random(f"{terms.seed}/{channel}/{id_}").random() < terms.refused


def verdict_of(terms: Terms, channel: str, id_: str, time: int) -> Verdict:
    """What becomes of a letter that comes for the so-manieth time."""
    if refuses(terms, channel, id_):
        return Verdict.REFUSED
    chance = random.Random(f"{terms.seed}/{channel}/{id_}/{time}")
    return chance.choice(FAULTS) if chance.random() < terms.faults else Verdict.ACCEPTED


def receipts(journal: Path) -> list[Receipt]:
    """What came, in the order in which it came."""
    return [
        Receipt(**each | {"verdict": Verdict(each["verdict"])})
        for each in map(json.loads, journal.read_text().splitlines())
    ]


def receive(terms: Terms) -> None:
    """Receive until the process is ended."""
    asyncio.run(_Receiver(terms).listen())


class _Receiver:
    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._times = Counter[tuple[str, str]]()
        self._journal = os.open(terms.journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def listen(self) -> None:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0, backlog=200)
        made = self._terms.port.with_suffix(".new")
        made.write_text(str(server.sockets[0].getsockname()[1]))
        made.rename(self._terms.port)
        await server.serve_forever()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            channel, body = await _read(reader)
            await self._judged(self._write_down(channel, body), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # who was killed says no more
        finally:
            writer.close()

    def _write_down(self, channel: str, body: bytes) -> Verdict:
        event = json.loads(body)
        self._times[channel, event["id"]] += 1
        verdict = verdict_of(self._terms, channel, event["id"], self._times[channel, event["id"]])
        receipt = {
            "at": self._terms.clock().timestamp(),
            "channel": channel,
            "id": event["id"],
            "episode": event["data"]["episode"],
            "sequence": event["data"]["sequence"],
            "verdict": verdict,
        }
        os.write(self._journal, f"{json.dumps(receipt)}\n".encode())
        return verdict

    async def _judged(self, verdict: Verdict, writer: asyncio.StreamWriter) -> None:
        timeout = self._terms.timeout_seconds
        match verdict:
            case Verdict.LOST:
                return
            case Verdict.HUNG:
                await asyncio.sleep(3 * timeout)
                return
            case Verdict.SLOW:
                await asyncio.sleep(_SLOW_SECONDS * timeout)
                head = "202 Accepted"
            case Verdict.ACCEPTED:
                head = "202 Accepted"
            case Verdict.BUSY:
                head = "503 Busy"
            case Verdict.LATER:
                head = "503 Busy\r\nRetry-After: 2"
            case Verdict.REFUSED:
                head = "410 Gone"
        writer.write(f"HTTP/1.1 {head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()


async def _read(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
    request, *lines = head.split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}
    body = await reader.readexactly(int(headers["content-length"]))
    return request.split(" ")[1].strip("/"), body
