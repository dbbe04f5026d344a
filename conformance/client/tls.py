"""The TLS settings for the target: whom to trust, and the client certificate as PEM or PKCS#12."""

from __future__ import annotations

import os
import secrets
import ssl
import sys
import tempfile
from pathlib import Path

from conformance.configuration.settings import ClientCertificate, TargetSettings
from conformance.exceptions import UsageError

__all__ = ["tls_context"]

KEY_LOG = "SSLKEYLOGFILE"
"""The variable that has Python write the keys of its connections into a file, for tools that look into them."""

AUTHORITIES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""The variables by which OpenSSL finds the usual authorities."""

PEM = b"-----BEGIN "


def tls_context(settings: TargetSettings) -> ssl.SSLContext:
    """The TLS settings for the target of SETTINGS; UsageError when a certificate file isn't usable."""
    _check_pipes()
    _check_key_log()
    try:
        context = ssl.create_default_context(cafile=str(settings.ca_bundle) if settings.ca_bundle else None)
    except (ssl.SSLError, OSError) as error:
        raise UsageError([f"target.ca_bundle (CONFORMANCE_CA_BUNDLE): no certificates in PEM: {error}"]) from error
    context.check_hostname = settings.verify_hostname
    if settings.client_certificate.file is not None:
        _identify(context, settings.client_certificate, settings.client_certificate.file)
    return context


def _check_pipes() -> None:
    """UsageError when one of the variables of Python and OpenSSL names a pipe, whose other end would be waited for."""
    if sys.flags.ignore_environment:
        return
    for variable in (KEY_LOG, *AUTHORITIES):
        file = Path(os.environ.get(variable, ""))
        if _is_pipe(file):
            raise UsageError([f"{variable} names a pipe ({file}); unset it, or name a file"])


def _is_pipe(path: Path) -> bool:
    try:
        return path.is_fifo()
    except OSError:
        return False


def _check_key_log() -> None:
    """UsageError when Python couldn't open the file of keys, which it would say as of the certificates."""
    file = os.environ.get(KEY_LOG)
    if not file or sys.flags.ignore_environment:
        return
    try:
        with Path(file).open("ab"):
            pass
    except OSError as error:
        words = f"{KEY_LOG} names a file that can't be written ({file}: {error.strerror or error})"
        raise UsageError([f"{words}; unset it, or name another one"]) from error


def _identify(context: ssl.SSLContext, certificate: ClientCertificate, path: Path) -> None:
    """Have CONTEXT present the client CERTIFICATE at PATH."""
    where = "target.client_cert (CONFORMANCE_CLIENT_CERT)"
    # Never None: for a key that has a password OpenSSL would ask the terminal.
    password = certificate.password or ""
    try:
        content = path.read_bytes()
        if PEM in content:
            key = str(certificate.key) if certificate.key else None
            context.load_cert_chain(str(path), key, password)
        else:
            _load_pkcs12(context, content, password)
    except (ssl.SSLError, OSError, ValueError, TypeError) as error:
        form = "it must be PEM with its key (or target.client_key), or PKCS#12"
        demand = "target.client_cert_password (CONFORMANCE_CLIENT_CERT_PASSWORD) must be its password"
        raise UsageError([f"{where}: {path} can't be used ({error}); {form}; {demand}"]) from error


def _load_pkcs12(context: ssl.SSLContext, content: bytes, password: str) -> None:
    """Python reads keys from files only: this one stands, encrypted, in one that is removed at once."""
    # Slow to import, and needed for such files only.
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 (see above)
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
    )
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12  # noqa: PLC0415 (see above)

    bundle = load_pkcs12(content, password.encode("utf-8") or None)
    if bundle.key is None or bundle.cert is None:
        raise ValueError("it holds no key, or no certificate for it")
    passphrase = secrets.token_bytes(32).hex()
    encryption = BestAvailableEncryption(passphrase.encode("ascii"))
    certificates = [bundle.cert, *bundle.additional_certs]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "client.pem"
        file.touch(mode=0o600)
        key = bundle.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
        file.write_bytes(key + b"".join(one.certificate.public_bytes(Encoding.PEM) for one in certificates))
        context.load_cert_chain(str(file), password=passphrase)
