"""The proxy that the environment names for a URL: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx

from conformance.exceptions import UsageError

__all__ = ["configured", "proxy_for"]


def configured() -> Iterator[str]:
    """The URLs of all proxies that the environment names; user and password in them are secrets."""
    for kind, url in urllib.request.getproxies().items():
        if kind != "no":
            yield url if "://" in url else f"http://{url}"


def proxy_for(url: str) -> httpx.Proxy | None:
    """The proxy for URL, None when there is none; UsageError when the environment names one that can't be used."""
    parts = urlsplit(url)
    if urllib.request.proxy_bypass(parts.netloc):
        return None
    proxies = urllib.request.getproxies()
    name = parts.scheme if proxies.get(parts.scheme) else "all"
    given = proxies.get(name)
    if not given:
        return None
    try:
        proxy = httpx.Proxy(given if "://" in given else f"http://{given}")
    except (ValueError, httpx.InvalidURL):
        proxy = None
    if proxy is None or proxy.url.scheme not in ("http", "https") or not proxy.url.host:
        # The variable may hold a password, so it isn't repeated.
        raise UsageError(
            [f"{name.upper()}_PROXY names no http:// or https:// proxy; unset it, or name {parts.hostname} in NO_PROXY"]
        )
    return proxy
