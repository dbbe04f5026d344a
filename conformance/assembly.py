"""Puts a run together from its configuration: redaction, pace, client, provider."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from conformance import provider
from conformance.evidence.redaction import Redaction
from conformance.run import Run
from conformance.target import proxies
from conformance.target.budget import Budget
from conformance.target.client import Client
from conformance.target.configuration import Configuration
from conformance.target.pacing import Pacer

__all__ = ["assemble"]


def assemble(
    configuration: Configuration, budget: Budget, on_wait: Callable[[float], None], shared: Path | None = None
) -> Run:
    """A run for CONFIGURATION within BUDGET; on_wait is told the seconds of every wait.

    shared: the file by which the processes of a distributed run keep one pace. UsageError when a certificate file
    isn't usable.
    """
    settings = configuration.target
    redaction = Redaction()
    for secret, name in _secrets(configuration):
        redaction.learn(secret, name)
    redaction.learn_url(settings.base_url)
    redaction.learn_url(configuration.provider.url)
    for url in proxies.configured():
        redaction.learn_url(url)
    pacer = Pacer(settings.calls_per_minute, shared=shared, on_wait=on_wait, budget=budget)
    client = Client(settings, pacer, budget)
    states, token = provider.make(configuration, client, redaction, shared)
    return Run(configuration, client, states, redaction, token)


def _secrets(configuration: Configuration) -> Iterator[tuple[str | None, str]]:
    """What of CONFIGURATION is secret, each with the name of the variable that stands for it."""
    target, provider = configuration.target, configuration.provider
    yield target.access_token, "ACCESS_TOKEN"
    yield target.app_key, "APP_KEY"
    yield target.client_cert_password, "CLIENT_CERT_PASSWORD"
    yield provider.secret, "SECRET"
    yield provider.other_secret, "OTHER_SECRET"
    yield provider.other_app_key, "OTHER_APP_KEY"
    expired = provider.static.get("expired_token")
    yield expired if isinstance(expired, str) else None, "EXPIRED_TOKEN"
