"""What exporters and people put in the place of what they took out of a recording."""

from __future__ import annotations

import re

__all__ = ["is_replaced", "says_left_out"]

LONGEST = 120
"""Characters. Nothing longer stands for something else."""

_ANYWHERE = re.compile(
    r"(?i)(?<![a-z])(redacted|scrubbed|sanitized|sanitised|anonymized|anonymised|obfuscated|pseudonymized|censored"
    r"|filtered|masked)(?![a-z])|\*{3}|[•·●█▒]{2}|…|\[object Object\]"
)
"""Words and marks that say so also beside others: [redacted by x], abc***xyz."""

_ALONE = re.compile(
    r"(?i)((hidden|removed|deleted|stripped|omitted|suppressed|protected|confidential|sensitive|private|secret|withheld"
    r"|placeholder|dummy|blanked|elided)([-_ ]+(id|uuid|key|token|value|device|text))?|unavailable"
    r"|none of your business"
    r"|((your|my|the)[-_ ]*)?(app|api|access|auth|device)[-_ ]*(key|id|token)([-_ ]*(here|value|goes here))?)"
)
_BRACKETS = re.compile(r"[\s\[\](){}<>%$#*_=\-\"'.:!~]*(.*?)[\s\[\](){}<>%*#_=\-\"'.:!~]*", re.DOTALL)
_SAME = re.compile(r"(?i)([x*#?._\-•])\1{2,}|0{3,}")
_NOTHING = re.compile(r"\s*(undefined|\[object \w+\])\s*")
"""What a script writes where it has no text."""

_TEMPLATE = re.compile(
    r"\{\{[^{}]*\}\}|\$\{[^{}]*\}|\$\([^()]*\)|<%.*%>|<[^<>]*>|%[A-Za-z_]+%|\$[A-Z_][A-Z0-9_]*|@@?[A-Z_]+@?@?"
    r"|(?i:sha-?\d{1,3}|md5|hash|hashed|encrypted|vault)[:-].*"
)


def is_replaced(value: str) -> bool:
    """Whether VALUE says that it stands in the place of another one, so that nothing can be compared with it."""
    text = value.strip()
    if not text or len(text) > LONGEST:
        return False
    # Identifiers are masked between their hyphens, too.
    if _ANYWHERE.search(text) or _SAME.fullmatch(text.replace("-", "") or text) or _TEMPLATE.fullmatch(text):
        return True
    inner = _BRACKETS.fullmatch(text)
    return inner is not None and _ALONE.fullmatch(inner[1]) is not None


_LEFT_OUT = (
    r"not (included|available|recorded|captured|shown|logged|stored|supported)|unavailable|truncat|discard|omit"
    r"|too (large|big|long)|exceed|limit|\bcut\b|removed|redacted|stripped|suppressed|elided|hidden|skipped|binary"
    r"|no (content|body|data|preview)|failed to load|could ?n.t be (loaded|read)"
)
_BODY = re.compile(
    rf"(?i)\s*([\[(<*]|-{{2}}|\{{\{{)[^\n<>]{{0,150}}?({_LEFT_OUT})[^\n<>]{{0,150}}([\])>*]|-{{2}}|\}}\}})\s*"
)
_PHRASE = re.compile(rf"(?i)\s*[^\n<>{{}}]{{0,80}}({_LEFT_OUT})[^\n<>{{}}]{{0,80}}")


def says_left_out(text: str, *, measured: bool) -> bool:
    """Whether TEXT, in the place of a body, says that there is none in the recording.

    measured: a size in the recording is the text's own; then a phrase without brackets may be the target's.
    """
    if len(text) > 2 * LONGEST:
        return False
    inner = _BRACKETS.fullmatch(text)
    word = inner is not None and (_ANYWHERE.fullmatch(inner[1]) or _ALONE.fullmatch(inner[1]))
    if _NOTHING.fullmatch(text) or _BODY.fullmatch(text) or word or _SAME.fullmatch(text.strip()):
        return True
    return not measured and _PHRASE.fullmatch(text) is not None
