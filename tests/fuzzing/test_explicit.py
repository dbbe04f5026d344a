"""Explicit cases stay explicit: no generated example repeats one."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from conformance.evidence.exchange import Request
from conformance.fuzzing import input_classes
from conformance.fuzzing.example import Example, Values
from conformance.suite.registry import registered

from .rig import run_classes

PLAIN = Example("")
TRANSPORT = frozenset({"host", "user-agent", "accept", "accept-encoding", "content-length"})


def _shape(query: str, headers: tuple[tuple[str, str], ...], body: bytes | None, device_ids: set[str]) -> str:
    """The request without its device and without insignificant white space."""
    for device_id in device_ids:
        body = (body or b"").replace(device_id.encode(), b"device-1")
    try:
        text = json.dumps(json.loads(body or b""))
    except (ValueError, RecursionError):
        text = repr(body or b"")
    lines = sorted((name.lower(), value) for name, value in headers if name.lower() not in TRANSPORT)
    return f"{query} {lines} {text}"


def _sent(request: Request, device_ids: set[str]) -> str:
    return _shape(urlsplit(request.url).query, request.headers, request.body, device_ids)


def test_no_example_repeats_an_explicit_case(tmp_path: Path) -> None:
    """What the explicit cases send in a run is in none of the classes, white space and the device aside."""
    explicit = [case.id for case in registered().values() if case.chapter in ("bounds", "malformed", "credentials")]
    outcome = run_classes(explicit, tmp_path)
    rig = outcome.course.rig
    requests = [one.request for result in outcome.results.values() for one in result.evidence.exchanges]
    ids = outcome.course.state.devices.ids
    sent = {_sent(request, ids) for request in requests}
    target = rig.context.configuration.target
    values = Values("device-1", exists=True, app_key=target.app_key, token=rig.token(), app_id=target.app_id)
    repeated = []
    for input_class in input_classes.INPUT_CLASSES:
        example: Example
        for example in (
            *input_classes.fixed(input_class),
            *itertools.islice(input_classes.endless(input_class, 5), 100),
        ):
            draft = example.draft(values)
            if replace(draft, edit="") == PLAIN.draft(values):
                # Not sent: where the app_key has no letters, say, it has no other letter case.
                continue
            if _shape(draft.query, draft.headers, draft.body, set()) in sent:
                repeated.append((input_class, example.edit))

    assert [] == repeated
