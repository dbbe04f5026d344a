"""What is sent: the same requests for the same seed and versions, made by what other libraries publish."""

from __future__ import annotations

import ast
import base64
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from conformance.client.draft import PATH
from conformance.fuzzing import drawing, schema_cases
from conformance.fuzzing.versions import MADE_BY, versions

from . import boundaries, hashes

CHECKOUT = Path(__file__).resolve().parents[2]
BOUNDARIES = json.loads(boundaries.FILE.read_text("ascii"))
HASHES = json.loads(hashes.FILE.read_text("ascii"))
REFRESH = "python -m tests.fuzzing.boundaries, then python -m tests.fuzzing.hashes"


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


# -- coverage cases ----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(
    _number(versions()["schemathesis"]) < _number(BOUNDARIES["made_by"]["schemathesis"]),
    reason=f"the coverage cases were recorded by Schemathesis {BOUNDARIES['made_by']['schemathesis']}, a later one",
)
def test_coverage_cases_are_those_of_the_newest_schemathesis() -> None:
    """What Schemathesis' command sends today is what was recorded, with what each case varies."""
    now = boundaries.recorded()

    assert BOUNDARIES["examples"] == now["examples"], f"refresh the file: {REFRESH}"


def test_coverage_cases_say_what_they_vary() -> None:
    """Every recorded case names the part of the request and what is unusual about it, and is loaded."""
    shapes = [re.fullmatch(r"(body|header|query)( \S+)*: .+", entry["varies"]) for entry in BOUNDARIES["examples"]]

    assert None not in shapes
    assert [entry["edit"] for entry in BOUNDARIES["examples"]] == [one.edit for one in schema_cases.coverage()]


# -- the same requests on any machine ----------------------------------------------------------------------------------


def _locked() -> dict[str, str]:
    lines = (CHECKOUT / ".ci" / "lock.txt").read_text("utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if "==" in line)
    return {name: pins[name] for name in MADE_BY}


def test_hashes_are_those_of_the_locked_versions() -> None:
    """Whoever changes the lock file sees what it changes about the requests."""
    assert _locked() == HASHES["made_by"], f"refresh the files: {REFRESH}"
    assert _locked()["schemathesis"] == BOUNDARIES["made_by"]["schemathesis"], f"refresh the files: {REFRESH}"


@pytest.mark.skipif(
    hashes.made_by() != HASHES["made_by"],
    reason=f"the hashes are of {', '.join(' '.join(pair) for pair in HASHES['made_by'].items())}",
)
@pytest.mark.parametrize("seed", hashes.SEEDS)
def test_requests_of_a_seed_stay_the_same(seed: int) -> None:
    """A change of what is sent shows here, on whatever Python and machine."""
    assert HASHES["seeds"][str(seed)] == hashes.hashed(seed), f"where it is meant: {REFRESH}"


DRAW = """
import hashlib, itertools, os
from conformance.fuzzing import input_classes
ids = [one.id for s in input_classes.INPUT_CLASSES
       for one in (*input_classes.ordered(s, 7), *input_classes.fuzzed(s, 7),
                   *itertools.islice(input_classes.endless(s, 7), 50))]
print(len(ids), hashlib.sha256("".join(ids).encode()).hexdigest(), sorted(os.listdir()))
"""
LITERALS = "WORDS = ['a-literal-of-the-project', 'AAAA', 123457, 0.25, b'bytes']\n"
PROFILE = """
import hypothesis
hypothesis.settings.register_profile("theirs", max_examples=3, derandomize=True)
hypothesis.settings.load_profile("theirs")
import names
"""


def _drawn(folder: Path, *, files: dict[str, str], variables: dict[str, str], flags: tuple[str, ...] = ()) -> str:
    """What a process in FOLDER, a project with FILES, draws."""
    folder.mkdir()
    for name, text in {**files, "draw.py": files.get("draw.py", "") + DRAW}.items():
        (folder / name).write_text(text)
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "PYTHONHASHSEED")}
    path = os.pathsep.join([str(folder), *filter(None, sys.path)])
    environment = {**kept, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **variables}
    command = [sys.executable, *flags, "draw.py"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.replace(str(sorted({"draw.py", *files})), "[only its own files]")


SURROUNDINGS: dict[str, dict[str, Any]] = {
    "another hash seed": {"files": {}, "variables": {"PYTHONHASHSEED": "3"}},
    "local modules": {"files": {"names.py": LITERALS, "draw.py": f"import names\n{LITERALS}"}, "variables": {}},
    "modules that Python loads at start": {"files": {"sitecustomize.py": LITERALS}, "variables": {}},
    "a profile of the project": {"files": {"names.py": LITERALS, "draw.py": PROFILE}, "variables": {}},
    "settings of other tools": {
        "files": {
            "schemathesis.toml": '[generation]\nmode = "positive"\nmax-examples = 2\n',
            "hooks.py": "import schemathesis\n",
            "conftest.py": LITERALS,
        },
        "variables": {"SCHEMATHESIS_HOOKS": "hooks", "HYPOTHESIS_STORAGE_DIRECTORY": ".kept", "CI": "true"},
    },
    "an optimising Python": {"files": {}, "variables": {}, "flags": ("-O", "-X", "utf8=0")},
    "another locale": {"files": {}, "variables": {"LC_ALL": "C", "TZ": "Pacific/Kiritimati"}},
}


@pytest.mark.parametrize("surroundings", SURROUNDINGS)
def test_surroundings_have_no_say(tmp_path: Path, surroundings: str) -> None:
    """Whatever stands around it in a project or its environment, a seed draws the same, and leaves nothing behind."""
    plain = _drawn(tmp_path / "plain", files={}, variables={"PYTHONHASHSEED": "1"})
    surrounded = _drawn(tmp_path / "surrounded", **SURROUNDINGS[surroundings])

    assert plain == surrounded
    assert plain.endswith("[only its own files]\n")


def test_tables_are_kept_nowhere_where_nothing_can_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a folder for what Hypothesis computes once, the same requests are drawn."""
    (tmp_path / "file").write_text("")
    kept = schema_cases.fuzzing.__wrapped__(7)
    monkeypatch.setenv("CONFORMANCE_CACHE_DIR", str(tmp_path / "file"))

    assert kept == schema_cases.fuzzing.__wrapped__(7)


def test_what_goes_wrong_in_drawing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the installed versions don't work together, the last lines of what they say are told."""
    monkeypatch.setattr(schema_cases, "CONFIG", {"no-such-setting": 1})

    with pytest.raises(RuntimeError, match=r"Schemathesis couldn't draw requests from the document: .*no-such-setting"):
        schema_cases.fuzzing.__wrapped__(7)


# -- the program that draws --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Case:
    """A case of Schemathesis, as far as the program asks it."""

    arguments: dict[str, Any]

    def as_transport_kwargs(self) -> dict[str, Any]:
        return {"method": "POST", "url": "http://127.0.0.1:9/", "headers": {}, **self.arguments}


@pytest.mark.parametrize(
    ("arguments", "body"),
    [
        ({}, None),
        ({"json": {"deviceId": 1}}, b'{"deviceId": 1}'),
        ({"data": "ä"}, "ä".encode()),
        ({"data": b"\xff"}, b"\xff"),
    ],
    ids=["no body", "JSON", "text", "bytes"],
)
def test_requests_are_handed_over_as_they_are_sent(arguments: dict[str, Any], body: bytes | None) -> None:
    """A case becomes the bytes that its client would send."""
    prepared = drawing.prepared(_Case({**arguments, "params": {"appId": "ä"}, "headers": {"app_key": b"\xe4"}}))

    assert prepared is not None
    assert "http://127.0.0.1:9/?appId=%C3%A4" == prepared["url"]
    assert ["app_key", "ä"] in prepared["headers"]
    assert body == (None if prepared["body"] is None else base64.b64decode(prepared["body"]))


@pytest.mark.parametrize(
    "arguments",
    [{"headers": {"app_key": "a\nb"}}, {"url": "http://[::1"}, {"data": iter([b"piece"])}],
    ids=["a header of two lines", "no address", "a body in pieces"],
)
def test_what_cannot_be_sent_is_left_out(arguments: dict[str, Any]) -> None:
    """A case that the client refuses, or would stream, is no request."""
    assert drawing.prepared(_Case(arguments)) is None


def test_nothing_is_drawn_where_there_is_nothing() -> None:
    """Parts of which nothing can be invalid draw nothing, and break nothing."""
    assert [] == drawing.examples(st.nothing(), 5, 1)


def test_the_program_draws_what_the_suite_hands_on() -> None:
    """An order for one part brings invalid requests and valid ones, as many as it asks for at most."""
    part = {"draws": 5, "fixed": {"headers": {"app_key": "a"}, "query": {"appId": "b"}}}
    order = {
        "config": schema_cases.CONFIG,
        "document": schema_cases.document(),
        "path": PATH,
        "method": "POST",
        "parts": [part],
        "seed": 1,
    }

    assert 2 <= len(list(drawing.drawn(order))) <= 10


# -- public parts only -------------------------------------------------------------------------------------------------


def _uses(path: Path) -> set[str]:
    """What PATH imports of the two libraries, and the attributes that it takes from them."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Attribute):
            found.add(ast.unparse(node))
    return {name for name in found if name.partition(".")[0] in ("schemathesis", "hypothesis")}


def test_only_public_parts_are_used() -> None:
    """One program of the suite imports the two libraries, and it and the tests use what their documentation names."""
    uses = {path.relative_to(CHECKOUT).as_posix(): _uses(path) for path in (CHECKOUT / "conformance").rglob("*.py")}
    tests = set().union(*map(_uses, (path for path in (CHECKOUT / "tests").rglob("*.py") if path != Path(__file__))))

    # Properties that tests state in Hypothesis' words are no requests.
    assert tests <= {f"hypothesis.{name}" for name in ("assume", "example", "given", "settings", "strategies")}
    assert {
        "conformance/fuzzing/drawing.py": {
            "hypothesis",
            "hypothesis.HealthCheck",
            "hypothesis.Phase",
            "hypothesis.Phase.generate",
            "hypothesis.Verbosity",
            "hypothesis.Verbosity.quiet",
            "hypothesis.errors",
            "hypothesis.errors.Unsatisfiable",
            "hypothesis.given",
            "hypothesis.seed",
            "hypothesis.settings",
            "schemathesis",
            "schemathesis.Config",
            "schemathesis.Config.from_dict",
            "schemathesis.GenerationMode",
            "schemathesis.GenerationMode.NEGATIVE",
            "schemathesis.GenerationMode.POSITIVE",
            "schemathesis.openapi",
            "schemathesis.openapi.from_dict",
        }
    } == {name: used for name, used in uses.items() if used}
