"""Judges the answers of a recording, by what can be seen of each of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from conformance.client.draft import PATH
from conformance.contract import answer as answers
from conformance.contract import body as bodies
from conformance.contract import documents, names
from conformance.contract.accepted import accepted_requirements, judge_accepted
from conformance.contract.delivery import DELIVERY
from conformance.contract.judgement import Judgement, failed
from conformance.contract.meaning import judge_count
from conformance.contract.refused import REFUSED_GENERAL, Refusal, judge_refused
from conformance.contract.statuses import CREATED
from conformance.evidence.exchange import Exchange, Request, Response
from conformance.evidence.redaction import CUT, Redaction
from conformance.evidence.truncation import LONGEST_BODY, kept
from conformance.record.results import CaseResult, Conditions, Evidence, Finding, Outcome, Record, RunInfo, TargetInfo
from conformance.recorded import har
from conformance.recorded.allowance import not_the_services
from conformance.recorded.har import Call, Recording
from conformance.recorded.placeholders import is_replaced
from conformance.recorded.review import NAMES_APPLICATION, Reviewed, device_id_problem, review
from conformance.recorded.secrets import MOST, MOST_OF_ONE, secrets
from conformance.verdict import Exit, Policy, judge
from conformance.verdict.recording import make_record

__all__ = ["Judged", "judge_file"]

CHAPTER = "traffic"
LONGEST_URL = 8 * 1024
LONGEST_LINE = 16 * 1024
MOST_NOTED, MOST_TOLD = 20, 200
"""Lines of a kind in the record's notes, and on the terminal. What they say stands beside the exchanges, too."""

MOST_ENTRIES = 20
"""Entries that are named for one thing."""

HIDDEN = f"headers and bodies aren't shown: there are more than {MOST_OF_ONE} secrets in them, or {MOST} in all"
HIDDEN_FINDING = "what is wrong isn't shown, as there are too many secrets beside it"

MOST_VALUES = 10_000
"""Values of an answer that are looked at for one that was replaced."""

MEDIA_TYPES = frozenset({names.ACCEPTED_MEDIA_TYPE, names.ERROR_MEDIA_TYPE})


@dataclass(frozen=True)
class Judged:
    """The record of judging a recording, the calls that a client made wrongly, and what there is to tell first.

    No secret is in any of it. told is what the record's notes say, at greater length.
    """

    record: Record
    requests: tuple[Reviewed, ...]
    told: tuple[str, ...]


def judge_file(path: Path, *, strict: bool, allow_untested: bool) -> Judged:
    """The judgement of the HAR file PATH; RecordError when it is no HAR."""
    started = time.time()
    recording = har.read(path)
    known = secrets(recording.raw)
    judged_calls = [call for call in recording.calls if call.kind == "call"]
    reviewed = review(recording.calls, sanitized=recording.sanitized)
    wrong = {one.call.entry: one for one in reviewed}
    foreign = {call.entry: not_the_services(call, sanitized=recording.sanitized) for call in judged_calls}
    cases = [
        _case(number, call, wrong.get(call.entry), foreign[call.entry]) for number, call in enumerate(judged_calls, 1)
    ]
    cases = [
        _hidden(case) if call.entry in known.beyond else case for case, call in zip(cases, judged_calls, strict=True)
    ]
    policy = Policy(strict=strict, allow_untested=allow_untested)
    unseen = dict.fromkeys(DELIVERY, "a recording shows answers as they were stored, not how they came")
    judged = judge(documents.load(), (), cases, policy, declared=unseen, no_verdict="")
    ended = ""
    if judged.exit_status == Exit.NOTHING_TESTED and any(call.exchange.response for call in judged_calls):
        ended = (
            "no answer of the recording is the service's own"
            if all(foreign[call.entry] for call in judged_calls if call.exchange.response)
            else "the recording lacks what its answers are judged by"
        )
        judged = replace(judged, exit_status=Exit.INCOMPLETE, verdict="incomplete", summary=f"Incomplete: {ended}.")
    record = make_record(
        judged,
        TargetInfo(", ".join(_hosts(judged_calls)) or "none", "none"),
        RunInfo.until_now(started, 0, tuple(_notes(path, recording, reviewed, foreign, MOST_NOTED))),
        Conditions(allow_untested=allow_untested, declared=unseen, ended=ended),
        strict=strict,
    )
    redaction = Redaction(recorded=True)
    for secret, name in known.names.items():
        redaction.learn(secret, name)
    # Once, when every secret of the whole recording is known: an answer may show what a later call uses.
    bounded = (
        replace(one, call=replace(one.call, exchange=_shown(one.call, hidden=one.call.entry in known.beyond)))
        for one in reviewed
    )
    told = tuple(_notes(path, recording, reviewed, foreign, MOST_TOLD))
    return Judged(redaction.apply(record), tuple(redaction.apply(one) for one in bounded), redaction.apply(told))


def _hosts(calls: Sequence[Call]) -> list[str]:
    """The base URLs of CALLS, with the prefix that a gateway has."""
    urls = (call.exchange.request.url.partition("?")[0] for call in calls)
    return sorted({_cut(url.removesuffix(PATH), LONGEST_URL) for url in urls})


# -- one answer --------------------------------------------------------------------------------------------------------


def _case(number: int, call: Call, reviewed: Reviewed | None, foreign: str) -> CaseResult:
    """What becomes of CALL, the recording's NUMBER; FOREIGN: why its answer isn't the service's, if it isn't."""
    judgement, judged = _not_judged(foreign) if foreign else _judged(call, reviewed)
    # That an answer was recorded doesn't show that it was complete, or in time.
    requirements = {requirement for requirement in judged if requirement not in DELIVERY}
    findings = judgement.at(0).findings
    seen = requirements - set(judgement.untested)
    outcome: Outcome = (
        "failed" if judgement.failures else "tolerated" if findings else "passed" if seen else "not tested"
    )
    lacking = [*_lacking(call), *([foreign] if foreign else [])]
    exchange = _bounded(call.exchange)
    remarks = [f"the request: {mistake.what}" for mistake in reviewed.mistakes] if reviewed else []
    return CaseResult(
        id=f"traffic-{number}",
        title=f"Recorded exchange number {number}, entry {call.entry} of the file.",
        chapter=CHAPTER,
        requirements=tuple(sorted({*requirements, *(finding.requirement for finding in findings)})),
        outcome=outcome,
        reason="; ".join(dict.fromkeys(finding.message for finding in findings)) or "; ".join(lacking),
        evidence=Evidence(exchange.duration_s, 0, (replace(exchange, notes=(*exchange.notes, *lacking, *remarks)),)),
        findings=findings,
        untested={key: value for key, value in judgement.untested.items() if key in requirements},
    )


def _lacking(call: Call) -> list[str]:
    """What isn't judged of CALL, in words."""
    return [
        words
        for words in (
            call.answer_lacking,
            call.body_lacking,
            call.headers_lacking,
            call.media_type_lacking,
            call.request_body_lacking,
            call.request_headers_lacking,
            call.oddity,
        )
        if words
    ]


def _not_judged(reason: str) -> tuple[Judgement, set[str]]:
    return Judgement((), dict.fromkeys(REFUSED_GENERAL, reason)), set(REFUSED_GENERAL)


def _judged(call: Call, reviewed: Reviewed | None) -> tuple[Judgement, set[str]]:
    """What CALL shows of the target, and the requirements that it was judged by."""
    response = call.exchange.response
    if response is None:
        return Judgement(), set()
    if call.body_lacking:
        judgement, judged = _by_head(call, response)
    else:
        sources = {mistake.source for mistake in reviewed.mistakes} if reviewed else set[str]()
        app_id = None if sources & NAMES_APPLICATION else _app_id(call.exchange)
        judgement, judged = _by_answer(call.exchange, response, app_id)
    if reason := call.headers_lacking or call.media_type_lacking:
        judgement = _without(judgement, MEDIA_TYPES, reason)
    return _without_replaced(judgement, response), judged


def _without_replaced(judgement: Judgement, response: Response) -> Judgement:
    """JUDGEMENT, without what it holds against values of RESPONSE that the exporter replaced."""
    if not judgement.findings:
        return judgement
    values = [value for name, value in response.headers if name.lower() == "content-type"]
    replaced = {text for text in (*values, *_strings(answers.read(response).value)) if is_replaced(text)}
    about = frozenset(
        finding.requirement
        for finding in judgement.findings
        if any(text in part for text in replaced for part in (finding.actual, finding.message))
    )
    return _without(judgement, about, "the exporter replaced a value of the answer") if about else judgement


def _strings(value: Any) -> Iterator[str]:
    """The strings in VALUE, those of the first members and elements."""
    waiting = [value]
    for _ in range(MOST_VALUES):
        if not waiting:
            return
        one = waiting.pop(0)
        if isinstance(one, str):
            yield one
        elif isinstance(one, (dict, list)):
            waiting += one.values() if isinstance(one, dict) else one


def _without(judgement: Judgement, requirements: frozenset[str], reason: str) -> Judgement:
    """JUDGEMENT, REQUIREMENTS untested."""
    findings = tuple(finding for finding in judgement.findings if finding.requirement not in requirements)
    return Judgement(findings, {**judgement.untested, **dict.fromkeys(requirements, reason)})


def _by_head(call: Call, response: Response) -> tuple[Judgement, set[str]]:
    """Status and media type alone: whether an answer is right otherwise rests on its body."""
    answer = answers.read(response)
    created = answer.status == CREATED
    judged = set(accepted_requirements()) if created else set(REFUSED_GENERAL)
    typed = names.ACCEPTED_MEDIA_TYPE if created else names.ERROR_MEDIA_TYPE
    untested = dict.fromkeys(judged - {typed}, call.body_lacking)
    findings: tuple[Finding, ...] = ()
    if not answer.json_media_type:
        if created:
            given = answer.media_type or "no Content-Type"
            findings = (failed(typed, f"the task came as {given}", "application/json", given),)
        else:
            # An error of HTTP's own, say, which another requirement is about.
            untested[typed] = call.body_lacking
    return Judgement(findings, untested), judged


def _by_answer(exchange: Exchange, response: Response, app_id: str | None) -> tuple[Judgement, set[str]]:
    answer = answers.read(response)
    device_id = _device_id(exchange)
    if answer.kind == "task" or answer.status == CREATED:
        accepted = judge_accepted(exchange, device_id=device_id or "", app_id=app_id)
        judgement = accepted.judgement
        if device_id is None:
            unknown = frozenset({names.TASK_DEVICE_ID_ECHO, names.COMMAND_DEVICE_ID_SAME})
            judgement = _without(judgement, unknown, "the request names no device that can be compared")
        if accepted.task is not None:
            judgement += judge_count(accepted.task)
        return judgement, set(accepted_requirements())
    rows = documents.load().rows
    matching = [row for row in rows if row.code == answer.code]
    if not matching:
        codes = tuple(row.code for row in rows if row.status == answer.status)
        if not codes:
            message = f"the call was answered {answer.describe()}, which the error table doesn't have"
            return Judgement(
                (failed(names.ERROR_ENVELOPE, message, "a row of the error table", answer.describe()),)
            ), set()
        matching = [row for row in rows if row.status == answer.status]
    row = matching[0]
    refusal = Refusal((row.code,), accepted=row.requirement, row=row.requirement)
    return judge_refused(exchange, refusal), {*REFUSED_GENERAL, row.requirement}


def _device_id(exchange: Exchange) -> str | None:
    """The device that the call was made for, where the request names one as the document has it."""
    try:
        value = bodies.parse(exchange.request.body or b"").value
    except bodies.NotJSON:
        return None
    device_id = value.get("deviceId") if isinstance(value, dict) else None
    if not isinstance(device_id, str) or device_id_problem(device_id) or is_replaced(device_id):
        return None
    return device_id


def _app_id(exchange: Exchange) -> str | None:
    """The application that the call was made for, where the recording still shows it."""
    query = parse_qs(urlsplit(exchange.request.url).query).get("appId", [])
    value = query[0] if query else exchange.request.header("app_key")
    if not value or not value.isascii() or set(value) & set("*$…[]<>{}") or is_replaced(value):
        return None
    return value


# -- what reports hold of it -------------------------------------------------------------------------------------------


def _bounded(exchange: Exchange) -> Exchange:
    """EXCHANGE with no more of each value than a report has use for."""
    request = exchange.request
    body = request.body
    if body is not None and len(body) > LONGEST_BODY:
        body = body[:LONGEST_BODY] + CUT.encode("utf-8")
    headers = tuple((_cut(name, LONGEST_URL), _cut(value, LONGEST_LINE)) for name, value in request.headers)
    bounded = Request(request.method, _cut(request.url, LONGEST_URL), headers, body)
    return kept(replace(exchange, request=bounded))


def _shown(call: Call, *, hidden: bool) -> Exchange:
    """The exchange of CALL as a report has it; HIDDEN: nobody learned all of its secrets."""
    return _bounded(_without_bodies(call.exchange) if hidden else call.exchange)


def _without_bodies(exchange: Exchange) -> Exchange:
    """EXCHANGE with nothing of what may have secrets that weren't learned, and a note of it."""
    request, response = exchange.request, exchange.response
    path = request.url.partition("?")[0]
    request = replace(request, url=path, headers=(), body=None if request.body is None else b"")
    if response is not None:
        response = replace(response, reason="", headers=(), body=b"")
    return replace(exchange, request=request, response=response, notes=(*exchange.notes, HIDDEN))


def _hidden(case: CaseResult) -> CaseResult:
    """CASE with nothing of its messages, nor of what was found in them, but the requirements."""
    findings = tuple(replace(one, message=HIDDEN_FINDING, expected="", actual="") for one in case.findings)
    reason = HIDDEN_FINDING if findings else case.reason
    evidence = replace(case.evidence, exchanges=tuple(map(_without_bodies, case.evidence.exchanges)))
    return replace(case, findings=findings, reason=reason, evidence=evidence)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[:longest] + CUT


# -- notes -------------------------------------------------------------------------------------------------------------


def _notes(
    path: Path, recording: Recording, reviewed: Sequence[Reviewed], foreign: Mapping[int, str], most: int
) -> Iterator[str]:
    """What a reader must know before the verdict, MOST lines of a kind; FOREIGN: why an answer isn't the service's."""
    judged = [call for call in recording.calls if call.kind == "call"]
    calls, were = ("call", "was") if len(judged) == 1 else ("calls", "were")
    yield f"{len(judged)} recorded {calls} of {path.name} {were} judged; no call was made."
    if not judged:
        yield from _nothing_found(recording)
    told = [(number, f"{reason}; it isn't judged") for number, reason in recording.oddities]
    for call in judged:
        told += [(call.entry, words) for words in _told(call)]
        if words := foreign[call.entry]:
            told.append((call.entry, f"{words}; it isn't judged"))
    yield from _by_entry("", sorted(told), most)
    if recording.sanitized:
        yield "The browser took the credentials out of the recording, so nothing is said of Authorization."
    if reviewed:
        requests = "request" if len(recording.calls) == 1 else "requests"
        yield (
            f"The client made {len(reviewed)} of {len(recording.calls)} {requests} wrongly. "
            "That doesn't affect the verdict, which is about the answers."
        )
    mistakes = [
        (one.call.entry, f"{mistake.what}; the document: {mistake.source}: {mistake.right}")
        for one in reviewed
        for mistake in one.mistakes
    ]
    yield from _by_entry("request of ", mistakes, most)


def _nothing_found(recording: Recording) -> Iterator[str]:
    if not recording.passed_over and recording.oddities:
        yield f"No entry of the recording that could be read is a POST; the call is POST …{PATH}."
        return
    if not recording.passed_over:
        yield f"The recording has no POST at all; the call is POST …{PATH}."
        return
    shown = [
        f"{url}" + (f" ({count} times)" if count > 1 else "") for url, count in recording.passed_over[:MOST_ENTRIES]
    ]
    more = len(recording.passed_over) - len(shown)
    rest = f" and {more} more" if more else ""
    yield f"No POST of the recording goes to …{PATH}. Passed over: {'; '.join(_cut(url, 300) for url in shown)}{rest}."


def _told(call: Call) -> Iterator[str]:
    """What a reader must know of CALL before the verdict."""
    if call.answer_lacking:
        yield f"{call.answer_lacking}; there is nothing to judge"
    for words in (
        call.body_lacking,
        call.headers_lacking,
        call.media_type_lacking,
        call.request_body_lacking,
        call.request_headers_lacking,
    ):
        if words:
            yield f"{words}; that isn't judged"
    if call.oddity:
        yield f"{call.oddity}; it is judged without"


def _by_entry(prefix: str, told: Sequence[tuple[int, str]], most: int) -> Iterator[str]:
    """A line for each of the first MOST things TOLD of entries, those that share one named together."""
    entries: dict[str, dict[int, None]] = {}
    for entry, words in told:
        entries.setdefault(words, {})[entry] = None
    for words, numbers in list(entries.items())[:most]:
        yield f"{_entries(prefix, tuple(numbers))}: {words}."
    if len(entries) > most:
        yield f"{len(entries) - most} more such lines stand beside the exchanges."


def _entries(prefix: str, numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:MOST_ENTRIES]))
    more = f" and {len(numbers) - MOST_ENTRIES} more" if len(numbers) > MOST_ENTRIES else ""
    name = "entry" if len(numbers) == 1 else "entries"
    text = f"{prefix}{name} {shown}{more}"
    return text[0].upper() + text[1:]
