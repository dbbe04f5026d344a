"""What is around every command: its streams, its errors, its exit status.

A command prints on whatever terminal there is, and what it can't do ends in the promised exit status: 4 for what the
user can put right, 3 for a crash or an output that nobody takes, 2 when it is interrupted. 1 is left to verdicts.
"""

from __future__ import annotations

import errno
import io
import os
import re
import sys
import traceback
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO, cast

import click

from conformance.configuration.loader import secrets
from conformance.configuration.source import file_table
from conformance.evidence.crash import keep_crash
from conformance.evidence.glyphs import line, lines
from conformance.evidence.redaction import Redaction
from conformance.exceptions import ConformanceError, DiskFull, UsageError
from conformance.verdict import Exit

__all__ = ["Program"]

REPORTING = ("run", "report", "judge")
"""The commands that write reports, into the folder "reports" unless told otherwise."""

USER_INFORMATION = re.compile(r"(?<=://)[^/\s@]+(?=@)")


class Output(io.TextIOBase):
    """A stream that shows what its encoding hasn't as an escape, and remembers the error when nobody takes it.

    It has no buffer of bytes to offer: click would write UTF-8 into that of a terminal that is for ASCII only.
    """

    def __init__(self, stream: TextIO) -> None:
        stream.flush()
        self._text = io.TextIOWrapper(
            stream.buffer,
            encoding=stream.encoding,
            errors="backslashreplace",
            line_buffering=getattr(stream, "line_buffering", False),
            write_through=getattr(stream, "write_through", False),
        )
        self.lost: OSError | None = None

    @property
    def encoding(self) -> str:  # type: ignore[override]  # an attribute in the base class
        """The encoding of the stream."""
        return self._text.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]  # the same
        """What becomes of a character that the encoding hasn't."""
        return self._text.errors

    def writable(self) -> bool:
        """It is there to be written to."""
        return True

    def isatty(self) -> bool:
        """Whether a person looks at it."""
        return self._text.isatty()

    def fileno(self) -> int:
        """The descriptor of the stream; OSError where it has none."""
        return self._text.fileno()

    def write(self, text: str) -> int:
        """Write TEXT, into the void once the stream is lost."""
        try:
            return self._text.write(text)
        except OSError as error:
            self._lose(error)
            return len(text)

    def flush(self) -> None:
        """Hand on what was written."""
        try:
            self._text.flush()
        except OSError as error:
            self._lose(error)

    def close(self) -> None:
        """Do nothing: the stream isn't this object's to close, and Python closes what it disposes of."""

    def release(self) -> None:
        """Leave the stream as it was found."""
        self.flush()
        self._text.detach()

    def _lose(self, error: OSError) -> None:
        self.lost = self.lost or error
        with suppress(OSError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            # Or Python would try it again at its end, and end with a status of its own.
            self._text.flush()


def _output(stream: TextIO | None) -> TextIO:
    """STREAM, so that nothing that is printed can fail; what nobody sees, where there is none."""
    if stream is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    return cast("TextIO", Output(stream)) if hasattr(stream, "buffer") else stream


@contextmanager
def _safe_streams() -> Iterator[None]:
    saved = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _output(saved[0]), _output(saved[1])
    try:
        yield
    finally:
        used, (sys.stdout, sys.stderr) = (sys.stdout, sys.stderr), saved
        for stream in used:
            if isinstance(stream, Output):
                stream.release()


class Program(click.Group):
    """The commands, with one place for what any of them can't do."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **named: Any) -> Any:
        """Carry out the command that ARGS name (None: those of the process), and end with its exit status."""
        arguments = list(sys.argv[1:] if args is None else args)
        with _safe_streams():
            status = self._status(arguments, args, *rest, **{**named, "standalone_mode": False})
            sys.stdout.flush()
            lost = getattr(sys.stdout, "lost", None)
            if lost is not None:
                _say(f"the output couldn't be written: {lost.strerror or lost}")
                status = Exit.INTERNAL_ERROR
        sys.exit(int(status))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take ARGS in; where there are none, as a variable that is empty leaves it, nothing was done."""
        if not args:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(Exit.USAGE_ERROR)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that ARGS begin with; for some that there aren't, click 8.1 shows its help and ends with 0."""
        if self.get_command(ctx, args[0]) is None:
            ctx.fail(f"No such command {args[0]!r}.")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Carry out the command of CTX; click would end with 1 for any pipe that is closed, also one of the network."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise BrokenPipe(str(error)) from error
            raise

    def _status(self, arguments: list[str], *given: Any, **named: Any) -> int:
        """The exit status of the command that ARGUMENTS name; whatever it can't do is said on stderr."""
        try:
            _refuse_empty(arguments)
            result = super().main(*given, **named)
        except SystemExit as end:
            return _of(end)
        except (click.Abort, KeyboardInterrupt):
            _say("interrupted")
            return Exit.INTERRUPTED
        except click.ClickException as error:
            _show(error)
            return Exit.USAGE_ERROR
        except ConformanceError as error:
            _say(*(error.problems if isinstance(error, UsageError) else (str(error),)))
            return Exit.INTERNAL_ERROR if isinstance(error, DiskFull) else Exit.USAGE_ERROR
        except Exception as error:  # noqa: BLE001 (Python would end with the status that stands for a violation)
            _crashed(error, arguments)
            return Exit.INTERNAL_ERROR
        return result if isinstance(result, int) else Exit.CONFORMANT


class BrokenPipe(Exception):
    """A connection was closed while it was written to."""


def _of(end: SystemExit) -> int:
    """The exit status that END asks for."""
    if end.code is None or isinstance(end.code, int):
        return end.code or Exit.CONFORMANT
    _say(str(end.code))
    return Exit.INTERNAL_ERROR


def _say(*problems: str) -> None:
    """Say PROBLEMS, a line each: whatever they quote is no more than a part of it."""
    for words in problems:
        click.echo(f"conformance: {line(words)}", err=True)


def _show(error: click.ClickException) -> None:
    """Say what click has to say of ERROR, which quotes the command line."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        click.echo(context.get_usage(), err=True)
        click.echo(f"Try '{context.command_path} {context.help_option_names[0]}' for help.\n", err=True)
    click.echo(f"Error: {line(error.format_message())}", err=True)


def _refuse_empty(arguments: Sequence[str]) -> None:
    """UsageError where one of ARGUMENTS is empty, as a variable that isn't set leaves it."""
    if arguments[:1] == ["run"]:
        # It reads its own, and those of pytest may be empty.
        return
    for before, argument in zip(("", *arguments), arguments, strict=False):
        name = argument.removesuffix("=")
        if not argument or (name != argument and name.startswith("--")):
            where = name or (before if before.startswith("-") else "an argument")
            raise UsageError([f"{where} is empty; give a value, or leave it out"])


# -- a crash ---------------------------------------------------------------------------------------------------------


def _crashed(error: Exception, arguments: Sequence[str]) -> None:
    """Say where ERROR came from, on stderr and, where there is one, in the folder of the reports; without secrets."""
    text = _account(error, arguments)
    _say("internal error of the suite; what follows is for its maintainers, without your secrets")
    click.echo(text, err=True, nl=False)
    folder = _reports(arguments)
    kept = keep_crash(text, folder) if folder is not None else None
    if kept is not None:
        _say(f"the same is in {kept}")


def _account(error: Exception, arguments: Sequence[str]) -> str:
    """What Python prints of ERROR, without secrets; without its words where those of ARGUMENTS can't be known."""
    try:
        if _secrets_known(arguments):
            text = _redaction(arguments).text("".join(traceback.format_exception(error)))
            return lines(USER_INFORMATION.sub("…", text))
    except Exception as another:  # noqa: BLE001 (a crash in here would be told by Python, with whatever is in it)
        return f"{_bare(error)}{_bare(another)}"
    return _bare(error)


def _bare(error: BaseException) -> str:
    """Where ERROR, and what it came from, was raised: lines of code, and no word of anything that was read."""
    parts, seen = [], set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        parts.append(f"{''.join(traceback.format_tb(cause.__traceback__))}{type(cause).__name__}\n")
        cause = cause.__cause__ or cause.__context__
    return lines("from\n".join(parts))


def _secrets_known(arguments: Sequence[str]) -> bool:
    """Whether the configuration of ARGUMENTS can be read again; a pipe can't, nor what a file of arguments names."""
    if any(argument.startswith("@") for argument in arguments):
        return False
    named = _value(arguments, "--config")
    if named is not None and not Path(named).is_file():
        return False
    try:
        file_table(Path(named) if named else None)
    except UsageError:
        return False
    return True


def _redaction(arguments: Sequence[str]) -> Redaction:
    """What keeps the secrets out of a traceback that the configuration, the environment and the proxies hold."""
    redaction = Redaction()
    file = _value(arguments, "--config")
    for secret, name in secrets(Path(file) if file else None, os.environ):
        redaction.learn(secret, name)
    for proxy in urllib.request.getproxies().values():
        for information in USER_INFORMATION.findall(proxy):
            redaction.learn(information.partition(":")[2] or information, "PROXY_PASSWORD")
    return redaction


def _reports(arguments: Sequence[str]) -> Path | None:
    """The folder that the command of ARGUMENTS writes reports into; None when it writes none."""
    if not arguments or arguments[0] not in REPORTING:
        return None
    return Path(_value(arguments, "--reports") or "reports")


def _value(arguments: Sequence[str], option: str) -> str | None:
    """The last value of OPTION among ARGUMENTS; None when there is none."""
    found = None
    for argument, after in zip(arguments, (*arguments[1:], None), strict=True):
        name, equals, value = argument.partition("=")
        if name == option:
            found = value if equals else after
    return found
