"""The channels shelf: one channel per file. Pure: an alert and options in, a letter out.

Each module exposes `CHANNEL`; `open_channels` holds the manifest's channels against what stands here. A
channel that cannot be used is listed with the reason and disturbs no other.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, cast

from pydantic import BaseModel, ValidationError

from floe_dagster.errors import PluginError
from floe_dagster.notify.redact import default_detail
from floe_dagster.plugins import on_shelf

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic_core import ErrorDetails

    from floe_dagster.notify.letter import Channel
    from floe_dagster.notify.redact import Detail
    from floe_dagster.settings import ChannelSettings, Settings

GROUP = "floe.alert_channels"


class Destination(NamedTuple):
    """A channel with the options that it was given, and how much of an alert it may show."""

    channel: Channel
    options: BaseModel
    detail: Detail = "full"


@dataclass(frozen=True, slots=True)
class OpenChannels:
    """The manifest's channels, by name: each is either ready, or broken with what is wrong and what to do."""

    ready: Mapping[str, Destination]
    broken: Mapping[str, str]


def open_channels(settings: Settings) -> OpenChannels:
    """Every channel of the manifest, its options validated. No message holds a value: it may be secret."""
    kinds, trouble = _shelf()
    ready: dict[str, Destination] = {}
    broken = {
        name.removeprefix("channels."): reason
        for name, reason in settings.broken.items()
        if name.startswith("channels.")
    }
    for name, wanted in settings.alerts.channels.items():
        if name in broken:
            continue
        opened = _open(name, wanted, kinds, trouble)
        if isinstance(opened, str):
            broken[name] = opened
        else:
            ready[name] = opened._replace(detail=wanted.detail or default_detail(settings.environment))
    return OpenChannels(ready, broken)


def _shelf() -> tuple[Mapping[str, object], str]:
    try:
        return on_shelf(__name__, "CHANNEL", GROUP), ""
    except PluginError as error:
        # One distribution that does not load must not silence the channels that do.
        return on_shelf(__name__, "CHANNEL"), f"; installed channels were left out, because {error}"


def _open(name: str, wanted: ChannelSettings, kinds: Mapping[str, object], trouble: str) -> Destination | str:
    where = f"alerts.channels.{name}"
    if wanted.type not in kinds:
        return f'{where}.type: there is no channel "{wanted.type}"{_meant(wanted.type, kinds)}{trouble}'
    channel = cast("Channel", kinds[wanted.type])
    try:
        return Destination(channel, channel.options.model_validate(wanted.model_extra or {}))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        return "; ".join(_problem(where, channel.options, each) for each in problems)
    except (AttributeError, TypeError) as error:
        return f'{where}: the channel "{wanted.type}" is no channel ({error}); it needs `options` and `write`'


def _problem(where: str, options: type[BaseModel], problem: ErrorDetails) -> str:
    path = ".".join((where, *map(str, problem["loc"])))
    if problem["type"] == "extra_forbidden":
        return f"{path}: unknown key{_meant(str(problem['loc'][-1]), options.model_fields)}"
    return f"{path}: {problem['msg'].removeprefix('Value error, ')}"


def _meant(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    hint = f'; did you mean "{close[0]}"?' if close else ""
    return f"{hint or ';'} known are {', '.join(known)}"
