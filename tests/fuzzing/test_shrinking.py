"""Smaller requests in the place of one that failed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.fuzzing import input_classes
from conformance.fuzzing.corpus.device_ids import device_id
from conformance.fuzzing.corpus.query import app_id
from conformance.fuzzing.example import DEVICE, Example, described, excerpt
from conformance.fuzzing.shrinking import smaller


def _shrunk(example: Example, fails: Callable[[Example], bool]) -> Example:
    """The smallest that is reached by taking the first smaller one that still fails."""
    while True:
        found = next((one for one in smaller(example) if fails(one)), None)
        if found is None:
            return example
        example = found


@pytest.mark.parametrize("input_class", input_classes.INPUT_CLASSES)
def test_candidates_are_smaller(input_class: str) -> None:
    """Every candidate is smaller than what it is made of, so that shrinking ends."""
    for example in input_classes.fixed(input_class)[:30]:
        assert all(candidate.size < example.size for candidate in smaller(example))


def test_text_shrinks_to_the_character_that_matters() -> None:
    """A long deviceId that fails for one character shrinks to that character."""
    example = device_id("none-\u05d0 so much '\0' other text", "long")

    assert b'{"deviceId": "\\u0000"}' == _shrunk(example, lambda one: b"\\u0000" in (one.body or b"")).body


def test_bytes_shrink_to_those_that_matter() -> None:
    """A malformed body that fails for one byte shrinks to that byte."""
    example = Example("", b'{"deviceId": "none", "a": \xff, 1, 2, 3}')

    assert b"\xff" == _shrunk(example, lambda one: b"\xff" in (one.body or b"")).body


def test_device_stays_whole() -> None:
    """What stands for the prepared device is never cut into pieces."""
    example = device_id(f"  {DEVICE}  ", "padded")
    candidates = [one.body or b"" for one in smaller(example)]

    assert all(body.replace(DEVICE.encode(), b"").count(b"--") == 0 for body in candidates)
    assert b'{"deviceId": "--device-- "}' in candidates


def test_parts_that_do_not_matter_go_first() -> None:
    """An edit of the query is dropped when the body alone fails."""
    example = Example("", b"[1]", query="appId=none")
    shrunk = _shrunk(example, lambda one: (one.body or b"").startswith(b"["))

    assert ("", b"[") == (shrunk.query, shrunk.body)


def test_app_id_shrinks() -> None:
    """A long appId that fails for an apostrophe shrinks to it."""
    assert "appId=%27" == _shrunk(app_id("none' OR 1=1", ""), lambda one: "%27" in one.query).query


def test_further_header_lines_are_left_out() -> None:
    """Of a token in five other headers and the query, the one place remains that matters."""
    example = input_classes.fixed("generated-token")[0]

    def fails(one: Example) -> bool:
        given = dict(one.headers)
        return "Authorization" not in given and "X-Access-Token" in given

    shrunk = _shrunk(example, fails)

    assert ("", {"app_key", "Content-Type", "X-Access-Token"}) == (shrunk.query, {name for name, _ in shrunk.headers})
    assert "no Authorization, a header X-Access-Token '(token)'" == shrunk.edit


def test_excerpts_say_that_they_are_cut() -> None:
    """What sets an example apart is told in part where it is long, and an ellipsis says so."""
    assert f"body '{'x' * 59}…" == described(Example("", b"x" * 99))
    assert f"body {'[1, 2, 3, ' * 6}…" == f"body {excerpt('[1, 2, 3, ' * 7)}"
    assert "body 'x'" == described(Example("", b"x"))
