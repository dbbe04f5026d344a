"""Reads a results file strictly: whoever wrote it, what comes out can be rendered, compared and shown.

Every value has exactly the type that the record's classes give it, numbers are finite, ids are slugs and unique, dates
are dates, URLs can be taken apart. Whatever isn't so is a RecordError of one line.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import errno
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeVar, get_args, get_origin
from urllib.parse import urlsplit

import cattrs
from cattrs.strategies import configure_tagged_union

from conformance.evidence.glyphs import line
from conformance.exceptions import RecordError
from conformance.files import content
from conformance.record.members import structuring
from conformance.record.observation import Observation, Revocation
from conformance.record.results import FORMAT, SLUG, CaseResult, Exit, Record

__all__ = ["LAST_SECOND", "read_record", "unreadable"]

T = TypeVar("T")

LARGEST = 256 * 1024 * 1024
"""Bytes. A run that makes ten thousand calls writes less."""

LARGEST_NUMBER = 2**63
LONGEST_NUMBER = 400
LAST_SECOND = 253_000_000_000
"""Seconds since the epoch, in the year 9987: what is later can't be written as a date with any time zone."""

SHOWN = 3
"""Problems that are told; one is enough to know that a file is damaged."""

DIGEST = re.compile(r"[0-9a-f]{64}")
WORD = re.compile(r"[!-~]+")
NOT_SHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
SURROGATE = re.compile(r"[\ud800-\udfff]")

FREE = frozenset(
    {
        *("absent", "actual", "after", "edit", "edits", "ended", "expected", "first", "headers", "kept", "message"),
        *("no_verdict", "notes", "places", "queued", "reason", "summary", "task_ids", "unclear", "unobserved"),
        *("unreadable", "untested"),
    }
)
"""Members that hold what a target or the suite sent, half a surrogate pair among it; it is made visible where shown."""


class _Wrong(ValueError):
    """What is wrong with a value, in a few words."""


def read_record(path: Path) -> Record:
    """The record in the file PATH; RecordError when it can't be read, is no record, or of a newer format."""
    data = _parsed(path, _content(path))
    version = data.get("format") if isinstance(data, dict) else None
    if not isinstance(data, dict) or "format" not in data:
        raise unreadable(path, "not results of this suite (the member format is missing)")
    if type(version) is not int or version < 1:
        raise unreadable(path, f"not results of this suite (format is {_shown(version)}, not a number from 1 on)")
    if version > FORMAT:
        raise unreadable(path, f"results format {version}; this version reads up to {FORMAT}: upgrade")
    try:
        record = _converter.structure(data, Record)
    except (cattrs.BaseValidationError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _damaged(path, _told(error)) from None
    problems = [*_halves(data), *_problems(record)]
    if problems:
        raise _damaged(path, problems)
    return record


def unreadable(path: Path, words: str) -> RecordError:
    """That the file PATH can't be read, as WORDS say, in one line: both may come from elsewhere."""
    return RecordError(line(f"{path}: {words}"))


def _damaged(path: Path, problems: Iterable[str]) -> RecordError:
    listed = list(dict.fromkeys(problems))
    more = f"; and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return unreadable(path, f"damaged results: {'; '.join(listed[:SHOWN])}{more}")


def _shown(value: object) -> str:
    """VALUE in a few characters."""
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:40]}…"  # noqa: PLR2004 (characters that a line has room for)


# -- the file ----------------------------------------------------------------------------------------------------------


def _content(path: Path) -> str:
    try:
        found = content(path, LARGEST)
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise unreadable(path, f"{error.strerror or error}") from error
        found = None
    except MemoryError:
        found = None
    if found is None:
        raise unreadable(path, f"too large for results (more than {LARGEST // 1024 // 1024} MiB)")
    try:
        return found.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unreadable(path, f"not JSON (byte {error.start} isn't UTF-8)") from error


def _parsed(path: Path, text: str) -> Any:
    try:
        return json.loads(
            text, object_pairs_hook=_members, parse_constant=_constant, parse_int=_integer, parse_float=_fraction
        )
    except RecursionError:
        raise unreadable(path, "not JSON that can be read (nested too deep)") from None
    except MemoryError:
        raise unreadable(path, "too large to be read") from None
    except ValueError as error:
        raise unreadable(path, f"not JSON ({error})") from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        # Two readers may take different ones, so that one sees another verdict than the other.
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise _Wrong(f"an object has two members {_shown(twice)}")
    return value


def _constant(name: str) -> NoReturn:
    raise _Wrong(f"{name} is no JSON number")


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise _Wrong(f"a number of {len(digits)} digits")
    return int(digits)


def _fraction(digits: str) -> float:
    if len(digits) > LONGEST_NUMBER:
        raise _Wrong(f"a number of {len(digits)} digits")
    return float(digits)


# -- types -------------------------------------------------------------------------------------------------------------


def _text_in(value: Any, _: object) -> str:
    return _of(str, value, "text")


def _truth_in(value: Any, _: object) -> bool:
    return _of(bool, value, "true or false")


def _integer_in(value: Any, _: object) -> int:
    if type(value) is not int or abs(value) >= LARGEST_NUMBER:
        raise _Wrong(f"{_shown(value)} where a whole number belongs")
    return value


def _number_in(value: Any, _: object) -> float:
    if type(value) not in (int, float) or not math.isfinite(value) or abs(value) >= LARGEST_NUMBER:
        raise _Wrong(f"{_shown(value)} where a number belongs")
    return float(value)


def _of(kind: type[T], value: Any, words: str) -> T:
    if not isinstance(value, kind):
        raise _Wrong(f"{_shown(value)} where {words} belongs")
    return value


def _choice_in(value: Any, kind: Any) -> Any:
    if not isinstance(value, str) or value not in get_args(kind):
        raise _Wrong(f"{_shown(value)} isn't one of {', '.join(get_args(kind))}")
    return value


def _tuple_in(value: Any, kind: Any) -> tuple[Any, ...]:
    first, *rest = get_args(kind)
    listed = _of(list, value, "a list")
    if rest != [...] and len(listed) != len(rest) + 1:
        raise _Wrong(f"a list of {len(listed)} where {len(rest) + 1} belong")
    # Every tuple of a record holds values of one kind.
    return tuple(_converter.structure(listed, list[first]))  # type: ignore[valid-type]  # it is a type


def _set_in(value: Any, kind: Any) -> frozenset[Any]:
    return frozenset(_converter.structure(_of(list, value, "a list"), list[get_args(kind)[0]]))  # type: ignore[arg-type, misc]  # it is a type


def _mapping_in(value: Any, kind: Any) -> dict[str, Any]:
    _, inner = get_args(kind)
    mapping = _of(dict, value, "an object")
    return {key: _converter.structure(one, inner) for key, one in mapping.items()}


def _bytes_in(value: Any, _: object) -> bytes:
    """A body: text, or base64 where it is no UTF-8."""
    match value:
        case {"text": str(text)} if len(value) == 1:
            if SURROGATE.search(text):
                raise _Wrong("half a surrogate pair in a body")
            return text.encode("utf-8")
        case {"base64": str(text)} if len(value) == 1:
            try:
                return base64.b64decode(text, validate=True)
            except (binascii.Error, ValueError):
                raise _Wrong("a body that is no base64") from None
    raise _Wrong(f"{_shown(value)} where a body, as text or base64, belongs")


def _object_in(kind: type[T], converter: cattrs.Converter) -> Callable[[Any, object], T]:
    structure = structuring(kind, converter)
    return lambda value, _: structure(_of(dict, value, "an object"), kind)


def _comes_of(origin: object, kind: Any) -> bool:
    return get_origin(kind) is origin


def _make_converter() -> cattrs.Converter:
    converter = cattrs.Converter()
    converter.register_structure_hook_factory(is_dataclass, lambda kind: _object_in(kind, converter))
    for kind, hook in ((str, _text_in), (bool, _truth_in), (int, _integer_in), (float, _number_in), (bytes, _bytes_in)):
        converter.register_structure_hook(kind, hook)
    for origin, inner in (
        (Literal, _choice_in),
        (tuple, _tuple_in),
        (dict, _mapping_in),
        (Mapping, _mapping_in),
        (frozenset, _set_in),
    ):
        converter.register_structure_hook_func(partial(_comes_of, origin), inner)
    configure_tagged_union(Observation, converter, tag_name="kind")
    return converter


_converter = _make_converter()


def _told(error: Exception) -> Iterator[str]:
    """What is wrong and where, for each thing that ERROR gathers."""
    if isinstance(error, cattrs.BaseValidationError):
        yield from (told.replace(" @ $.", " at ") for told in cattrs.transform_error(error, format_exception=_words))
    else:
        yield _words(error, None)


def _words(error: BaseException, _: object) -> str:
    if isinstance(error, _Wrong):
        return str(error)
    if isinstance(error, KeyError):
        return f"the member {error.args[0]} is missing"
    return "not what belongs there"


# -- what the types don't say ------------------------------------------------------------------------------------------


def _halves(data: Any, member: str = "") -> Iterator[str]:
    """Where half a surrogate pair stands in DATA, the value of MEMBER, outside of what a target sent."""
    if member in FREE:
        return
    if isinstance(data, Mapping):
        for name, value in data.items():
            yield from _halves(name)
            yield from _halves(value, name)
    elif isinstance(data, list):
        for value in data:
            yield from _halves(value, member)
    elif isinstance(data, str) and SURROGATE.search(data):
        yield f"half a surrogate pair in {member or 'a name'}"


def _problems(record: Record) -> Iterator[str]:
    """What is wrong with RECORD although its types are right."""
    yield from _unless(_is_moment(record.run.started), "started", record.run.started)
    yield from _unless(record.exit_status in set(Exit), "exit_status", record.exit_status)
    yield from _amounts("", calls=record.run.calls, duration_s=record.run.duration_s)
    for url in record.target.base_url.split(", "):
        yield from _unless(_is_url(url), "target.base_url", url)
    for name in (record.suite.name, record.suite.version, record.suite.document, record.target.provider):
        yield from _unless(not NOT_SHOWN.search(name), "a name in suite or target", name)
    for name, digest in record.suite.digests.items():
        yield from _unless(not NOT_SHOWN.search(name), "a name in suite.digests", name)
        yield from _unless(bool(DIGEST.fullmatch(digest)), f"suite.digests of {_shown(name)}", digest)
    for waiver in record.waivers:
        yield from _unless(_is_day(waiver.expires), "expires of a waiver", waiver.expires)
        for name in filter(None, (waiver.requirement, waiver.case)):
            yield from _unless(not NOT_SHOWN.search(name), "what a waiver names", name)
    yield from _unless(_is_day(record.conditions.day), "conditions.day", record.conditions.day)
    yield from _ids("conditions.declared", *record.conditions.declared)
    for requirement in record.requirements:
        yield from _ids("requirements", requirement.id, *requirement.cases, *requirement.ground.readings)
        yield from _ids("requirements", *filter(None, [requirement.masked_by]))
    for event in record.run.timeline:
        yield from _amounts(" of an event of the timeline", started=event.started, duration_s=event.duration_s)
    yield from _repeated("requirement", (requirement.id for requirement in record.requirements))
    for case in record.cases:
        yield from _of_case(case)
    yield from _repeated("case", (case.id for case in record.cases))


def _of_case(case: CaseResult) -> Iterator[str]:
    yield from _ids("cases", case.id, *case.requirements, *case.untested, *case.proves)
    yield from _amounts(f" of the case {case.id}", calls=case.evidence.calls, duration_s=case.evidence.duration_s)
    yield from _unless(not NOT_SHOWN.search(case.chapter), "the chapter of a case", case.chapter)
    yield from _ids("cases", *filter(None, [case.masked_by]))
    for observation in case.evidence.observations:
        if isinstance(observation, Revocation):
            yield from _amounts(f" of an observation of the case {case.id}", settle_time=observation.settle_time)
    if case.evidence.replay is not None:
        yield from _ids("replay", case.evidence.replay)
    for finding in case.findings:
        yield from _ids("findings", finding.requirement, *filter(None, [finding.reading]))
        known = finding.exchange is None or 0 <= finding.exchange < len(case.evidence.exchanges)
        yield from _unless(known, f"exchange of a finding of the case {case.id}", finding.exchange)
    for exchange in case.evidence.exchanges:
        where = f"an exchange of the case {case.id}"
        yield from _unless(0 <= exchange.started <= LAST_SECOND, f"started of {where}", exchange.started)
        yield from _amounts(f" of {where}", duration_s=exchange.duration_s, resent=exchange.resent)
        yield from _unless(bool(WORD.fullmatch(exchange.request.method)), f"method of {where}", exchange.request.method)
        yield from _unless(_is_url(exchange.request.url), f"url of {where}", exchange.request.url)
        lines = chain(exchange.request.headers, exchange.response.headers if exchange.response else ())
        for name, _ in lines:
            yield from _unless(not NOT_SHOWN.search(name), f"a header's name in {where}", name)
        if exchange.response is not None:
            status = exchange.response.status
            yield from _unless(0 <= status <= 999, f"status of {where}", status)  # noqa: PLR2004 (three digits)


def _unless(good: bool, where: str, value: object) -> Iterator[str]:  # noqa: FBT001 (what it depends on)
    if not good:
        yield f"{where} can't be {_shown(value)}"


def _amounts(whose: str, **amounts: float) -> Iterator[str]:
    for name, amount in amounts.items():
        yield from _unless(amount >= 0, f"{name}{whose}", amount)


def _ids(where: str, *ids: str) -> Iterator[str]:
    for identifier in ids:
        yield from _unless(bool(SLUG.fullmatch(identifier)), f"an id in {where}", identifier)


def _repeated(kind: str, ids: Iterable[str]) -> Iterator[str]:
    repeated = (identifier for identifier, count in Counter(ids).items() if count > 1)
    for identifier in islice(repeated, SHOWN):
        yield f"two {kind}s have the id {_shown(identifier)}"


def _is_moment(text: str) -> bool:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return moment.tzinfo is not None and 1970 <= moment.year <= 9987  # noqa: PLR2004 (as LAST_SECOND)


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_url(text: str) -> bool:
    """Whether TEXT can be taken apart as a URL wherever that is done."""
    try:
        parts = urlsplit(text)
        _ = parts.port, parts.hostname
    except ValueError:
        return False
    return bool(text) and not NOT_SHOWN.search(text)
