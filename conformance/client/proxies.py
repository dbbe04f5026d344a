"""The proxy that the environment names for a URL: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY."""

from __future__ import annotations

import ipaddress
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx

from conformance.exceptions import UsageError

__all__ = ["SOCKS", "configured", "proxy_for"]

SOCKS = ("socks5", "socks5h")
"""The proxy resolves the name of the host in either case."""

SCHEMES = ("http", "https", *SOCKS)


def configured() -> Iterator[str]:
    """The URLs of all proxies that the environment names; user and password in them are secrets."""
    for kind, url in urllib.request.getproxies().items():
        if kind != "no":
            yield url if "://" in url else f"http://{url}"


def proxy_for(url: str) -> httpx.Proxy | None:
    """The proxy for URL, None when there is none; UsageError when the environment names one that can't be used.

    What listens on this machine's loopback is reached through a proxy only if that is on the loopback, too: another
    machine would look for it on its own.
    """
    parts = urlsplit(url)
    if urllib.request.proxy_bypass(parts.netloc):
        return None
    proxies = urllib.request.getproxies()
    name = parts.scheme if proxies.get(parts.scheme) else "all"
    given = proxies.get(name)
    if not given:
        return None
    given = given.strip()
    try:
        proxy = httpx.Proxy(given if "://" in given else f"http://{given}")
    except (ValueError, httpx.InvalidURL):
        proxy = None
    usable = proxy is not None and proxy.url.scheme in SCHEMES and bool(proxy.url.host)
    if _is_loopback(parts.hostname or "") and not (proxy is not None and _is_loopback(proxy.url.host)):
        return None
    if not usable:
        # The variable may hold a password, so it isn't repeated.
        problem = f"{name.upper()}_PROXY names no http://, https:// or socks5:// proxy"
        raise UsageError([f"{problem}; unset it, or name {parts.hostname} in NO_PROXY"])
    return proxy


def _is_loopback(host: str) -> bool:
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
