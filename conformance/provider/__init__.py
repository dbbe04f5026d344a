"""Brings the target into the state that a case needs: hook, northbound or static."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from conformance.client.client import Client
from conformance.configuration.settings import Configuration
from conformance.evidence.redaction import Redaction
from conformance.provider.absent import AbsentProvider
from conformance.provider.hook import HookProvider
from conformance.provider.login import Login
from conformance.provider.northbound import NorthboundProvider
from conformance.provider.platform import Platform
from conformance.provider.states import Provider
from conformance.provider.static import StaticProvider
from conformance.record.timeline import Timeline

__all__ = ["make"]


def make(
    configuration: Configuration,
    client: Client,
    redaction: Redaction,
    shared: Path | None = None,
    timeline: Timeline | None = None,
) -> tuple[Provider, Callable[[], str]]:
    """The provider of CONFIGURATION, and what gives the access token that is valid now.

    Args:
        configuration: which provider, and its settings.
        client: makes the provider's connections.
        redaction: learns the credentials that the provider comes by.
        shared: the file by which the processes of a distributed run keep one pace.
        timeline: is told what takes the provider time.
    """
    target, settings = configuration.target, configuration.provider

    def configured() -> str:
        return target.access_token or ""

    token = configured
    if settings.kind == "hook":
        url = settings.url or ""
        return HookProvider(url, client.channel_to(url), redaction, timeline), token
    if settings.kind == "northbound":
        channel, pacer = client.channel(), client.pacer
        if settings.secret:
            token = Login(target, settings.secret, channel, pacer, redaction, shared=shared).token
        own = Platform(target.base_url, target.app_key, token, channel, pacer)
        other, acting = None, None
        stranger, authorizing = settings.other, settings.authorizing
        if stranger.app_key and stranger.secret:
            others = replace(target, app_key=stranger.app_key, app_id=stranger.app_id or stranger.app_key)
            login = Login(others, stranger.secret, channel, pacer, redaction, shared=shared, prefix="other_")
            other = Platform(target.base_url, others.app_key, login.token, channel, pacer)
        if authorizing.app_id:
            acting = Platform(target.base_url, target.app_key, token, channel, pacer, acting_for=authorizing.app_id)
        return NorthboundProvider(settings, channel, own, other, acting), token
    if settings.kind == "static":
        return StaticProvider(settings.static), token
    return AbsentProvider(), token
