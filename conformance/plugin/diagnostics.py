"""Log records, tracebacks and pytest's reports, without the secrets: what the suite and its libraries say of a run.

Libraries log the header lines of answers, quote in errors what they were given, and pytest shows local variables.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any, Self

import pytest

from conformance.evidence import positions
from conformance.evidence.redaction import Redaction, mapped

__all__ = ["Diagnostics"]

_QUOTED = r"b?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
_PAIR = re.compile(rf"\((b?)(['\"])([\w-]+)\2,\s*({_QUOTED})\)")
"""A header line, as Python shows a tuple of two."""

_ASSIGNED = re.compile(rf"(?<![\w$-])(['\"]?)([\w-]+)\1(\s*[=:]\s*)({_QUOTED})")
"""An argument, a variable or a member of a dictionary, as Python shows it."""

_LINE = re.compile(r"(?m)^(\W*)([A-Za-z][\w-]*)(:[ \t]*)(\S.*)$")
"""A header line, as HTTP has it."""


class Diagnostics:
    """As long as it is entered, log records and the tracebacks of this process pass REDACTION."""

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction
        self._before: tuple[Any, Any, Any] | None = None

    # -- texts -------------------------------------------------------------------------------------------------------

    def text(self, text: str) -> str:
        """TEXT, a log message or a traceback, without the secrets."""
        return _placed(self._redaction.text(text))

    def traceback(self, error: BaseException) -> str:
        """What Python prints of ERROR."""
        return self.text("".join(traceback.format_exception(error)))

    # -- the process -------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        """From now on every log record is made without secrets, whoever handles it."""
        before = logging.getLogRecordFactory()
        self._before = (before, sys.excepthook, threading.excepthook)
        logging.setLogRecordFactory(lambda *args, **kwargs: self._record(before, *args, **kwargs))
        sys.excepthook = lambda _, error, __: self._print(error)
        threading.excepthook = lambda args: self._print(args.exc_value)
        return self

    def __exit__(self, *_: object) -> None:
        """Leave everything as it was."""
        if self._before is not None:
            factory, sys.excepthook, threading.excepthook = self._before
            logging.setLogRecordFactory(factory)
            self._before = None

    def _record(self, make: Callable[..., logging.LogRecord], *args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 (arguments that don't fit raise anything, and logging would print them)
            message = f"{record.msg!r} {record.args!r}"
        record.msg, record.args = self.text(message), ()
        if isinstance(record.exc_info, tuple) and record.exc_info[1] is not None:
            record.exc_text = self.traceback(record.exc_info[1]).rstrip("\n")
        record.exc_info = None
        if record.stack_info:
            record.stack_info = self.text(record.stack_info)
        return record

    def _print(self, error: BaseException | None) -> None:
        if error is not None and not isinstance(error, SystemExit):
            sys.stderr.write(self.traceback(error))

    # -- pytest ------------------------------------------------------------------------------------------------------

    def report(self, report: pytest.TestReport, config: pytest.Config) -> pytest.TestReport:
        """REPORT with its traceback, its local variables and what was captured without the secrets."""
        if report.longrepr is None and not report.sections:
            return report
        data = config.hook.pytest_report_to_serializable(config=config, report=report)
        for name in ("longrepr", "sections"):
            known = self._redaction.apply(data[name])
            data[name] = mapped(known, lambda leaf: _placed(leaf) if isinstance(leaf, str) else leaf)
        shown: pytest.TestReport = config.hook.pytest_report_from_serializable(config=config, data=data)
        return shown

    def hide(self, shown: Any) -> None:
        """Have SHOWN, what pytest is about to print of an internal error, print itself without the secrets."""
        text = self.text(str(shown))

        def to_terminal(terminal: Any) -> None:
            for line in text.split("\n"):
                terminal.line(line)

        shown.toterminal = to_terminal


def _placed(text: str) -> str:
    """TEXT with what stands where secrets stand masked, whatever it is."""
    text = _PAIR.sub(_pair, text)
    text = _ASSIGNED.sub(_assigned, text)
    return _LINE.sub(_line, text)


def _pair(match: re.Match[str]) -> str:
    raw, quote, name, value = match.groups()
    # Header lines from the network are bytes; among other pairs a name must sound like a credential's.
    if positions.is_shown(name) or not (raw or positions.is_credential(name)) or _is_masked(value):
        return match[0]
    return f"({raw}{quote}{name}{quote}, {_masked(name, value)})"


def _assigned(match: re.Match[str]) -> str:
    quote, name, between, value = match.groups()
    if not positions.is_credential(name) or _is_masked(value):
        return match[0]
    return f"{quote}{name}{quote}{between}{_masked(name, value)}"


def _line(match: re.Match[str]) -> str:
    before, name, between, value = match.groups()
    if name.lower() not in positions.CREDENTIAL_HEADERS:
        return match[0]
    return f"{before}{name}{between}{positions.shown_header(name, value, lambda _: None)}"


def _is_masked(value: str) -> bool:
    """Whether VALUE, in quotes, is empty or holds a marker already."""
    inside = value.removeprefix("b")[1:-1]
    return not inside.strip() or positions.VARIABLE.search(inside) is not None


def _masked(name: str, value: str) -> str:
    start = 2 if value.startswith("b") else 1
    return f"{value[:start]}{positions.shown_header(name, value[start:-1], lambda _: None)}{value[-1]}"
