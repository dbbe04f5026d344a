"""Whether an error shows the inside of the target: stack traces, SQL, paths of files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from conformance.contract import names
from conformance.contract.answer import Answer
from conformance.contract.judgement import Judgement, failed

__all__ = ["INSIDE", "judge_inside"]

INSIDE = names.ERROR_HIDES_INSIDE
SOURCES = r"(?:java|kt|kts|scala|groovy|cs|vb|go|py|rb|php|js|mjs|ts|rs|c|cc|cpp|h|ex|erl)"
COLUMN = r"(?:\*|[\w.\"`\[\]]+(?:\([^()]{0,100}\))?)(?:\s+(?i:as)\s+[\w\"`]+)?"
COLUMNS = rf"(?:(?i:distinct)\s+)?{COLUMN}(?:\s*,\s*{COLUMN}){{0,100}}"
"""What a query selects; words of a sentence have no commas between them."""

LEAKS = {
    "a stack trace": (
        rf"\bat\s+[\w.$<>/\[\]`]+\([^()\n]{{0,200}}\.{SOURCES}:\d+(?::\d+)?\)",  # the JVM, Node
        r"\bat\s+[\w.$<>/]+\((?:Native Method|Unknown Source)\)",
        rf"\bat\s+[^\n]{{1,300}}\bin\s+\S+\.{SOURCES}:line \d+",  # .NET
        r"Traceback \(most recent call last\)",
        r'\bFile "[^"\n]{1,300}", line \d+',
        r"\bgoroutine \d+ \[",
        r"\bthread '[^'\n]*' panicked at\b",
        r"\bCaused by: [\w.$]+(?:Exception|Error|Throwable)\b",
        rf"#\d+ \S+\.{SOURCES}\(\d+\): ",  # PHP
        # The name of an exception alone shows nothing.
        r"(?<![\w.])(?:[a-z_]\w*\.){2,}[A-Z]\w*(?:Exception|Error):\s*\S",
    ),
    "SQL": (
        rf"\bSELECT\s+{COLUMNS}\s+FROM\s+[\w.\"`\[]",
        r"\bINSERT\s+INTO\s+[\w.\"`\[]+\s*(?:\(|VALUES|SELECT)",
        r"\bUPDATE\s+[\w.\"`\[\]]+\s+SET\s",
        r"\bDELETE\s+FROM\s+[\w.\"`\[]",
        rf"\b(?i:select\s+{COLUMNS}\s+from\s+[\w.\"`\[\]]+\s+(?:\w+\s+)?where\s+[\w.\"`]+\s*(?:[=<>]|like\b|in\s*\())",
        r"\bORA-\d{5}\b",
        r"\bSQLSTATE\b",
        r"\b(?i:you have an error in your sql syntax)\b",
        r"\b(?i:syntax error at or near)\b",
        r"\b(?i:violates (?:unique|foreign key|not-null|check) constraint)\b",
        r"\bno such (?:table|column): ",
    ),
    "a path of a file": (
        # What begins with a slash behind another path or a host is part of an address.
        r"(?<![\w./:-])/(?:var|opt|etc|srv|tmp|mnt)/[\w.-]+",
        r"(?<![\w./:-])/(?:usr|home|Users)/[\w.-]+/[\w.-]+",
        r"(?<![\w./:-])/(?:app|data|root|lib|workspace)/[\w./-]+\.[A-Za-z]\w{0,4}(?![\w/])",
        r"\bfile:///\S+",
        r"(?<!\w)[A-Za-z]:\\{1,2}(?!u[0-9A-Fa-f]{4})[\w$.~-]+",
        # Nor is a host a file, whose country has the letters of a language.
        rf"(?<![\w.-])(?<!//)[\w-]+\.{SOURCES}:\d+\b",
    ),
}
PATTERNS = {what: tuple(map(re.compile, patterns)) for what, patterns in LEAKS.items()}
MOST_TEXTS, LONGEST_TEXT, DEPTH = 50, 4000, 6
SHOWN = 100


def judge_inside(answer: Answer) -> Judgement:
    """Whether a text of ANSWER, an error, shows what only those who run the target should see."""
    if answer.kind != "error":
        return Judgement((), {INSIDE: "the answer is no error that can be read"})
    for text in islice(_texts(answer.value), MOST_TEXTS):
        for what, patterns in PATTERNS.items():
            for pattern in patterns:
                if found := pattern.search(text[:LONGEST_TEXT]):
                    words = " ".join(found.group().split())
                    seen = words if len(words) <= SHOWN else f"{words[:SHOWN]}…"
                    return Judgement((failed(INSIDE, f"the error shows {what}: {seen}", "none", seen),))
    return Judgement()


def _texts(value: Any, depth: int = DEPTH) -> Iterator[str]:
    """The texts in VALUE, the nearest first."""
    children = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    yield from (child for child in children if isinstance(child, str))
    for child in children if depth else ():
        yield from _texts(child, depth - 1)
