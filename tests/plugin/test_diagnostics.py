"""Log records, tracebacks and reports of pytest show no secrets."""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import Iterator
from typing import NoReturn

import pytest

from conformance.evidence.redaction import Redaction
from conformance.plugin.diagnostics import Diagnostics

TOKEN = "b7Rk2QwX9zLm4TfV"

pytest_plugins = ["pytester"]


@pytest.fixture
def diagnostics() -> Iterator[Diagnostics]:
    """Diagnostics that know the token, entered."""
    redaction = Redaction()
    redaction.learn(TOKEN, "ACCESS_TOKEN")
    redaction.learn("test", "APP_KEY")
    with Diagnostics(redaction) as entered:
        yield entered


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What a handler of the most talkative kind writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger("talkative")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield stream
    logger.removeHandler(handler)


LOGGER = logging.getLogger("talkative.child")


def _fail(text: str) -> NoReturn:
    raise ValueError(text)


@pytest.mark.usefixtures("diagnostics")
def test_log_records(written: io.StringIO) -> None:
    """Messages, their arguments, tracebacks and stacks are logged without the secret."""
    LOGGER.debug("token %s of %d", TOKEN, 2)
    LOGGER.debug("doesn't fit %d", TOKEN)
    try:
        _fail(f"bad {TOKEN}")
    except ValueError:
        LOGGER.exception("it failed")
    LOGGER.debug("stack", stack_info=True)
    text = written.getvalue()
    assert TOKEN not in text
    assert text.startswith("token $ACCESS_TOKEN of 2\n")
    assert "ValueError: bad $ACCESS_TOKEN\n" in text
    assert "doesn't fit" in text
    assert "Stack (most recent call last)" in text


@pytest.mark.usefixtures("diagnostics")
def test_header_lines_of_libraries(written: io.StringIO) -> None:
    """Libraries log header lines: those that aren't listed are masked, whatever they say."""
    LOGGER.debug("received %r", [(b"Set-Cookie", b"a=b'c"), (b"X-New", b"xyz"), (b"Server", b"nginx")])
    LOGGER.debug("sent\nauthorization: Bearer unknown\nHost: h\n")
    LOGGER.debug("calling https://user:pass@h/ with %s", {"access_token": "xyz", "timeout": "5"})
    expected = """\
received [(b'Set-Cookie', b"$COOKIE"), (b'X-New', b'$MASKED'), (b'Server', b'nginx')]
sent
authorization: Bearer $ACCESS_TOKEN
Host: h

calling https://$USERINFO@h/ with {'access_token': '$MASKED', 'timeout': '5'}
"""
    assert expected == written.getvalue()


def test_uncaught_exceptions(diagnostics: Diagnostics, capsys: pytest.CaptureFixture[str]) -> None:
    """What kills the process or a thread is printed without the secret."""
    thread = threading.Thread(target=_fail, args=(f"in a thread: {TOKEN}",))
    thread.start()
    thread.join()
    try:
        _fail(f"at last: {TOKEN}")
    except ValueError as error:
        sys.excepthook(ValueError, error, None)
        text = diagnostics.traceback(error)
    shown = capsys.readouterr().err
    assert "ValueError: in a thread: $ACCESS_TOKEN\n" in shown
    assert "ValueError: at last: $ACCESS_TOKEN\n" in shown
    assert TOKEN not in shown + text


def test_everything_is_as_it_was_afterwards() -> None:
    """Who made log records and printed exceptions before does so again."""
    before = (logging.getLogRecordFactory(), sys.excepthook, threading.excepthook)
    with Diagnostics(Redaction()):
        assert before[0] != logging.getLogRecordFactory()
    assert before == (logging.getLogRecordFactory(), sys.excepthook, threading.excepthook)


PLUGIN = f"""
import logging, pytest
from conformance.plugin.diagnostics import Diagnostics
from conformance.evidence.redaction import Redaction

redaction = Redaction()
redaction.learn({TOKEN!r}, "ACCESS_TOKEN")
redaction.learn("test", "APP_KEY")
diagnostics = Diagnostics(redaction)

def pytest_configure(config):
    diagnostics.__enter__()
    config.add_cleanup(diagnostics.__exit__)

@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    return diagnostics.report(report, item.config)

@pytest.hookimpl(tryfirst=True)
def pytest_internalerror(excrepr):
    diagnostics.hide(excrepr)
"""
TESTS = f"""
import logging
from dataclasses import dataclass

@dataclass
class Settings:
    app_key: str
    token: str

def test_it():
    token, other = {TOKEN!r}, "unknown"
    access_token = "unknown-too"
    settings = Settings("test", "x" * 100 + token * 9)
    headers = (("Cookie", "never-told"), ("Content-Type", "text"))
    logging.getLogger("a").warning("sending %s", token)
    print("printed", token)
    raise ValueError(f"it is {{token}}")
"""


@pytest.mark.parametrize("options", [(), ("-vv", "--log-cli-level=DEBUG", "-rA"), ("--tb=native",), ("--tb=short",)])
def test_reports_of_pytest(pytester: pytest.Pytester, options: tuple[str, ...]) -> None:
    """Local variables, captured output and messages are shown without secrets, in each style of traceback."""
    pytester.makeconftest(PLUGIN)
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_subprocess("-l", "--tb=long", "--log-file=log", "--log-file-level=DEBUG", *options)
    shown = result.stdout.str() + result.stderr.str() + (pytester.path / "log").read_text("utf-8")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "ValueError: it is $ACCESS_TOKEN" in shown
    assert "sending $ACCESS_TOKEN" in shown
    assert "printed $ACCESS_TOKEN" in shown
    # Python cuts long values in their middle, and with them the token.
    assert [] == [part for part in range(len(TOKEN) - 6) if TOKEN[part : part + 7] in shown]
    if not {"--tb=native", "--tb=short"} & set(options):
        assert "Settings(app_key='$APP_KEY'," in shown
        assert "access_token = '$MASKED'" in shown
        assert "('Cookie', '$COOKIE'), ('Content-Type', 'text')" in shown


def test_internal_errors_of_pytest(pytester: pytest.Pytester) -> None:
    """An internal error is printed without the secret, its local variables with it."""
    pytester.makeconftest(
        f"{PLUGIN}\ndef pytest_collection_modifyitems():\n    secret = redaction.known[0][0]\n"
        "    raise RuntimeError(f'no {secret}')\n"
    )
    pytester.makepyfile("def test_it(): pass")
    result = pytester.runpytest_subprocess("-l", "--full-trace")
    shown = result.stdout.str() + result.stderr.str()
    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    assert "INTERNALERROR> " in shown
    assert "RuntimeError: no $ACCESS_TOKEN" in shown
    assert TOKEN not in shown
