"""Puts a run together from its configuration: redaction, pace, client, provider."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from conformance import provider
from conformance.run import Run
from conformance.target.budget import Budget
from conformance.target.client import Client
from conformance.target.configuration import Configuration
from conformance.target.pacing import Pacer
from conformance.target.redaction import Redaction

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
    redaction.learn(settings.access_token, "ACCESS_TOKEN")
    redaction.learn(settings.app_key, "APP_KEY")
    redaction.learn(settings.client_cert_password, "CLIENT_CERT_PASSWORD")
    redaction.learn(configuration.provider.secret, "SECRET")
    redaction.learn(configuration.provider.other_secret, "OTHER_SECRET")
    pacer = Pacer(settings.calls_per_minute, shared=shared, on_wait=on_wait, budget=budget)
    client = Client(settings, pacer, budget)
    states, token = provider.make(configuration, client, redaction, shared)
    return Run(configuration, client, states, redaction, token)
