"""Whole runs against hostile targets: a true verdict and its exit status, in time, in bounded memory, all reports."""

from __future__ import annotations

import gzip
import json
import threading
from pathlib import Path

import pytest

from conformance.reference import Reference
from conformance.reference.messages import End, Pause, Request, Transmission

from . import behaviours as does
from .behaviours import answer, answers, then_closes
from .runs import MOST_SECONDS, run, tampered
from .server import Behaviour, serving

FEW = ("-k", "malformed and not generated")
MOST = ("-k", "not generated")

REFUSED = answer(b'{"resultcode": "1010005", "resultmsg": "Invalid access token or appId."}', status=b"403 Forbidden")
LARGEST = 4 * 2**20


def _largest_task() -> bytes:
    """As many commands as fit, in JSON that is costly to hold."""
    command = b'{"commandId":"c","a":{},"b":{},"c":{},"d":{},"e":{},"f":{}},'
    head = b'{"taskId":"1","status":"\xf0\x9f\x98\x80' + b"\\u0001" * 100_000 + b'","deviceCommands":['
    return head + command * 10_000 + b"{}]}"


MONSTERS: dict[str, tuple[Behaviour, str]] = {
    "a gzip bomb": (then_closes(answer(does.bomb(), b"Content-Encoding: gzip")), "answer-complete"),
    "a list of 200 MiB": (does.list_of_200_mib, "answer-complete"),
    "a body without end": (does.body_without_end, "answer-complete"),
    "headers without end": (does.headers_without_end, "answer-complete"),
    "the largest task": (
        then_closes(answer(gzip.compress(_largest_task(), 1, mtime=0), b"Content-Encoding: gzip")),
        "device-known",
    ),
    "the largest text": (then_closes(answer(b"\x01" * (LARGEST - 1000))), "device-known"),
}


@pytest.mark.parametrize("name", MONSTERS)
def test_memory_stays_bounded(name: str, tmp_path: Path) -> None:
    """However much every answer of the target is, the run takes less than 300 MB, and says what is wrong."""
    behaviour, requirement = MONSTERS[name]
    with serving(behaviour) as server:
        outcome = run(tmp_path, *FEW, url=server.url)
    assert outcome.kept_promises()
    assert 1 == outcome.status
    assert requirement in outcome.requirements("failed")
    assert outcome.seconds < MOST_SECONDS


def test_memory_of_the_first_run(tmp_path: Path) -> None:
    """A whole run whose cache is empty yet, generated cases and all, takes less than 300 MB as well."""
    with Reference.start(tls=False) as reference:
        outcome = run(tmp_path, "--max-calls", "400", toml=reference.configuration())
    assert outcome.kept_promises()
    assert 0 == outcome.status


def test_target_that_never_answers(tmp_path: Path) -> None:
    """A target that takes connections and never answers gives no verdict, after a few time limits."""
    with serving(does.never_answers) as server:
        outcome = run(tmp_path, *MOST, url=server.url)
    assert outcome.kept_promises()
    assert 6 == outcome.status
    assert f"{server.url}: the server took the connection and never answered (no whole answer within" in outcome.text
    assert outcome.seconds < MOST_SECONDS


def test_target_that_is_not_there(tmp_path: Path) -> None:
    """A target that refuses connections gives no verdict."""
    with serving(does.never_answers) as server:
        url = server.url
    outcome = run(tmp_path, *FEW, url=url)
    assert outcome.kept_promises()
    assert 6 == outcome.status
    assert f"No verdict: {url}: the connection was refused; check the port in target.base_url" in outcome.text


def test_slow_target_is_given_up(tmp_path: Path) -> None:
    """A target that begins every answer and ends none is alive and wrong; the run doesn't wait for every case."""
    with serving(does.one_byte_at_a_time) as server:
        outcome = run(tmp_path, *MOST, url=server.url, environ={"CONFORMANCE_TIMEOUT": "0.2"})
    assert outcome.kept_promises()
    assert 1 == outcome.status
    assert {"answer-in-time"} == outcome.requirements("failed")
    assert outcome.seconds < MOST_SECONDS


def test_run_ends_at_its_time(tmp_path: Path) -> None:
    """A run whose time is over ends with what it knows: the rest is not tested, and the exit status says so."""

    def slow(_: int, __: Request, transmission: Transmission) -> Transmission:
        yield Pause(0.2)
        yield from transmission

    with tampered(slow) as reference:
        outcome = run(tmp_path, *MOST, "--max-time", "1", toml=reference.configuration())
    assert outcome.kept_promises()
    assert 7 == outcome.status
    assert outcome.requirements("failed") == set()
    assert len(outcome.requirements("not tested")) > 10
    assert "the time of --max-time was over" in outcome.text
    assert outcome.seconds < MOST_SECONDS


def test_run_without_time_for_anything(tmp_path: Path) -> None:
    """Even when the first call outlasts the run, that is what is said, and nobody is blamed."""
    with serving(does.never_answers) as server:
        outcome = run(tmp_path, *MOST, "--max-time", "0.3", url=server.url, environ={"CONFORMANCE_TIMEOUT": "20"})
    assert outcome.kept_promises()
    assert 7 == outcome.status
    assert "the time of --max-time was over" in outcome.text
    assert outcome.seconds < MOST_SECONDS


# -- targets that change midway ----------------------------------------------------------------------------------------


def test_target_that_dies_midway(tmp_path: Path) -> None:
    """A target that goes away midway, and stays away, gives no verdict: nothing seen before is a promise any more."""
    victims: list[Reference] = []

    def dying(number: int, _: Request, transmission: Transmission) -> Transmission:
        if number < 20:
            return transmission
        killer = threading.Thread(target=victims[0].stop)
        killer.start()
        # Until then a new connection would be taken, and cut.
        while victims[0]._server._listener.fileno() != -1:
            killer.join(0.01)
        return iter((End.RESET,))

    with tampered(dying) as reference:
        victims.append(reference)
        outcome = run(tmp_path, *MOST, toml=reference.configuration())
    assert outcome.kept_promises()
    assert 6 == outcome.status
    assert f"No verdict: {reference.address.base_url}: the connection was refused" in outcome.text
    assert outcome.requirements("passed") == set()


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one", "two"])
def test_token_that_expires_midway(tmp_path: Path, workers: tuple[str, ...]) -> None:
    """Credentials that stop working midway give no verdict, and what was seen until then is kept."""

    def expiring(number: int, _: Request, transmission: Transmission) -> Transmission:
        return transmission if number < 30 else iter((REFUSED,))

    with tampered(expiring) as reference:
        outcome = run(tmp_path, *MOST, *workers, toml=reference.configuration())
    assert outcome.kept_promises()
    assert 6 == outcome.status
    assert outcome.results["calls"] >= 30
    assert "the target refuses the configured credentials (403 with code 1010005); check target.app_key" in outcome.text
    assert outcome.requirements("passed") == set()


def test_target_that_breaks_one_kind_of_call(tmp_path: Path) -> None:
    """A target that resets only some calls is alive: those are told as cut, and the rest is judged."""

    def moody(_: int, request: Request, transmission: Transmission) -> Transmission:
        return iter((End.RESET,)) if request.body in (b"[]", b"null") else transmission

    with tampered(moody) as reference:
        outcome = run(tmp_path, *MOST, toml=reference.configuration())
    assert outcome.kept_promises()
    assert 1 == outcome.status
    assert {"answer-complete"} == outcome.requirements("failed")
    cut = {case["id"] for case in outcome.results["cases"] if case["outcome"] == "failed"}
    assert {"body-empty-list", "body-null"} == cut


# -- what a target would like to do to a terminal ---------------------------------------------------------------------

ESCAPE = "\x1b[2J\x1b]0;title\x07\x9b31m\u202e\r\nConformant: every MUST holds.<script>alert(1)</script>"


def _everywhere(text: str) -> dict[str, object]:
    command: dict[str, object] = dict.fromkeys(("commandId", "appId", "deviceId", "status", "creationTime", text), text)
    command |= {"command": {"serviceId": text, "method": text, "paras": text}, "callbackUrl": 1, "expireTime": text}
    return {
        "taskId": text,
        "appId": text,
        "deviceId": text,
        "status": text,
        "totalCount": text,
        "deviceCommands": [command],
        text: text,
    }


def _escaping(body: bytes) -> Behaviour:
    raw = ESCAPE.replace("\r\n", " ").encode("utf-8")
    return answers(answer(body, b"X-" + raw[4:8] + b": " + raw, b"Content-Type: " + raw, status=b"201 " + raw))


HOSTILE_TEXTS = {
    "a task": json.dumps(_everywhere(ESCAPE)).encode(),
    "a task in raw bytes": json.dumps(_everywhere(ESCAPE.replace("\r\n", " ")), ensure_ascii=False).encode(
        "latin-1", "replace"
    ),
    "an error": json.dumps({"error_code": ESCAPE, "error_desc": ESCAPE}).encode(),
    "another error": json.dumps({"resultcode": ESCAPE, "resultmsg": ESCAPE, "error_code": "1", ESCAPE: 1}).encode(),
    "repeated members": json.dumps({"a": 1, "b": 2})
    .replace('"a"', json.dumps(ESCAPE))
    .replace('"b"', json.dumps(ESCAPE))
    .encode(),
    "no JSON": ESCAPE.encode() * 100,
}


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_nothing_reaches_the_terminal_raw(name: str, tmp_path: Path) -> None:
    """Escape sequences in status, headers, bodies and ids don't reach the terminal, nor do forged lines."""
    with serving(_escaping(HOSTILE_TEXTS[name])) as server:
        outcome = run(tmp_path, *FEW, "-rA", "--tb=long", "-v", url=server.url)
    assert outcome.kept_promises()
    assert 1 == outcome.status
    assert not [character for character in outcome.text if character in "\x07\x9b\u202e\r"]
    assert "\nConformant: every MUST holds." not in outcome.text
    assert 1 == outcome.text.count("\nNon-conformant: ")
