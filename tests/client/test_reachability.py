"""One sentence for each way in which a target can't be reached: what it is, and what to do."""

from __future__ import annotations

import pytest

from conformance.client.reachability import SENTENCES, explain
from conformance.configuration.settings import TargetSettings
from conformance.evidence.exchange import TransportError

URL = "https://platform.example:8743"
SETTINGS = TargetSettings(URL, "key", "token", "key")


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("Name or service not known", "the host name doesn't resolve"),
        ("Connection refused", "the connection was refused"),
        ("Network is unreachable", "there is no route to the host"),
        ("No route to host", "there is no route to the host"),
        ("no connection within 10 seconds", "the server doesn't take the connection in time"),
        ("no TLS handshake within 10 seconds", "the server took the connection and doesn't answer in TLS"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate", "isn't trusted"),
        (
            "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired",
            "has expired; renew it",
        ),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch", "is for another host"),
        ("[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required", "asks for a client certificate"),
        ("[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] sslv3 alert handshake failure", "asks for a client certificate"),
        ("[SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version", "no TLS version that is still considered"),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number", "the port doesn't speak TLS"),
        ("[SSL: TLSV1_ALERT_NO_APPLICATION_PROTOCOL] tlsv1 alert no application protocol", "doesn't speak HTTP/1.1"),
        ("Connection refused (through the proxy 127.0.0.1:3128)", "the proxy doesn't open the way to the server"),
    ],
)
def test_cause_is_named(message: str, words: str) -> None:
    """What the libraries say is told in the words of the person who configured the target, with their own behind."""
    said = explain(SETTINGS, TransportError("unreachable", message))
    assert said.startswith(f"{URL}: ")
    assert words in said
    assert said.endswith(f"({message})")


def test_other_faults_are_told_by_their_kind() -> None:
    """Silence, and bytes that are no HTTP, have sentences of their own; anything else is told as it is."""
    plain = TargetSettings("http://platform.example", "key", "token", "key")
    assert "the server took the connection and never answered" in explain(SETTINGS, TransportError("timeout", "x"))
    assert "no HTTP answer came (x); if the port speaks TLS, use https://" in explain(
        plain, TransportError("broken", "x")
    )
    assert explain(SETTINGS, TransportError("unreachable", "something new")) == f"{URL}: something new"


def test_every_sentence_says_what_to_do() -> None:
    """Each sentence has an advice behind its semicolon, and marks in small letters, as they are looked for."""
    for marks, sentence in SENTENCES:
        assert ";" in sentence
        assert [mark.lower() for mark in marks] == list(marks)
