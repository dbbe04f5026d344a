"""Brings the target into the state that a case needs: hook, northbound or static."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from conformance.provider.absent import AbsentProvider
from conformance.provider.hook import HookProvider
from conformance.provider.login import Login
from conformance.provider.northbound import NorthboundProvider
from conformance.provider.states import STATES, Device, Provider
from conformance.provider.static import StaticProvider
from conformance.target.client import Client
from conformance.target.configuration import Configuration
from conformance.target.redaction import Redaction

__all__ = ["STATES", "Device", "Provider", "make"]


def make(
    configuration: Configuration, client: Client, redaction: Redaction, shared: Path | None = None
) -> tuple[Provider, Callable[[], str]]:
    """The provider of CONFIGURATION, and what gives the access token that is valid now."""
    target, settings = configuration.target, configuration.provider

    def configured() -> str:
        return target.access_token or ""

    token = configured
    if settings.kind == "hook":
        url = settings.url or ""
        return HookProvider(url, client.channel_to(url)), token
    if settings.kind == "northbound":
        channel = client.channel()
        if settings.secret:
            token = Login(target, settings.secret, channel, client.pacer, redaction, shared=shared).token
        return NorthboundProvider(target, settings, channel, client.pacer, token), token
    if settings.kind == "static":
        return StaticProvider(settings.static), token
    return AbsentProvider(), token
