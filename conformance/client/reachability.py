"""Says in one sentence why the target can't be reached, and what to do."""

from __future__ import annotations

from conformance.configuration.settings import TargetSettings
from conformance.contract import answer as answers
from conformance.evidence.exchange import Response, TransportError

__all__ = ["explain", "stranger"]

# What the libraries below say, lower-cased, and what it means to the person who configured the target.
SENTENCES = (
    (
        ("through the proxy",),
        "the proxy doesn't open the way to the server; check HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, or set NO_PROXY",
    ),
    (
        (
            "name or service not known",
            "nodename nor servname",
            "no address associated",
            "name resolution",
            "getaddrinfo",
        ),
        "the host name doesn't resolve; check the spelling of target.base_url (--base-url) and your DNS",
    ),
    (
        ("connection refused",),
        "the connection was refused; check the port in target.base_url (--base-url), and that the server is running",
    ),
    (
        ("hostname mismatch", "ip address mismatch", "doesn't match"),
        "the certificate is for another host; use its name in target.base_url, or set target.verify_hostname to false",
    ),
    (("certificate has expired",), "the server's certificate has expired; renew it"),
    (
        ("certificate_verify_failed", "certificate verify failed", "self-signed", "self signed"),
        "the server's certificate isn't trusted; name its authority's in target.ca_bundle (CONFORMANCE_CA_BUNDLE)",
    ),
    (
        ("certificate required", "certificate_required", "handshake failure", "handshake_failure", "bad certificate"),
        "the server asks for a client certificate that it accepts; set target.client_cert (CONFORMANCE_CLIENT_CERT)",
    ),
    (
        ("unsupported protocol", "protocol version", "no protocols available", "unsupported_protocol"),
        "the server offers no TLS version that is still considered safe (1.2 or newer); enable one",
    ),
    (
        ("no application protocol", "no_application_protocol"),
        "the server doesn't speak HTTP/1.1, only another version; offer HTTP/1.1 too",
    ),
    (
        (
            "wrong version number",
            "wrong_version_number",
            "record layer failure",
            "http_request",
            "unexpected eof",
            "packet length",
        ),
        "the port doesn't speak TLS; use an http:// base URL, or the server's https port",
    ),
    (
        ("no tls handshake within",),
        "the server took the connection and doesn't answer in TLS; does the port speak it? if not, use an http:// URL",
    ),
    (
        ("no connection within",),
        "the server doesn't take the connection in time; check the address, a firewall, or raise target.timeout",
    ),
    (
        ("network is unreachable", "no route to host"),
        "there is no route to the host; check the address in target.base_url (--base-url), a VPN or a proxy",
    ),
)


def explain(settings: TargetSettings, fault: TransportError) -> str:
    """One line about FAULT, the end of a call to the target of SETTINGS."""
    said = fault.message.lower()
    for marks, sentence in SENTENCES:
        if any(mark in said for mark in marks):
            return f"{settings.base_url}: {sentence} ({fault.message})"
    if fault.kind == "timeout":
        return (
            f"{settings.base_url}: the server took the connection and never answered ({fault.message}); "
            "look whether it hangs, or raise target.timeout (CONFORMANCE_TIMEOUT)"
        )
    if fault.kind == "broken" and settings.https and settings.client_certificate.file is None:
        return (
            f"{settings.base_url}: no HTTP answer came ({fault.message}); "
            "if the server asks for a client certificate, set target.client_cert (CONFORMANCE_CLIENT_CERT)"
        )
    if fault.kind == "broken" and not settings.https:
        return f"{settings.base_url}: no HTTP answer came ({fault.message}); if the port speaks TLS, use https://"
    return f"{settings.base_url}: {fault.message}"


def stranger(settings: TargetSettings, response: Response) -> str | None:
    """Why RESPONSE, to a valid call, can't come from the call of SETTINGS; None when it may.

    A log-in page, a maintenance page and a redirect are answers of something in front of it, or of another server.
    """
    answer = answers.read(response)
    if answer.kind != "neither":
        return None
    kind = f"{answer.status} and {answer.media_type or 'no content type'}"
    if answer.location is not None:
        return (
            f"{settings.base_url} answers with {kind}, a redirect to {answer.location}; redirects aren't followed: "
            "set target.base_url (--base-url) to where the call itself is served"
        )
    return (
        f"{settings.base_url} answers with {kind}, without a task or an error code; "
        "is target.base_url (--base-url) right, and the server behind it in service?"
    )
