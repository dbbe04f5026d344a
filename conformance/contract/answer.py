"""What an answer is, before it is held against anything: a task, an error, or neither."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from conformance.contract import body as bodies
from conformance.contract import documents
from conformance.contract.statuses import CREATED, REDIRECTS
from conformance.evidence.exchange import Response

__all__ = ["CHARSET", "Answer", "read"]

LONGEST_LOCATION = 200
CHARSETS = re.compile(r"utf|ascii|iso8859|iso2022|cp\d|gb|hz|big5|euc|shift_jis|johab|koi8|tis|mac")
CHARSET = re.compile(r""";\s*charset\s*=\s*["']?([^\s"';]+)""", re.IGNORECASE)
"""The charset that a content type names."""

JSON_TYPE = re.compile(r"""\s*application/json\s*(;([^",]|"[^"]*")*)?""", re.IGNORECASE)
LONGEST_CODE = 80
TASK_MEMBERS = ("taskId", "status", "totalCount", "deviceCommands")
CLASH = "error_code and resultcode disagree"
ELSEWHERE = "the code is neither in error_code nor in resultcode, as a string"
ENVELOPES = (("error_code", "error_desc"), ("resultcode", "resultmsg"))


@dataclass(frozen=True)
class Answer:
    """An answer, read as leniently as it can be, so that one fault hides no other.

    kind is "task" when the body looks like a task, "error" when a code can be made out in it, else "neither".
    value is the parsed body (None when not_json says why it couldn't be parsed). code is the error code as a string;
    envelope_problem says what is wrong about how it is carried, description_missing whether a description is.
    mislabelled: the content type names a charset by which the body reads otherwise than by UTF-8, or not at all.
    location is where a redirect leads.
    """

    status: int
    kind: Literal["task", "error", "neither"]
    value: Any
    not_json: str | None
    repeated: tuple[str, ...]
    media_type: str | None
    code: str | None
    envelope_problem: str | None
    description_missing: bool
    task_members: tuple[str, ...]
    mislabelled: bool = False
    location: str | None = None

    @property
    def success(self) -> bool:
        """Whether the code is the gateway's word for success: its clients don't take that for an error."""
        return isinstance(self.value, dict) and self.code == "0" and self.value.get("error_code") is None

    @property
    def undecided(self) -> bool:
        """Whether it carries two codes, so that nobody can tell which row of the table it is."""
        return self.envelope_problem == CLASH

    @property
    def json_media_type(self) -> bool:
        """Whether the content type is application/json, parameters aside."""
        return self.media_type is not None and JSON_TYPE.fullmatch(self.media_type) is not None

    def describe(self) -> str:
        """The answer in a few words, for the "actual" side of a finding."""
        if self.location is not None:
            return f"{self.status}, a redirect to {self.location}"
        if self.kind == "task":
            return f"{self.status} with a task"
        if self.code is not None:
            code = self.code if len(self.code) <= LONGEST_CODE else f"{self.code[:LONGEST_CODE]}…"
            return f"{self.status} with code {code}"
        if self.not_json is not None:
            return f"{self.status} with a body that is no JSON: {self.not_json}"
        return f"{self.status} with a JSON body that carries no error code"


def _scalars(value: Any, depth: int = 3) -> Iterator[Any]:
    """The scalars of VALUE down to DEPTH levels, nearest first; hostile bodies are no reason to search for long."""
    if depth == 0:
        return
    children = list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, list) else []
    for child in children[:50]:
        if isinstance(child, (str, int)) and not isinstance(child, bool):
            yield child
    for child in children[:50]:
        yield from _scalars(child, depth - 1)


def _code(value: dict[str, Any]) -> tuple[str | None, str | None, bool]:
    """(code, what is wrong with the envelope, whether the description is missing)."""
    found = [(name, text) for name, text in ENVELOPES if value.get(name) is not None]
    for name, text in found:
        code = value[name]
        description = value.get(text)
        missing = not (isinstance(description, str) and description.strip())
        if isinstance(code, str):
            others = {value[other] for other, _ in found if isinstance(value[other], str)}
            return code, CLASH if len(others) > 1 else None, missing
        if isinstance(code, int) and not isinstance(code, bool):
            return str(code), f"{name} is a number, not a string", missing
    return None, None, False


def _buried_code(value: dict[str, Any]) -> str | None:
    """The first code of the error table that stands anywhere in VALUE."""
    known = {row.code for row in documents.load().rows}
    return next((str(scalar) for scalar in _scalars(value) if str(scalar) in known), None)


@lru_cache(maxsize=2)
def read(response: Response) -> Answer:
    """Read RESPONSE; never raises, whatever the target sent. One after the other asks for the answer of one call."""
    try:
        body = bodies.parse(response.body)
        value, not_json, repeated = body.value, None, body.repeated
        if not isinstance(value, dict):
            not_json = f"not an object but {_name(value)}"
    except bodies.NotJSON as error:
        value, not_json, repeated = None, str(error), ()
    # A null member means the same as an absent one: an error that shares its class with the task carries no task.
    members = tuple(name for name in TASK_MEMBERS if isinstance(value, dict) and value.get(name) is not None)
    looks_like_task = isinstance(value, dict) and ("deviceCommands" in members or len(members) > 1)
    code, problem, missing = _code(value) if isinstance(value, dict) else (None, None, False)
    # A task's commands may hold anything, also a number that happens to be a code.
    if code is None and isinstance(value, dict) and not looks_like_task:
        code = _buried_code(value)
        problem = None if code is None else ELSEWHERE
    kind: Literal["task", "error", "neither"]
    if looks_like_task and (code is None or response.status == CREATED):
        kind = "task"
    else:
        kind = "error" if code is not None else "neither"
    return Answer(
        status=response.status,
        kind=kind,
        value=value,
        not_json=not_json,
        repeated=repeated,
        media_type=_media_type(response),
        code=code,
        envelope_problem=problem,
        description_missing=missing,
        task_members=members,
        mislabelled=not_json is None and _mislabelled(response),
        location=_location(response),
    )


def _media_type(response: Response) -> str | None:
    """The content type; where lines of it disagree, all of them, as no client can tell which one counts."""
    lines = [value for name, value in response.headers if name.lower() == "content-type"]
    return ", ".join(dict.fromkeys(lines)) if lines else None


def _location(response: Response) -> str | None:
    """Where RESPONSE leads, if it is a redirect."""
    location = response.header("location")
    if response.status not in REDIRECTS or not location:
        return None
    return location if len(location) <= LONGEST_LOCATION else f"{location[:LONGEST_LOCATION]}…"


def _mislabelled(response: Response) -> bool:
    label = CHARSET.search(response.header("content-type") or "")
    if label is None:
        return False
    try:
        # Python has codecs that are no charsets; some take very long for what a hostile target may send.
        if not CHARSETS.match(codecs.lookup(label[1]).name):
            return True
        return response.body.decode(label[1]) != response.body.decode("utf-8")
    except (LookupError, ValueError):
        # A charset that nobody knows, or that the body isn't in.
        return True


def _name(value: Any) -> str:
    names = {list: "a list", str: "a string", bool: "a boolean", int: "a number", float: "a number"}
    return "null" if value is None else names.get(type(value), "something else")
