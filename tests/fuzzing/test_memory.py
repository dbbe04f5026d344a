"""Failing requests between runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from conformance.cache import folder
from conformance.exceptions import UsageError
from conformance.fuzzing import input_classes, replay
from conformance.fuzzing.corpus.device_ids import device_id
from conformance.fuzzing.example import Example
from conformance.fuzzing.memory import MOST, Memory

EXAMPLE = device_id("\0\ud83d", "odd")
INPUT_CLASS = "generated-device-id-characters"
TARGET = "https://platform.example:8743"


def test_kept_request_is_found_again(tmp_path: Path) -> None:
    """What is kept comes back as the same request, of the same class."""
    Memory(tmp_path, TARGET).keep(INPUT_CLASS, EXAMPLE)
    kept = Memory(tmp_path).find(EXAMPLE.id)

    assert kept is not None
    assert (EXAMPLE, INPUT_CLASS) == (kept.example, kept.input_class)


def test_only_the_target_that_failed_is_tried_first(tmp_path: Path) -> None:
    """A request that failed at one host isn't tried first at another one, but is at another port."""
    Memory(tmp_path, TARGET).keep(INPUT_CLASS, EXAMPLE)

    assert (EXAMPLE,) == Memory(tmp_path, "https://platform.example:9000").failed_before(INPUT_CLASS)
    assert () == Memory(tmp_path, "https://other.example").failed_before(INPUT_CLASS)


def test_request_that_passes_again_is_forgotten(tmp_path: Path) -> None:
    """It is taken away for the target that failed only."""
    Memory(tmp_path, TARGET).keep(INPUT_CLASS, EXAMPLE)
    Memory(tmp_path, "https://other.example").forget(EXAMPLE)
    still = Memory(tmp_path).find(EXAMPLE.id)
    Memory(tmp_path, TARGET).forget(EXAMPLE)

    assert still is not None
    assert Memory(tmp_path).find(EXAMPLE.id) is None


@pytest.mark.parametrize("text", ["", "{}", "[1]", "\0", '{"format": 1, "input_class": 1}', '{"format": 99}'])
def test_damaged_file_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    """A file that can't be read as a request is passed over."""
    Memory(tmp_path, TARGET).keep(INPUT_CLASS, EXAMPLE)
    (tmp_path / "failing" / f"{EXAMPLE.id}.json").write_text(text)

    assert () == Memory(tmp_path, TARGET).failed_before(INPUT_CLASS)


FORGED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another line in a header's value": lambda data: data["headers"].append(["X", "a\r\nY: b"]),
    "another line in a header's name": lambda data: data["headers"].append(["X: a\r\nY", "b"]),
    "a header of three": lambda data: data["headers"].append(["X", "a", "b"]),
    "a header as text": lambda data: data["headers"].append("ab"),
    "a header's value as a number": lambda data: data["headers"].append(["X", 1]),
    "another line in the query": lambda data: data.update(query="a HTTP/1.1\r\nX: b"),
    "a query as a list": lambda data: data.update(query=["a"]),
    "format true": lambda data: data.update(format=True),
    "a class that isn't one": lambda data: data.update(input_class="../../x"),
    "a body in two ways": lambda data: data.update(body={"text": "a", "base64": "YQ=="}),
    "a body as a list": lambda data: data.update(body=["text"]),
    "a body of odd base64": lambda data: data.update(body={"base64": "!!!!YQ=="}),
    "a body as a number": lambda data: data.update(body={"text": 5}),
}


@pytest.mark.parametrize("change", FORGED.values(), ids=list(FORGED))
def test_forged_request_is_not_sent(tmp_path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """A file is read strictly as data: whatever it says, it can't bring lines or calls of its own."""
    Memory(tmp_path, TARGET).keep(INPUT_CLASS, EXAMPLE)
    path = tmp_path / "failing" / f"{EXAMPLE.id}.json"
    data = json.loads(path.read_text("utf-8"))
    change(data)
    with suppress(Exception):
        # By the id of what it holds now, where that can be told: a forger can compute it, too.
        path = path.with_stem(Example.unpacked(data).id)
    path.write_text(json.dumps(data), "utf-8")
    path.chmod(0o600)

    assert Memory(tmp_path).find(path.stem) is None


def test_deep_file_is_as_good_as_none(tmp_path: Path) -> None:
    """Nesting without end is no request."""
    Memory(tmp_path, TARGET).keep(INPUT_CLASS, EXAMPLE)
    (tmp_path / "failing" / f"{EXAMPLE.id}.json").write_text("[" * 200_000, "utf-8")

    assert Memory(tmp_path).find(EXAMPLE.id) is None


def test_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    """Keeping says that it couldn't be done, and reading finds nothing."""
    (tmp_path / "failing").write_text("a file where the folder would be")

    assert not Memory(tmp_path, TARGET).keep(INPUT_CLASS, EXAMPLE)
    assert () == Memory(tmp_path, TARGET).failed_before(INPUT_CLASS)


def test_memory_stays_small(tmp_path: Path) -> None:
    """Of very many requests the last ones are kept."""
    memory = Memory(tmp_path, TARGET)
    for number in range(MOST + 5):
        memory.keep(INPUT_CLASS, device_id(f"none-{number}", "one of many"))

    assert MOST == len(list((tmp_path / "failing").iterdir()))


def test_folder_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The folder is the one given, else the variable's, else the user's cache folder."""
    monkeypatch.setenv("CONFORMANCE_CACHE_DIR", str(tmp_path / "variable"))

    assert (tmp_path / "given", tmp_path / "variable") == (folder(tmp_path / "given"), folder())
    monkeypatch.delenv("CONFORMANCE_CACHE_DIR")
    assert "revocation-conformance" == folder().name


@pytest.mark.parametrize("identity", ["0123456789", "../../etc/passwd", "", "zzz", "0123456789.json"])
def test_unknown_id_is_a_usage_error(identity: str, tmp_path: Path) -> None:
    """--replay of an id that nothing is kept under says so."""
    with pytest.raises(UsageError, match="no failing request of this id is kept"):
        replay.find(identity, tmp_path)


def test_fixed_example_can_be_replayed_anywhere(tmp_path: Path) -> None:
    """The ids of fixed examples are known without a cache."""
    example = input_classes.fixed(INPUT_CLASS)[0]

    assert example == replay.find(example.id, tmp_path).example
