"""TLS that can't be trusted or isn't there: no call is made, and one sentence says what to do."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509 import load_pem_x509_certificate

from conformance.client.client import Client
from conformance.client.draft import plain
from conformance.client.pacing import Pacer
from conformance.client.reachability import explain
from conformance.client.tls import tls_context
from conformance.configuration.settings import ClientCertificate, TargetSettings
from conformance.evidence.exchange import Exchange
from conformance.exceptions import UsageError

from . import behaviours as does
from .behaviours import answer, answers
from .judging import LIMIT, SLACK, settings
from .server import HOST, Behaviour, Hostile, serving

PASSWORD = "the key's password"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """A private certificate authority."""
    return trustme.CA()


@pytest.fixture(scope="module")
def trust(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its certificate in a file."""
    path = tmp_path_factory.mktemp("trust") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def _context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@contextmanager
def _tls(context: ssl.SSLContext, behaviour: Behaviour | None = None) -> Iterator[Hostile]:
    with serving(behaviour or answers(answer()), context) as server:
        yield server


def _call(target: TargetSettings) -> Exchange:
    client = Client(target, Pacer(0))
    try:
        return client.send(plain(target.app_key, target.access_token or "", b"{}"), fresh=True)
    finally:
        client.close()


def _sentence(target: TargetSettings) -> str:
    """What is said of a call to TARGET that can't be made; it ends in time."""
    exchange = _call(target)
    assert exchange.fault is not None
    assert not exchange.fault.answered
    assert exchange.duration_s < LIMIT + SLACK
    return explain(target, exchange.fault)


def _says(url: str, words: str) -> str:
    return f"{url}: {words} ("


def test_private_authority_is_trusted_where_it_is_named(authority: trustme.CA, trust: Path) -> None:
    """With ca_bundle a certificate of a private authority is accepted."""
    with _tls(_context(authority.issue_cert(HOST))) as server:
        exchange = _call(replace(settings(server.url), ca_bundle=trust))
    assert exchange.response is not None
    assert 201 == exchange.response.status


def test_unknown_issuer(authority: trustme.CA) -> None:
    """Without it the certificate isn't trusted, and the setting is named."""
    with _tls(_context(authority.issue_cert(HOST))) as server:
        said = _sentence(settings(server.url))
    words = "the server's certificate isn't trusted; name its authority's in target.ca_bundle (CONFORMANCE_CA_BUNDLE)"
    assert said.startswith(_says(server.url, words))
    assert [] == server.heard


def test_expired_certificate(authority: trustme.CA, trust: Path) -> None:
    """An expired certificate isn't accepted."""
    expired = authority.issue_cert(HOST, not_after=datetime.now(UTC) - timedelta(days=1))
    with _tls(_context(expired)) as server:
        said = _sentence(replace(settings(server.url), ca_bundle=trust))
    assert said.startswith(_says(server.url, "the server's certificate has expired; renew it"))
    assert [] == server.heard


def test_certificate_for_another_name(authority: trustme.CA, trust: Path) -> None:
    """A certificate for another host isn't accepted, unless the check is switched off."""
    with _tls(_context(authority.issue_cert("another.example"))) as server:
        target = replace(settings(server.url), ca_bundle=trust)
        said = _sentence(target)
        heard = list(server.heard)
        unchecked = _call(replace(target, verify_hostname=False))
    words = (
        "the certificate is for another host; use its name in target.base_url, or set target.verify_hostname to false"
    )
    assert said.startswith(_says(server.url, words))
    assert [] == heard
    assert unchecked.response is not None


def test_host_name_check_off_trusts_nobody_else(authority: trustme.CA) -> None:
    """Without the host name check the issuer is still looked at."""
    with _tls(_context(authority.issue_cert("another.example"))) as server:
        said = _sentence(replace(settings(server.url), verify_hostname=False))
    assert "the server's certificate isn't trusted" in said


def test_only_tls_1_0(authority: trustme.CA, trust: Path) -> None:
    """A server that speaks TLS 1.0 at most isn't spoken to."""
    context = _context(authority.issue_cert(HOST))
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with _tls(context) as server:
        said = _sentence(replace(settings(server.url), ca_bundle=trust))
    words = "the server offers no TLS version that is still considered safe (1.2 or newer); enable one"
    assert said.startswith(_says(server.url, words))


def test_plain_http_on_the_tls_port() -> None:
    """An https URL whose port speaks plain HTTP is told as that."""
    with serving(does.answers_anything(answer(status=b"400 Bad Request"))) as server:
        target = settings(server.url.replace("http:", "https:"))
        said = _sentence(target)
    words = "the port doesn't speak TLS; use an http:// base URL, or the server's https port"
    assert said.startswith(_says(target.base_url, words))


def test_tls_on_the_http_port(authority: trustme.CA) -> None:
    """An http URL whose port speaks TLS is told as a port that gives no HTTP answer."""
    with _tls(_context(authority.issue_cert(HOST))) as server:
        target = settings(server.url.replace("https:", "http:"))
        said = _sentence(target)
    assert said.startswith(f"{target.base_url}: no HTTP answer came (")
    assert said.endswith("; if the port speaks TLS, use https://")


# The ssl module of Python 3.11 leaves its socket to the garbage when the reset comes before the handshake begins.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (does.resets_at_once, "Connection reset by peer"),
        (does.resets_the_handshake, "Connection reset by peer"),
        (does.handshake_without_end, "the server took the connection and doesn't answer in TLS"),
        (does.never_answers, "the server took the connection and doesn't answer in TLS"),
    ],
)
def test_handshake_that_fails(behaviour: Behaviour, words: str) -> None:
    """A handshake that is cut, or never ends, ends within the limit of the call."""
    with serving(behaviour) as server:
        said = _sentence(settings(server.url.replace("http:", "https:")))
    assert words in said


# -- client certificates ---------------------------------------------------------------------------------------------


def _demanding(authority: trustme.CA, version: ssl.TLSVersion) -> ssl.SSLContext:
    context = _context(authority.issue_cert(HOST))
    context.minimum_version = context.maximum_version = version
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_client_certificate_asked_for(authority: trustme.CA, trust: Path, version: ssl.TLSVersion) -> None:
    """A server that asks for a client certificate and gets none is told as that, in either version of TLS."""
    with _tls(_demanding(authority, version)) as server:
        said = _sentence(replace(settings(server.url), ca_bundle=trust))
    words = "the server asks for a client certificate that it accepts; set target.client_cert (CONFORMANCE_CLIENT_CERT)"
    assert said.startswith(_says(server.url, words))
    assert [] == server.heard


Write = Callable[[trustme.LeafCert, Path], TargetSettings]


def _encryption(password: str | None) -> KeySerializationEncryption:
    return BestAvailableEncryption(password.encode()) if password else NoEncryption()


def _pkcs12(leaf: trustme.LeafCert, password: str | None) -> bytes:
    certificate, *chain = [load_pem_x509_certificate(one.bytes()) for one in leaf.cert_chain_pems]
    key = load_pem_private_key(leaf.private_key_pem.bytes(), None)
    return serialize_key_and_certificates(b"client", key, certificate, chain, _encryption(password))  # type: ignore[arg-type]  # trustme makes no keys that it couldn't hold


def _pem(leaf: trustme.LeafCert, password: str | None) -> tuple[bytes, bytes]:
    """(the key, the certificates)."""
    key = load_pem_private_key(leaf.private_key_pem.bytes(), None)
    return (
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, _encryption(password)),
        b"".join(one.bytes() for one in leaf.cert_chain_pems),
    )


@pytest.mark.parametrize("form", ["PEM", "PEM, two files", "PKCS#12"])
@pytest.mark.parametrize("password", [None, PASSWORD])
def test_client_certificate_is_presented(
    authority: trustme.CA, trust: Path, tmp_path: Path, form: str, password: str | None
) -> None:
    """A client certificate of an intermediate authority is presented, as PEM or PKCS#12, with or without password."""
    leaf = authority.create_child_ca().issue_cert("client.example")
    key, certificates = _pem(leaf, password)
    content = {"PEM": key + certificates, "PEM, two files": certificates, "PKCS#12": _pkcs12(leaf, password)}
    (tmp_path / "client").write_bytes(content[form])
    (tmp_path / "key").write_bytes(key)
    with _tls(_demanding(authority, ssl.TLSVersion.TLSv1_3)) as server:
        target = replace(
            settings(server.url),
            ca_bundle=trust,
            client_certificate=ClientCertificate(
                tmp_path / "client", tmp_path / "key" if form == "PEM, two files" else None, password
            ),
        )
        exchange = _call(target)
    assert exchange.response is not None
    assert 201 == exchange.response.status


def test_no_key_is_left_on_disk(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading PKCS#12 leaves nothing in the folder for temporary files, and what stood there was encrypted and ours."""
    (tmp_path / "client.p12").write_bytes(_pkcs12(authority.issue_cert("client.example"), PASSWORD))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    seen: list[tuple[int, bool]] = []
    load = ssl.SSLContext.load_cert_chain

    def spy(self: ssl.SSLContext, certfile: str, keyfile: str | None = None, password: str | None = None) -> None:
        seen.append((Path(certfile).stat().st_mode & 0o777, b"ENCRYPTED" in Path(certfile).read_bytes()))
        load(self, certfile, keyfile, password)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", spy)
    tls_context(
        replace(
            settings("https://target"), client_certificate=ClientCertificate(tmp_path / "client.p12", password=PASSWORD)
        )
    )
    assert [(0o600, True)] == seen
    assert [] == list(temporary.iterdir())


@pytest.mark.parametrize("form", ["PEM", "PKCS#12", "neither"])
@pytest.mark.parametrize("password", [None, "a wrong password"])
def test_unusable_client_certificate(authority: trustme.CA, tmp_path: Path, form: str, password: str | None) -> None:
    """A wrong password, a missing one (which nobody is asked for), or another file is a configuration error."""
    leaf = authority.issue_cert("client.example")
    content = {"PEM": b"".join(_pem(leaf, PASSWORD)), "PKCS#12": _pkcs12(leaf, PASSWORD), "neither": b"\0" * 100}
    path = tmp_path / "client"
    path.write_bytes(content[form])
    target = replace(settings("https://target"), client_certificate=ClientCertificate(path, password=password))
    with pytest.raises(UsageError) as caught:
        tls_context(target)
    assert 1 == len(caught.value.problems)
    assert caught.value.problems[0].startswith(f"target.client_cert (CONFORMANCE_CLIENT_CERT): {path} can't be used (")


def test_unusable_authority(tmp_path: Path) -> None:
    """A file that holds no certificates is a configuration error."""
    path = tmp_path / "ca.pem"
    path.write_bytes(b"nonsense")
    with pytest.raises(UsageError, match=r"target\.ca_bundle"):
        tls_context(replace(settings("https://target"), ca_bundle=path))
