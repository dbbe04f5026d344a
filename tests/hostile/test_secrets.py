"""Planted secrets: a target that repeats all it is told, in every spelling, doesn't get them into anything we write."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from conformance.reference import Reference
from conformance.reference.messages import Request, Transmission
from conformance.reference.store import Application, Token

from .runs import Outcome, run, tampered

TOKEN = "tR8m.Vx3/Lp0+Qs6=Yh1_Jd5"
SECRET = "pS4'v\"c&W<7>u Zn2"
PASSWORD = "cP9%k{Gd}3~Bf"
EXPIRED = "xE1fHy7Ta5Ru9Mo2"
NEW_TOKEN = "nL6wCj8Ie3Ob7Pz4"
OTHER_SECRET = "oQ7'i\"h&D<2>k Xr5"
OTHER_TOKEN = "oB3zFk6Te9Wg2Sv8"


def _spellings(secret: str) -> set[bytes]:
    """SECRET as somebody may look for it in a file."""
    texts = {secret, quote(secret, safe=""), quote(secret), json.dumps(secret)[1:-1], html.escape(secret)}
    texts |= {json.dumps(json.dumps(secret))[3:-3], secret.swapcase(), secret.lower(), secret.encode().hex()}
    for before in ("", "a", "ab"):
        encoded = base64.b64encode((before + secret).encode()).decode()
        # Without the characters at the ends, which hold bits of the neighbours.
        texts.add(encoded[4 * bool(before) :].rstrip("=")[:-1])
        texts.add(base64.urlsafe_b64encode((before + secret).encode()).decode()[4 * bool(before) :].rstrip("=")[:-1])
    return {text.encode() for text in texts} | {secret.encode("utf-16-le"), secret.encode("utf-16-be")}


def _edits(token: str) -> set[bytes]:
    """What the negative cases make of TOKEN, but for the characters that are their own."""
    pieces = {token[:-1], token[1:], token[:-3], token.swapcase()}
    encoded = {base64.b64encode(piece.encode()).decode().rstrip("=")[:-2] for piece in (token[:-1], token.swapcase())}
    return {piece.encode() for piece in pieces | encoded}


def _written(folder: Path, outcome: Outcome) -> Iterator[tuple[str, bytes]]:
    """Everything that a run leaves, its terminal output among it; archives of the page unpacked."""
    yield "the terminal", outcome.output
    for path in folder.rglob("*"):
        if path.is_file() and path.name not in ("conformance.toml", "client.pem"):
            content = path.read_bytes()
            yield path.name, content
            yield f"{path.name}, unescaped", html.unescape(content.decode("utf-8", "replace")).encode()
            for match in re.findall(rb"[A-Za-z0-9+/]{24,}", content):
                for start in range(4):
                    piece = match[start:]
                    yield f"{path.name}, base64", base64.b64decode(piece[: len(piece) // 4 * 4])


def _found(folder: Path, outcome: Outcome, *secrets: str, edits: tuple[str, ...] = ()) -> set[tuple[str, str]]:
    wanted = {(secret, spelling) for secret in secrets for spelling in _spellings(secret)}
    wanted |= {(f"{secret}, edited", piece) for secret in edits for piece in _edits(secret)}
    return {
        (place, secret)
        for place, content in _written(folder, outcome)
        for secret, spelling in wanted
        if spelling in content
    }


def _echo(request: Request, spelled: int) -> bytes:
    """All that the request said, in one of several spellings, as an answer that looks like a task or an error."""
    said = "\n".join([*(f"{name}: {value}" for name, value in request.headers), request.body.decode("latin-1")])
    encoded = base64.b64encode(said.encode()).decode()
    values: list[object] = [
        {"error_code": "100022", "error_desc": said},
        {"error_code": said, "error_desc": encoded},
        {"resultcode": quote(said, safe=""), "resultmsg": json.dumps(said)},
        {"taskId": said, "status": encoded, "deviceCommands": [{"commandId": value} for _, value in request.headers]},
        {value: 1 for _, value in request.headers},
        [said],
        said.encode("utf-8").hex(),
    ]
    value = values[spelled % len(values)]
    if spelled % 3 == 0:
        return json.dumps(value).encode("utf-16")
    return json.dumps(value).encode()


def _parrot(number: int, request: Request, transmission: Transmission) -> Transmission:
    """Answers right every second time, so that the run goes on, and repeats what it was told otherwise."""
    if number < 4 or number % 2:
        yield from transmission
        return
    body = _echo(request, number // 2)
    lines = [b"HTTP/1.1 400 " + (request.header("Authorization") or "-").encode("latin-1", "replace")]
    for index, (_, value) in enumerate(request.headers):
        raw = value.encode("latin-1", "replace")
        lines += [b"X-Echo-%d: " % index + raw, b"X-Base64-%d: " % index + base64.b64encode(raw)]
    lines += [b"Set-Cookie: token=" + quote(request.header("authorization") or "").encode()]
    lines += [b"Content-Type: application/json", b"Content-Length: %d" % len(body)]
    yield b"\r\n".join(lines) + b"\r\n\r\n" + body


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A client certificate whose key has the planted password."""
    leaf = trustme.CA().issue_cert("client.example")
    key = load_pem_private_key(leaf.private_key_pem.bytes(), None)
    encrypted = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSWORD.encode()))
    path = tmp_path / "client.pem"
    path.write_bytes(encrypted + b"".join(one.bytes() for one in leaf.cert_chain_pems))
    return path


def _plant(reference: Reference) -> None:
    """Have the reference know our secrets, and hand them out."""
    store, own = reference.store, reference.store.own
    own.secret, store.stranger.secret = SECRET, OTHER_SECRET
    own.tokens.append(Token(TOKEN))
    reference.access_token = TOKEN
    reference.secret = SECRET

    def issue_expired_token(application: Application) -> Token:
        token = Token(EXPIRED, store.clock() - 1)
        application.tokens.insert(0, token)
        return token

    def issue_token(application: Application) -> Token:
        token = Token(NEW_TOKEN if application is own else OTHER_TOKEN)
        application.tokens.append(token)
        return token

    store.issue_expired_token = issue_expired_token  # type: ignore[method-assign]  # the planted one instead
    store.issue_token = issue_token  # type: ignore[method-assign]  # the same


def test_secrets_of_a_run_with_a_hook(tmp_path: Path, certificate: Path) -> None:
    """App key, access token, expired token and certificate password, and what cases make of them, are nowhere."""
    heard: list[str] = []

    def parrot(number: int, request: Request, transmission: Transmission) -> Transmission:
        heard.append(request.header("authorization") or "")
        return _parrot(number, request, transmission)

    with tampered(parrot, tls=True) as reference:
        _plant(reference)
        toml = reference.configuration().replace(
            "[provider]",
            f"client_cert = {json.dumps(str(certificate))}\nclient_cert_password = {json.dumps(PASSWORD)}\n[provider]",
        )
        outcome = run(tmp_path, "-k", "token or app-key", "--max-calls", "150", "-v", "-rA", "--tb=long", toml=toml)
    assert outcome.status == 1
    assert {f"Bearer {one}" for one in (TOKEN, EXPIRED, TOKEN[:-1], TOKEN.swapcase())} <= set(heard)
    assert b"$ACCESS_TOKEN" in (outcome.folder / "results.json").read_bytes()
    assert b"$EDITED_ACCESS_TOKEN" in (outcome.folder / "results.json").read_bytes()
    secrets = (TOKEN, EXPIRED, PASSWORD, reference.app_key)
    assert _found(tmp_path, outcome, *secrets, edits=(TOKEN,)) == set()


@pytest.mark.parametrize("processes", ["0", "2"])
def test_secrets_of_a_run_that_logs_in(tmp_path: Path, processes: str) -> None:
    """The secret of the log-in and the token that it gives are nowhere, in a run that is shared out as well."""
    with tampered(_parrot) as reference:
        _plant(reference)
        outcome = run(
            tmp_path,
            "-k",
            "(token or foreign) and not generated",
            "-n",
            processes,
            "-v",
            "-rA",
            toml=reference.configuration("northbound"),
        )
    assert outcome.status == 1
    assert b"$ACCESS_TOKEN" in (outcome.folder / "results.json").read_bytes()
    assert reference.store.stranger.tokens[-1].text == OTHER_TOKEN
    secrets = (SECRET, NEW_TOKEN, EXPIRED, OTHER_SECRET, OTHER_TOKEN, reference.app_key)
    assert _found(tmp_path, outcome, *secrets, edits=(NEW_TOKEN,)) == set()


def test_search_finds_what_is_there(tmp_path: Path) -> None:
    """The search of these tests does find secrets, in each of the spellings and places that it is meant for."""
    outcome = Outcome(0, TOKEN.encode(), 0.0, 0, tmp_path)
    (tmp_path / "a.html").write_text(html.escape(SECRET), "utf-8")
    (tmp_path / "b.har").write_bytes(base64.b64encode(b"before " * 9 + EXPIRED.encode()))
    (tmp_path / "c.json").write_text(json.dumps({"x": TOKEN[:-1]}), "utf-8")
    found = {secret for _, secret in _found(tmp_path, outcome, TOKEN, SECRET, EXPIRED, edits=(TOKEN,))}
    assert found == {TOKEN, SECRET, EXPIRED, f"{TOKEN}, edited"}
