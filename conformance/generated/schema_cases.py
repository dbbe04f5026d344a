"""Examples that Schemathesis makes of the OpenAPI document: its coverage cases and its fuzzing.

What is used of it beyond its public interface was read in release 4.32.5, which the package pins.
"""

from __future__ import annotations

import copy
import functools
import itertools
import json
import re
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.cache import place
from conformance.contract import documents
from conformance.generated.corpus.device_ids import written
from conformance.generated.deviation import LONGEST, PLAIN_TEXT
from conformance.generated.example import APP_ID, APP_KEY, DEVICE, HEADERS, Example, described
from conformance.target.client import PATH

if TYPE_CHECKING:
    import schemathesis

__all__ = ["DRAWS", "coverage", "fuzzing"]

DRAWS = 60
"""Examples drawn of each kind, valid and invalid. The request is small: further draws mostly repeat themselves."""

LINE = re.compile(r"(?:[\x21-\x7e\x80-\xff](?:[\x20-\x7e\t\x80-\xff]*[\x21-\x7e\x80-\xff])?)?")
"""Header values that can be sent."""

ENCODABLE = ((0, 0xD7FF), (0xE000, 0x10FFFF))
"""The characters that UTF-8 can encode: all but surrogates."""

LEAST = 12
"""Plain text that is shorter might name a device that exists."""


def _document() -> dict[str, Any]:
    """The document with examples that stand for the run's own values; the credentials are none of its business."""
    document = copy.deepcopy(dict(documents.load().openapi))
    document.pop("security", None)
    components = document["components"]
    components["parameters"]["AppKey"]["example"] = APP_KEY
    components["parameters"]["AppId"]["example"] = APP_ID
    components["schemas"]["CancelRequest"]["properties"]["deviceId"]["examples"] = [DEVICE]
    media = components["requestBodies"]["CancelRequest"]["content"]["application/json"]
    media["examples"] = {"device": {"value": {"deviceId": DEVICE}}}
    return document


@functools.cache
def _operation() -> Any:
    import schemathesis  # noqa: PLC0415 (slow to import, and needed for generated cases only)

    config = schemathesis.Config.from_dict(
        {
            "base-url": "http://127.0.0.1:9",
            "generation": {"mode": "all", "with-security-parameters": False, "database": "none"},
            "phases": {"coverage": {"enabled": True, "unexpected-methods": []}, "stateful": {"enabled": False}},
        }
    )
    return schemathesis.openapi.from_dict(_document(), config=config)[PATH]["POST"]


@contextmanager
def _home() -> Iterator[Path]:
    """A folder for the tables that Hypothesis computes once: in the suite's own cache, where that can be written."""
    home = place("hypothesis")
    if home is None:
        with tempfile.TemporaryDirectory(prefix="conformance-") as temporary:
            yield Path(temporary)
    else:
        yield home


@contextmanager
def _hermetic() -> Iterator[None]:
    """Nothing of the machine, the folder or the project under test flows into what is generated, nor anything back."""
    from hypothesis import configuration  # noqa: PLC0415 (as above)
    from hypothesis.internal import charmap  # noqa: PLC0415 (as above)
    from hypothesis.internal.conjecture import providers  # noqa: PLC0415 (as above)
    from hypothesis.internal.constants_ast import Constants  # noqa: PLC0415 (as above)
    from hypothesis.internal.intervalsets import IntervalSet  # noqa: PLC0415 (as above)

    tables = charmap.intervals_from_codec
    utf_8 = IntervalSet(ENCODABLE), IntervalSet(())
    constants = providers._get_local_constants  # noqa: SLF001 (no public way)
    with _home() as home, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = configuration.storage_directory(intent_to_write=False).home_directory
        none = Constants()
        providers._get_local_constants = lambda: none  # noqa: SLF001 (literals of local modules would be drawn)
        # Trying every character out, as Hypothesis does once, takes 250 MB.
        charmap.intervals_from_codec = lambda codec: utf_8 if codec == "utf-8" else tables(codec)  # type: ignore[assignment]  # a cached function
        configuration.set_hypothesis_home_dir(home)
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(before)
            providers._get_local_constants = constants  # noqa: SLF001 (as above)
            charmap.intervals_from_codec = tables


@functools.cache
def coverage() -> tuple[Example, ...]:
    """The deterministic cases: every bound, type, member and parameter of the document."""
    with _hermetic():
        from schemathesis import GenerationMode  # noqa: PLC0415 (as above)
        from schemathesis.generation.coverage import GenerationSession  # noqa: PLC0415 (as above)
        from schemathesis.generation.drivers import CoverageGenerator  # noqa: PLC0415 (as above)
        from schemathesis.generation.feedback import FeedbackSources  # noqa: PLC0415 (as above)
        from schemathesis.generation.overrides import Override  # noqa: PLC0415 (as above)

        operation = _operation()
        cases = CoverageGenerator(
            operation=operation,
            generation_modes=list(GenerationMode),
            generation_config=operation.schema.config.generation_for(operation=operation, phase="coverage"),
            auth_storage=None,
            override=Override(),
            feedback=FeedbackSources(),
            session=GenerationSession(),
        )
        return tuple(_examples(cases, "boundary"))


@functools.cache
def fuzzing(seed: int) -> tuple[Example, ...]:
    """Random cases, valid and invalid in turn; the same for the same seed."""
    with _hermetic():
        from schemathesis import GenerationMode  # noqa: PLC0415 (as above)

        # One part of the request at a time: behind a wrong app_key nobody reads the body.
        headers, query, body = {"app_key": APP_KEY}, {"appId": APP_ID}, {"deviceId": DEVICE}
        drawn = [
            _drawn(mode, seed, draws, **parts)
            for draws, parts in (
                (DRAWS, {"headers": headers, "query": query}),
                (DRAWS // 4, {"headers": headers, "body": body}),
                (DRAWS // 4, {"query": query, "body": body}),
            )
            for mode in (GenerationMode.NEGATIVE, GenerationMode.POSITIVE)
        ]
        return tuple(_examples(itertools.chain.from_iterable(drawn), "random"))


def _drawn(mode: schemathesis.GenerationMode, seed: int, draws: int, **parts: Any) -> list[Any]:
    import hypothesis  # noqa: PLC0415 (as above)

    cases: list[Any] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=draws,
        database=None,
        deadline=None,
        phases=(hypothesis.Phase.generate,),
        suppress_health_check=list(hypothesis.HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
    )
    @hypothesis.given(case=_operation().as_strategy(generation_mode=mode, **parts))
    def collect(case: Any) -> None:
        cases.append(case)

    try:
        collect()
    except hypothesis.errors.Unsatisfiable:
        # Nothing about these parts can be invalid, or all of them had to be fixed.
        return cases
    return cases


def _examples(cases: Iterable[Any], kind: str) -> Iterator[Example]:
    seen = set()
    for case in cases:
        example = _example(case, kind)
        if example is not None and example.id not in seen:
            seen.add(example.id)
            yield example


def _example(case: Any, kind: str) -> Example | None:
    """CASE as an edit of the plain call; None where it can't be sent as it is meant."""
    import requests  # noqa: PLC0415 (Schemathesis' own transport, which knows how its cases are serialised)

    arguments = case.as_transport_kwargs()
    try:
        prepared = requests.Request(
            arguments["method"],
            arguments["url"],
            params=arguments.get("params"),
            data=arguments.get("data"),
            json=arguments.get("json"),
            files=arguments.get("files"),
            headers=arguments["headers"],
        ).prepare()
    except (requests.RequestException, ValueError, TypeError):
        return None
    body = prepared.body.encode("utf-8", "surrogatepass") if isinstance(prepared.body, str) else prepared.body
    query = (prepared.url or "").partition("?")[2].partition("#")[0]
    lines = []
    for name, _ in HEADERS:
        text = HEADERS[1][1] if name == "Authorization" else _text(prepared.headers.get(name))
        if text is not None and not LINE.fullmatch(text):
            return None
        lines += [] if text is None else [(name, text)]
    if body is not None and not isinstance(body, bytes):
        return None
    # One thing at a time: the application's own appId is there only where the query is what varies.
    query = "" if query == f"appId={APP_ID}" else query
    example = Example("", _single(body or None), query, tuple(lines))
    return replace(example, edit=f"{kind} case: {described(example)}")


def _text(value: Any) -> str | None:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _single(body: bytes | None) -> bytes | None:
    """BODY with one thing that is unusual, and with no deviceId that might name an existing device."""
    try:
        value = json.loads(body or b"")
    except (ValueError, RecursionError):
        return body
    if not isinstance(value, dict) or "deviceId" not in value:
        return written(value)
    device_id = value["deviceId"]
    if not isinstance(device_id, str) or not 1 <= len(device_id) <= LONGEST or not PLAIN_TEXT.fullmatch(device_id):
        return written({"deviceId": device_id})
    if len(value) > 1 or device_id == DEVICE:
        return written({**value, "deviceId": DEVICE})
    longer = device_id.ljust(LEAST, "z")
    return written({"deviceId": f"none-{longer[5:]}"})
