"""The examples themselves: the fixed ones, those from the document, and the random ones."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import h11
import pytest

from conformance.generated import strands
from conformance.generated.example import Example, Values

from .rig import generated_cases

VALUES = Values("device-1", exists=True, app_key="key-1", token="token-1", app_id="app-1")
SEED = 11


def _all(strand: str) -> Iterator[Example]:
    yield from strands.fixed(strand)
    yield from strands.fuzzed(strand, SEED)
    yield from itertools.islice(strands.endless(strand, SEED), 100)


def test_every_class_is_a_case() -> None:
    """The classes of examples are the generated cases, in the same order."""
    assert strands.STRANDS == generated_cases()


@pytest.mark.parametrize("strand", strands.STRANDS)
def test_no_example_is_sent_twice(strand: str) -> None:
    """Within a class no request comes twice."""
    ids = [example.id for example in _all(strand)]

    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("strand", strands.STRANDS)
def test_examples_can_be_sent_as_they_are(strand: str) -> None:
    """HTTP's own grammar admits every example, so that the target is tested and not the client."""
    for example in _all(strand):
        draft = example.draft(VALUES)
        request = draft.request("http://127.0.0.1:9")
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers]
        h11.Request(method="POST", target=request.url.removeprefix("http://127.0.0.1:9"), headers=headers)


@pytest.mark.parametrize("strand", strands.STRANDS)
def test_placeholders_are_all_filled_in(strand: str) -> None:
    """What stands for the run's own values never reaches the target."""
    for example in _all(strand):
        draft = example.draft(VALUES)
        sent = f"{draft.query} {draft.headers} {draft.body!r}"
        assert not any(place in sent for place in ("--app-key--", "--token--", "--app-id--", "--device--"))


@pytest.mark.parametrize("strand", strands.STRANDS)
def test_examples_survive_a_file(strand: str) -> None:
    """An example that is written down and read again is the same request."""
    for example in _all(strand):
        again = Example.unpacked(json.loads(json.dumps(example.packed())))
        assert example.id == again.id


def test_fixed_examples_belong_to_their_class() -> None:
    """Every fixed example turns out to be of the class that it is listed in, or of one that is read more leniently."""
    # An existing id stands for itself when it is put; nearness shows against the prepared device only.
    near = "generated-device-id-near-existing"
    strays = {
        (strand, strands.place(example))
        for strand in strands.STRANDS
        if strand != near
        for example in strands.fixed(strand)
        if strands.place(example) != strand
    }
    lenient = {
        ("generated-app-id", "generated-json-spelling"),
        ("generated-body-encoding", "generated-content-type"),
        ("generated-body-encoding", "generated-body-malformed"),
        ("generated-body-encoding", "generated-device-id-characters"),
        ("generated-body-malformed", "generated-body-encoding"),
        ("generated-content-type", "generated-json-spelling"),
        ("generated-content-type", "generated-repeated-parameters"),
        ("generated-device-id-length", "generated-device-id-characters"),
        ("generated-device-id-length", "generated-device-id-plain"),
        ("generated-device-id-length", "generated-further-members"),
        ("generated-device-id-name", "generated-further-members"),
        ("generated-duplicate-members", "generated-device-id-name"),
        ("generated-duplicate-members", "generated-further-members"),
        ("generated-repeated-parameters", "generated-app-id"),
        ("generated-repeated-parameters", "generated-json-spelling"),
    }

    assert set() == strays - lenient


PROMISED = {
    "quotes": b'\\"',
    "percent signs": b"%",
    "NUL": b"\\u0000",
    "control characters": b"\\u001b",
    "unpaired surrogates": b"\\ud83d",
    "right-to-left text": "\u202e".encode(),
    "combining text": "Z\u0351".encode(),
    "64 characters of four bytes": "\U0001f4a5".encode() * 64,
    "65 characters of four bytes": "\U0001f4a5".encode() * 65,
    "invalid UTF-8": b"\xc0\xaf",
    "a byte order mark": b"\xef\xbb\xbf{",
    "deep nesting": b"[" * 5000,
    "huge numbers": b"9" * 5000,
    "duplicate keys": b'"deviceId": "--device--", "deviceId"',
    "Infinity": b"Infinity",
    "trailing garbage": b"}}",
    "path injection": b"../../",
    "template injection": b"{{7*7}}",
    "deviceId in other case": b"--device-swapcase--",
    "a name in other case": b'"DEVICEID"',
}


@pytest.mark.parametrize("what", PROMISED)
def test_hostile_text_is_among_the_fixed_examples(what: str) -> None:
    """What is known to break real servers is sent in every run whose budget admits it."""
    bodies = [example.body or b"" for strand in strands.STRANDS for example in strands.fixed(strand)]

    assert any(PROMISED[what] in body for body in bodies)


def test_classes_draw_on_the_document() -> None:
    """Schemathesis' boundary cases and its random ones are among the examples of several classes."""
    boundary = {s for s in strands.STRANDS for one in strands.fixed(s) if one.edit.startswith("boundary case")}
    drawn = {s for s in strands.STRANDS if strands.fuzzed(s, SEED)}

    assert {"generated-device-id-type", "generated-body-not-object", "generated-app-key"} <= boundary
    assert {"generated-device-id-characters", "generated-body-malformed", "generated-app-id"} <= drawn


PRINT = """
import itertools, hashlib, os
from conformance.generated import strands
ids = [one.id for s in strands.STRANDS for one in (*strands.fixed(s), *strands.fuzzed(s, 7),
       *itertools.islice(strands.endless(s, 7), 50))]
print(len(ids), hashlib.sha256("".join(ids).encode()).hexdigest(), sorted(os.listdir()))
"""


def _ids(folder: Path, cache: Path, hash_seed: str, literals: str) -> str:
    folder.mkdir()
    (folder / "local_names.py").write_text(f"NAMES = {literals}\n")
    (folder / "script.py").write_text(f"import local_names\n{PRINT}")
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "CONFORMANCE_CACHE_DIR": str(cache)}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    command = [sys.executable, "script.py"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def test_same_seed_gives_the_same_requests_anywhere(tmp_path: Path) -> None:
    """Neither folder, local modules, cache nor hash seed flow into the requests, and nothing is left behind."""
    first = _ids(tmp_path / "a", tmp_path / "cache-a", "1", '["a-local-literal", 123457]')
    second = _ids(tmp_path / "b", tmp_path / "cache-b", "2", '["another-literal", 0.25]')

    assert first == second
    assert first.endswith("['local_names.py', 'script.py']\n")


def test_another_seed_gives_other_random_requests() -> None:
    """Random examples depend on the seed."""
    strand = "generated-device-id-characters"
    one, other = (list(itertools.islice(strands.endless(strand, seed), 20)) for seed in (1, 2))

    assert [example.id for example in one] != [example.id for example in other]
