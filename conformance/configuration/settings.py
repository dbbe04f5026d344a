"""The settings of a run, as values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = [
    "SECRETS",
    "AuthorizingApplication",
    "ClientCertificate",
    "Configuration",
    "OtherApplication",
    "ProviderSettings",
    "TargetSettings",
    "Untestable",
    "Waiver",
    "inside",
]
SECRETS: dict[tuple[str, ...], str] = {
    ("target", "access_token"): "ACCESS_TOKEN",
    ("target", "app_key"): "APP_KEY",
    ("target", "client_cert_password"): "CLIENT_CERT_PASSWORD",
    ("provider", "secret"): "SECRET",
    ("provider", "other_secret"): "OTHER_SECRET",
    ("provider", "other_app_key"): "OTHER_APP_KEY",
    ("provider", "static", "expired_token"): "EXPIRED_TOKEN",
    ("provider", "static", "second_application", "access_token"): "SECOND_ACCESS_TOKEN",
    ("provider", "static", "second_application", "app_key"): "SECOND_APP_KEY",
}
"""The keys whose values are secret, each with the name that stands for its value in reports."""


@dataclass(frozen=True)
class ClientCertificate:
    """What the suite identifies itself with to the target; the key may stand in the same file."""

    file: Path | None = None
    key: Path | None = None
    password: str | None = None


@dataclass(frozen=True)
class OtherApplication:
    """An application that has not authorised the caller."""

    app_key: str | None = None
    app_id: str | None = None
    secret: str | None = None
    device_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class AuthorizingApplication:
    """An application that has authorised the caller."""

    app_id: str | None = None
    device_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class TargetSettings:
    """[target]: where the implementation is and how to call it.

    timeout is in seconds; calls_per_minute 0: it has no threshold. pace_folder: what all machines of a distributed run
    see, to keep one pace by. embedded: it is the suite's own implementation, in this process, which no proxy leads to.
    """

    base_url: str
    app_key: str
    access_token: str | None
    app_id: str
    calls_per_minute: int = 100
    timeout: float = 10.0
    ca_bundle: Path | None = None
    client_certificate: ClientCertificate = ClientCertificate()
    verify_hostname: bool = True
    pace_folder: Path | None = None
    embedded: bool = False

    @property
    def https(self) -> bool:
        """Whether the base URL is https."""
        return self.base_url.startswith("https:")


@dataclass(frozen=True)
class ProviderSettings:
    """[provider]: how the target is brought into states.

    settle_time: seconds without any progress after which a revocation counts as not carried out. watch_time: seconds in
    which an effect that must not be may still turn up.
    """

    kind: str | None = None
    url: str | None = None
    secret: str | None = None
    device_ids: tuple[str, ...] = ()
    other: OtherApplication = OtherApplication()
    authorizing: AuthorizingApplication = AuthorizingApplication()
    settle_time: float = 30.0
    watch_time: float = 3.0
    static: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Waiver:
    """[[waiver]]: a known deviation of a requirement or a case, accepted until the end of a day."""

    requirement: str | None
    case: str | None
    reason: str
    owner: str
    expires: dt.date


@dataclass(frozen=True)
class Untestable:
    """[[untestable]]: a requirement that this target gives no means to test."""

    requirement: str
    reason: str


@dataclass(frozen=True)
class Configuration:
    """Everything that a run is told from outside."""

    target: TargetSettings
    provider: ProviderSettings
    waivers: tuple[Waiver, ...] = ()
    untestable: tuple[Untestable, ...] = ()
    requirements: str | None = None
    """The release whose requirements count for the verdict; None: the newest."""

    def secrets(self) -> Iterator[tuple[str, str]]:
        """Each secret value, with the name that stands for it in reports."""
        target, provider = self.target, self.provider
        values: dict[str, Any] = {
            "target": {
                "access_token": target.access_token,
                "app_key": target.app_key,
                "client_cert_password": target.client_certificate.password,
            },
            "provider": {
                "secret": provider.secret,
                "other_secret": provider.other.secret,
                "other_app_key": provider.other.app_key,
                "static": provider.static,
            },
        }
        for keys, name in SECRETS.items():
            if secret := inside(values, *keys):
                yield secret, name


def inside(table: Any, *keys: str) -> str | None:
    """The string in TABLE that KEYS lead to; None when there is none, or something else on the way."""
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    return table if isinstance(table, str) else None
