"""A private certificate authority and a certificate for loopback, made once for the process."""

from __future__ import annotations

import atexit
import functools
import shutil
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificate:
    """`ca_file` is what clients trust, until the process ends; `context` is what the server serves with."""

    ca_file: Path
    context: ssl.SSLContext


@functools.cache
def certificate() -> Certificate:
    """The process's certificate for localhost, 127.0.0.1 and ::1."""
    import trustme  # noqa: PLC0415 - slow to import, and not needed without TLS

    authority = trustme.CA()
    folder = Path(tempfile.mkdtemp(prefix="reference-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    ca_file = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1", "::1").configure_cert(context)
    return Certificate(ca_file, context)
