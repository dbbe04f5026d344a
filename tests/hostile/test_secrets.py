"""Planted secrets: a target that repeats all it is told, in every spelling, doesn't get them into anything we write."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import trustme
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from conformance.command.cli import main
from conformance.reference import Reference
from conformance.reference.behaviour import PATH
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
COOKIE = "kQ5wMz8Ub2Ld4Ry7"
USER = "uS3rNaMe9Qx"


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
    store, own = reference.store, reference.store.parties.own
    own.secret, store.parties.stranger.secret = SECRET, OTHER_SECRET
    own.tokens.append(Token(TOKEN))
    reference.inventory = replace(reference.inventory, secret=SECRET, access_token=TOKEN)

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
    assert 1 == outcome.status
    assert {f"Bearer {one}" for one in (TOKEN, EXPIRED, TOKEN[:-1], TOKEN.swapcase())} <= set(heard)
    assert b"$ACCESS_TOKEN" in (outcome.folder / "results.json").read_bytes()
    assert b"$EDITED_ACCESS_TOKEN" in (outcome.folder / "results.json").read_bytes()
    secrets = (TOKEN, EXPIRED, PASSWORD, reference.inventory.app_id)
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
    assert 1 == outcome.status
    assert b"$ACCESS_TOKEN" in (outcome.folder / "results.json").read_bytes()
    assert OTHER_TOKEN == reference.store.parties.stranger.tokens[-1].text
    secrets = (SECRET, NEW_TOKEN, EXPIRED, OTHER_SECRET, OTHER_TOKEN, reference.inventory.app_id)
    assert _found(tmp_path, outcome, *secrets, edits=(NEW_TOKEN,)) == set()


@pytest.mark.parametrize("processes", ["0", "2"])
def test_secrets_in_logs_and_tracebacks(tmp_path: Path, processes: str) -> None:
    """Neither the most talkative log, on the terminal and in a file, nor local variables in tracebacks show secrets."""

    def talkative(number: int, request: Request, transmission: Transmission) -> Transmission:
        cookie = b"Set-Cookie: session=" + COOKIE.encode() + b"\r\nX-Session: " + COOKIE.encode()
        for part in _parrot(number, request, transmission):
            lines = b"\r\n" + cookie + b"\r\nContent-Type:"
            yield part.replace(b"\r\nContent-Type:", lines, 1) if isinstance(part, bytes) else part

    with tampered(talkative) as reference:
        _plant(reference)
        outcome = run(
            tmp_path,
            *("-k", "(token or app-key) and not generated", "-n", processes),
            *("--log-file=run.log", "--log-file-level=DEBUG", "-o", "log_cli=true", "--log-level=DEBUG"),
            *("-vv", "-l", "--tb=long", "-rA", "--capture=tee-sys"),
            toml=reference.configuration(),
        )
    assert 1 == outcome.status
    shown = outcome.output + ((tmp_path / "run.log").read_bytes() if processes == "0" else b"")
    # The log and the local variables are there.
    assert b"receive_response_headers.complete" in shown
    assert b"pyfuncitem" in shown
    assert b"$ACCESS_TOKEN" in shown
    assert _found(tmp_path, outcome, TOKEN, EXPIRED, COOKIE, reference.inventory.app_id, edits=(TOKEN,)) == set()


def test_secrets_that_are_words(tmp_path: Path) -> None:
    """Secrets that are words of the report aren't masked within it, and the report says whose value can't be told."""
    with tampered(lambda _, __, transmission: transmission) as reference:
        store = reference.store
        store.parties.own.tokens.append(Token("test"))
        outcome = run(
            tmp_path,
            *("-k", "device-id-missing"),
            toml=reference.configuration().replace(json.dumps(reference.inventory.access_token), '"test"'),
        )
    assert 7 == outcome.status
    text = (outcome.folder / "results.json").read_text("utf-8")
    assert "$ACCESS_TOKENed" not in text
    assert '["Authorization", "Bearer $ACCESS_TOKEN"]' in text
    assert '["Authorization", "Bearer test"]' not in text
    notes = [note for note in outcome.results["notes"] if "access token is too short" in note]
    assert 1 == len(notes)


def test_secrets_of_a_proxy_and_of_urls(tmp_path: Path) -> None:
    """User and password in the proxy's URL, in the base URL and in the hook's are in nothing that is said."""
    url = f"http://{USER}:{quote(PASSWORD)}@127.0.0.1:9"
    proxy = {"HTTP_PROXY": url, "http_proxy": url, "NO_PROXY": "", "no_proxy": ""}
    outcome = run(tmp_path, "--tb=long", "-rA", url="http://target.example:8743", environ=proxy)
    assert 6 == outcome.status
    assert _found(tmp_path, outcome, USER, PASSWORD) == set()
    assert b"127.0.0.1:9" in outcome.output


@pytest.mark.parametrize(
    "url",
    [
        f"http://{USER}:{PASSWORD}@target.example:8743",
        f"http://{USER}:pw/{PASSWORD}@target.example",
        f"http://{USER}:{PASSWORD}",
        f"http://{USER}:{PASSWORD}@target.example/{USER}",
        f"ftp://{USER}:{PASSWORD}@target.example",
        f"http://[{USER}:{PASSWORD}@target.example",
    ],
)
@pytest.mark.parametrize("variable", ["CONFORMANCE_BASE_URL", "CONFORMANCE_PROVIDER_URL"])
def test_refused_urls_are_not_repeated(tmp_path: Path, url: str, variable: str) -> None:
    """The message about a URL that can't be used repeats neither user nor password."""
    environ = {"CONFORMANCE_BASE_URL": "http://target.example", variable: url}
    outcome = run(tmp_path, environ=environ)
    assert 4 == outcome.status
    assert _found(tmp_path, outcome, USER, PASSWORD) == set()


def _entry(
    headers: dict[str, str], answer: str, query: str = "", host: str = "h.example", **lines: str
) -> dict[str, Any]:
    """An entry of a HAR file: a call with HEADERS, and an answer with LINES."""
    return {
        "startedDateTime": "2024-01-01T00:00:00Z",
        "time": 12.5,
        "request": {
            "method": "POST",
            "url": f"https://{host}{PATH}{query}",
            "headers": [{"name": name, "value": value} for name, value in headers.items()],
            "postData": {"mimeType": "application/json", "text": '{"deviceId": "d-1"}'},
        },
        "response": {
            "status": 200,
            "statusText": "OK",
            "httpVersion": "HTTP/1.1",
            "headers": [{"name": name.replace("_", "-"), "value": value} for name, value in lines.items()],
            "content": {"text": json.dumps({"error_code": "100418", "error_desc": answer})},
        },
    }


def _recording() -> list[dict[str, Any]]:
    """Calls with a secret in every place that one may stand in; each ends in digits."""
    bearer = {"Authorization": "Bearer SECRETTOKEN100"}
    basic = "Basic " + base64.b64encode(b"someone:SECRETPASS101").decode()
    unknown = {"Authorization": "Custom SECRETCUSTOM102", "X-Nobody-Knows": "SECRETUNKNOWN103"}
    second = {":path": f"{PATH}?x=SECRETPATH120", ":authority": "u:SECRETAUTHORITY121@h", **unknown}
    return [
        _entry(
            {"app_key": "SECRETKEY104", **bearer}, "x", Set_Cookie="id=SECRETCOOKIE105; HttpOnly", X_Sid="SECRETSID106"
        ),
        _entry({"authorization": " bearer  SECRETTOKEN107"}, "no such token: SECRETTOKEN107"),
        _entry({"Authorization": basic, "Cookie": "a=SECRETA108; b=SECRETB109"}, "someone:SECRETPASS101, SECRETB109"),
        _entry({"Proxy-Authorization": basic, "X-Api-Key": "SECRETKEY110"}, "SECRETKEY110 has expired"),
        _entry(bearer, "x", "?access_token=SECRETQUERY111&appId=1&x=SECRETX112", Location="/?code=SECRETCODE113"),
        _entry(bearer, "x", host="someone:SECRETPASS114@h.example:8743", Location="//u:SECRETPASS115@h.example/"),
        _entry(second, "SECRETUNKNOWN103; the next is SECRETTOKEN116 at https://u:SECRETPASS117@h.example/"),
        _entry({"Authorization": "Bearer SECRETTOKEN116"}, base64.b64encode(b"SECRETTOKEN116").decode()),
        _entry(bearer, '{"accessToken": "SECRETTOKEN118"}', "#access_token=SECRETHASH119"),
        _entry(bearer, "x", ";jsessionid=SECRETSESSION122?x=y", Location="/;jsessionid=SECRETSESSION123"),
    ]


def test_secrets_of_a_recording(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing that is written of a recording shows a credential in it, wherever it stands."""
    traffic = tmp_path_factory.mktemp("recorded") / "traffic.har"
    traffic.write_text(json.dumps({"log": {"entries": _recording()}}), "utf-8")
    result = CliRunner().invoke(main, ["judge", str(traffic), "--reports", str(tmp_path)])
    # The answers repeat tokens.
    assert 1 == result.exit_code
    everything = list(_written(tmp_path, Outcome(1, result.output_bytes, 0, 0, tmp_path)))
    assert {place for place, content in everything if re.search(rb"SECRET[A-Z]+1[012][0-9]", content)} == set()
    assert b"Bearer $ACCESS_TOKEN" in (tmp_path / "results.json").read_bytes()


def test_search_finds_what_is_there(tmp_path: Path) -> None:
    """The search of these tests does find secrets, in each of the spellings and places that it is meant for."""
    outcome = Outcome(0, TOKEN.encode(), 0.0, 0, tmp_path)
    (tmp_path / "a.html").write_text(html.escape(SECRET), "utf-8")
    (tmp_path / "b.har").write_bytes(base64.b64encode(b"before " * 9 + EXPIRED.encode()))
    (tmp_path / "c.json").write_text(json.dumps({"x": TOKEN[:-1]}), "utf-8")
    found = {secret for _, secret in _found(tmp_path, outcome, TOKEN, SECRET, EXPIRED, edits=(TOKEN,))}
    assert found == {TOKEN, SECRET, EXPIRED, f"{TOKEN}, edited"}
