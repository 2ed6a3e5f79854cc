"""OpenLineage: what the OpenLineage client is configured with, as transports of ours.

Read as its version 1.54 does (`OpenLineageClient.config`): a file, which counts more than variables, and the
short variables `OPENLINEAGE_URL`, `_ENDPOINT` and `_API_KEY`. The client itself is not asked: it changes the
environment, connects while it is made, and prints events where nothing is configured. What cannot be carried
as it is configured stands in `Settings.broken`, without a value.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin

from floe_dagster.contract.loader import MAX_BYTES, load
from floe_dagster.contract.wording import quoted
from floe_dagster.settings.lineage import TransportSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from floe_dagster.settings.model import Settings

NAME: Final = "openlineage"
_PREFIX: Final = "OPENLINEAGE__"
_SHORT: Final = "default_http"
_ENDPOINT: Final = "api/v1/lineage"

Config = dict[str, Any]


class _NotCarriedError(Exception):
    """Why a transport cannot be carried as it is configured, without a value."""


def with_client(settings: Settings, environ: Mapping[str, str]) -> Settings:
    """The settings with the transports of the OpenLineage client, where the manifest asks for them."""
    lineage = settings.lineage
    if not lineage.openlineage_client:
        return settings
    if environ.get("OPENLINEAGE_DISABLED", "").strip().lower() == "true":
        rest = {name: each for name, each in settings.broken.items() if not name.startswith("lineage.")}
        off = lineage.model_copy(update={"file": None, "transports": {}})
        return settings.model_copy(update={"lineage": off, "broken": rest})
    transports, broken = dict(lineage.transports), dict(settings.broken)
    try:
        for name, config in _flat(NAME, _config(settings.root, environ).get("transport")):
            try:
                transports[name] = TransportSettings.model_validate(_ours(config))
            except _NotCarriedError as reason:
                broken[f"lineage.{name}"] = f"the transport {name} of the OpenLineage client: {reason}"
    except _NotCarriedError as reason:
        broken[f"lineage.{NAME}"] = str(reason)
    return settings.model_copy(
        update={"lineage": lineage.model_copy(update={"transports": transports}), "broken": broken}
    )


def _config(folder: Path, environ: Mapping[str, str]) -> Config:
    return _merged(_of_variables(environ), _of_file(folder, environ))


def _of_variables(environ: Mapping[str, str]) -> Config:
    config: Config = {}
    for name in sorted((each for each in environ if each.startswith(_PREFIX)), reverse=True):
        *way, last = name.removeprefix(_PREFIX).lower().split("__")
        here = config
        for each in way:
            inner = here.setdefault(each, {})
            here = inner if isinstance(inner, dict) else here
        here[last] = _value(environ[name])
    if not (url := environ.get("OPENLINEAGE_URL")):
        return config
    transport = config.setdefault("transport", {})
    short: Config = {"type": "http", "url": url, "endpoint": environ.get("OPENLINEAGE_ENDPOINT") or _ENDPOINT}
    if key := environ.get("OPENLINEAGE_API_KEY"):
        short["auth"] = {"type": "api_key", "apiKey": key}
    if isinstance(transport, dict):
        transports = transport.setdefault("transports", {})
        if isinstance(transports, dict):
            transports.setdefault(_SHORT, short)
        if transport.get("type") == "async_http":
            config["transport"] = {**short, **transport}
            config["transport"]["type"] = "async_http"
    return config


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _of_file(folder: Path, environ: Mapping[str, str]) -> Config:
    named = environ.get("OPENLINEAGE_CONFIG")
    home = environ.get("HOME")
    candidates = (
        *((folder / named,) if named else ()),
        folder / "openlineage.yml",
        *((Path(home) / ".openlineage" / "openlineage.yml",) if home else ()),
    )
    file = next((each for each in candidates if each.is_file()), None)
    if file is None:
        return {}
    try:
        with file.open("rb") as stream:
            tree = load(stream.read(MAX_BYTES + 4).decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        raise _NotCarriedError(f"{file} cannot be read; see that it is UTF-8, and whose it is") from None
    if tree.problems:
        # what is wrong may quote a line, and a key may stand in it
        raise _NotCarriedError(f"{file}:{tree.problems[0].line}: this is not YAML that can be used")
    if not isinstance(tree.value, dict):
        return {}
    return tree.value


def _merged(under: Config, over: Config) -> Config:
    merged = dict(under)
    for key, value in over.items():
        here = merged.get(key)
        merged[key] = _merged(here, value) if isinstance(here, dict) and isinstance(value, dict) else value
    return merged


def _flat(name: str, transport: object) -> Iterator[tuple[str, Config]]:
    """Every transport that carries, by name: those of a composite one by one, and none that only prints."""
    if not isinstance(transport, dict):
        return
    inner = transport.get("transports")
    match transport.get("type"):
        case "console" | "noop":
            return
        case "composite" | None if isinstance(inner, dict):
            for each, config in inner.items():
                yield from _flat(f"{name}.{each}", config)
        case "composite" if isinstance(inner, list):
            for number, config in enumerate(inner, 1):
                given = config.get("name") if isinstance(config, dict) else None
                yield from _flat(f"{name}.{given or number}", config)
        case None:
            return
        case _:
            yield name, transport


def _ours(config: Config) -> Config:
    match config["type"]:
        case "http" | "async_http":
            return _http(config)
        case "kafka":
            key = config.get("messageKey") or config.get("messagekey") or config.get("message_key")
            ours: Config = {name: config[name] for name in ("topic", "config") if name in config}
            return {**ours, "type": "kafka", **({"message_key": key} if key else {})}
        case "file":
            return _file(config)
        case other:
            raise _NotCarriedError(f"its type is {quoted(str(other))}; only http, kafka and file are carried")


def _http(config: Config) -> Config:
    if config.get("verify") is False or any(
        config.get(each) for each in ("sslContext", "ssl_context", "sslcontext")
    ):
        raise _NotCarriedError("certificates are verified as the system does; remove verify and sslContext")
    auth = config.get("auth") or {}
    auth = auth if isinstance(auth, dict) else {}
    if auth and auth.get("type") != "api_key":
        raise _NotCarriedError("it authenticates by something else than an api_key")
    key = auth.get("apiKey") or auth.get("apikey") or auth.get("api_key")
    url, endpoint = config.get("url"), config.get("endpoint")
    return {
        "type": "http",
        "url": urljoin(str(url), str(endpoint or _ENDPOINT)) if url else "",
        "endpoint": "",
        "headers": config.get("custom_headers") or {},
        **({"api_key": str(key)} if key else {}),
    }


def _file(config: Config) -> Config:
    path = str(config.get("log_file_path") or "")
    if not config.get("append"):
        raise _NotCarriedError("set append: true; a file for each event is not written")
    if "://" in path or config.get("filesystem") or config.get("storage_options"):
        raise _NotCarriedError("only files on a disk are written")
    return {"type": "file", "path": path}
