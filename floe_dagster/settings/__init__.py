"""Settings: the platform manifest `floe.yaml`, read once.

Every value may hold `${NAME}` or `${NAME:-default}`, read from the environment; secrets come only so, and
no message or repr shows what a variable held. An unknown key is an error that names the nearest known one.
Relative paths start at the manifest's folder.
"""

from __future__ import annotations

from floe_dagster.settings.engine import Engine, engine_of
from floe_dagster.settings.home import store_url
from floe_dagster.settings.lineage import Lineage, TransportSettings
from floe_dagster.settings.manifest import load_settings
from floe_dagster.settings.model import (
    Alerting,
    Cadence,
    ChannelSettings,
    Grading,
    GreatExpectations,
    Incidents,
    RateLimit,
    Reports,
    Response,
    Retention,
    Route,
    Samples,
    Settings,
    SupportRoute,
)
from floe_dagster.settings.section import Section
from floe_dagster.settings.suites import SuiteFolder

__all__ = [
    "Alerting",
    "Cadence",
    "ChannelSettings",
    "Engine",
    "Grading",
    "GreatExpectations",
    "Incidents",
    "Lineage",
    "RateLimit",
    "Reports",
    "Response",
    "Retention",
    "Route",
    "Samples",
    "Section",
    "Settings",
    "SuiteFolder",
    "SupportRoute",
    "TransportSettings",
    "engine_of",
    "load_settings",
    "store_url",
]
