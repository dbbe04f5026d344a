"""The keys of a configuration file, and the environment variables that set the same."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "APPLICATION_KEYS",
    "CACHE_DIR",
    "DEVICE_KEYS",
    "LONGEST",
    "MOST",
    "ONLY_OPTIONS",
    "OTHER_VARIABLES",
    "PREFIX",
    "PROVIDER_KEYS",
    "SECTIONS",
    "STATIC_KEYS",
    "SUITE_KEYS",
    "TARGET_KEYS",
    "UNTESTABLE_KEYS",
    "VARIABLES",
    "WAIVER_KEYS",
    "Key",
    "variable_of",
]


@dataclass(frozen=True)
class Key:
    """A key of the file: its name, its type, and the option that sets it too."""

    name: str
    type: type
    flag: str | None = None


TARGET_KEYS = (
    Key("base_url", str, "--base-url"),
    Key("app_key", str),
    Key("access_token", str),
    Key("app_id", str),
    Key("calls_per_minute", int),
    Key("timeout", float),
    Key("ca_bundle", str),
    Key("client_cert", str),
    Key("client_key", str),
    Key("client_cert_password", str),
    Key("verify_hostname", bool),
    Key("pace_folder", str),
)
PROVIDER_KEYS = (
    Key("kind", str),
    Key("url", str),
    Key("secret", str),
    Key("device_ids", list),
    Key("other_app_key", str),
    Key("other_app_id", str),
    Key("other_secret", str),
    Key("other_device_ids", list),
    Key("authorizing_app_id", str),
    Key("authorizing_device_ids", list),
    Key("settle_time", float),
    Key("watch_time", float),
    Key("static", dict),
)
SUITE_KEYS = ("requirements",)
SECTIONS = ("target", "provider", "suite", "waiver", "untestable")
STATIC_KEYS = (
    "devices",
    "foreign_device",
    "unauthorized_app_id",
    "expired_token",
    "authorized_application",
    "second_application",
)
DEVICE_KEYS = ("id", "pending", "delivered", "app_id")
APPLICATION_KEYS = {
    "authorized_application": ("app_id", "device_id", "pending"),
    "second_application": ("app_key", "access_token", "app_id", "device_id", "pending"),
}
"""Keys of the tables of other applications under [provider.static]."""
WAIVER_KEYS = ("requirement", "case", "reason", "owner", "expires")
UNTESTABLE_KEYS = ("requirement", "reason")

LONGEST = 1_000_000
"""Seconds that anything may be told to take. The timers of some systems end at twice that; it is more than a week."""

MOST = 1_000_000
"""Calls, in a minute or in a run, that anything may be told to make; a run makes a few hundred."""

PREFIX = "CONFORMANCE_"
ONLY_OPTIONS = (
    "--allow-untested",
    "--config",
    "--exhaust-flow-control",
    "--max-calls",
    "--max-time",
    "--replay",
    "--reports",
    "--require-target",
    "--requirements",
    "--seed",
    "--slow",
    "--strict",
    "--write-waivers",
)
"""Options that no variable stands for."""


def variable_of(section: str, key: str) -> str:
    """The environment variable that sets KEY of SECTION."""
    return f"{PREFIX}{'PROVIDER_' if section == 'provider' else ''}{key.upper()}"


VARIABLES = tuple(
    variable_of(section, key.name)
    for section, keys in (("target", TARGET_KEYS), ("provider", PROVIDER_KEYS))
    for key in keys
)
"""The variables that say something about the target; any of them keeps the embedded one from being tested."""

CACHE_DIR = "CONFORMANCE_CACHE_DIR"
OTHER_VARIABLES = (CACHE_DIR, "CONFORMANCE_SOURCE")
"""The other variables of this prefix: where the cache is, and what ci/gitlab.yml installs."""
