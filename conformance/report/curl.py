"""A request as a curl command that a POSIX shell runs: the secrets are variables, binary bodies come from printf."""

from __future__ import annotations

import re
import shlex

from conformance.evidence.exchange import Request

__all__ = ["command"]

_VARIABLES = (
    "ACCESS_TOKEN",
    "APP_KEY",
    "EDITED_ACCESS_TOKEN",
    "EDITED_APP_KEY",
    "EXPIRED_TOKEN",
    "OTHER_ACCESS_TOKEN",
)
"""The variables that calls of the endpoint have. Whatever else looks like one came from elsewhere."""

_LIVE = {"ACCESS_TOKEN": "CONFORMANCE_ACCESS_TOKEN", "APP_KEY": "CONFORMANCE_APP_KEY"}
"""Those that the suite reads itself, by the names that are set for it."""

_NAME = rf"(?:{'|'.join(_VARIABLES)})(?![A-Z_])"
_SECRET = re.compile(rf"(\${_NAME})")
"""What stands in a record in a secret's place: the name of a shell variable."""

_PLACEHOLDER = re.compile(rf"(?<=\$){_NAME}|(?<=\$\{{){_NAME}")

_GLUED = re.compile(rf"\$({_NAME})(?=\w)")
"""A variable that the text goes on behind without a gap: it needs braces."""

_OWN = frozenset(
    {"accept", "accept-encoding", "connection", "content-length", "host", "transfer-encoding", "user-agent"}
)
"""Headers that curl writes by itself, and that no case is about."""

_USUAL = ("User-Agent", "Accept")
"""Those that curl sends unless it is told not to."""

_ASCII_END = 0x80
_LONGEST = 8192
"""A longer body makes no command that anybody would paste."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A header's name (RFC 9110). curl takes `@file: x` for a file with headers."""

_INERT = re.compile(r"""[^"$`\\!]*""")


def _plain(text: str) -> bool:
    return text.isascii() and all(character.isprintable() or character == "\n" for character in text)


def _octal(data: bytes) -> str:
    """DATA as the format of printf: every byte that a shell, a terminal or a copy might change as an octal escape."""
    return "".join(chr(byte) if chr(byte).isalnum() and byte < _ASCII_END else f"\\{byte:03o}" for byte in data)


def _word(text: str) -> str:
    """TEXT as one word of a POSIX shell; the variables of secrets are left for the shell to fill in."""
    parts = [part for part in _SECRET.split(text) if part]
    secrets = [part for part in parts if _SECRET.fullmatch(part)]
    if secrets and all(part in secrets or (_plain(part) and _INERT.fullmatch(part)) for part in parts):
        return '"' + _live(_GLUED.sub(r"${\1}", text)) + '"'
    return "".join(_quoted(part) for part in parts) or "''"


def _quoted(part: str) -> str:
    if _SECRET.fullmatch(part):
        return f'"{_live(part)}"'
    if _plain(part):
        return shlex.quote(part)
    return f"\"$(printf '{_octal(part.encode('utf-8', 'surrogatepass'))}')\""


def _live(text: str) -> str:
    """TEXT with the variables of this suite's settings by the names that they are set by."""
    return _PLACEHOLDER.sub(lambda found: _LIVE.get(found[0], found[0]), text)


def _header_words(request: Request) -> list[str]:
    words = []
    for name, value in request.headers:
        if name.lower() not in _OWN and _TOKEN.fullmatch(name):
            # curl drops a header that ends in a colon; a semicolon makes it send one without a value.
            words.append("-H " + _word(f"{name}: {value}" if value.strip() else f"{name};"))
    if not any(request.header(name) for name in _USUAL):
        words += [f"-H '{name}:'" for name in _USUAL]
    if request.body is not None and request.header("content-type") is None:
        words.append("-H 'Content-Type:'")
    return words


def _url(url: str) -> str:
    """URL so that curl takes it for one: what begins with @ would be the name of a file with URLs."""
    return f"http://{url}" if url.startswith("@") else url


def command(request: Request) -> str:
    """The curl command that sends REQUEST once more; the variables of its secrets must be set in the shell."""
    # Each value from the record follows an option that takes one, so that none can be an option itself. Brackets and
    # braces in a URL are patterns to curl.
    words = [f"curl -i --globoff -X {_word(request.method)} --url {_word(_url(request.url))}", *_header_words(request)]
    source = ""
    if request.body is not None and len(request.body) > _LONGEST:
        words.append(f"--data-binary @body  # a file with the {len(request.body):,} bytes that results.json holds")
    elif request.body is not None:
        text = request.body.decode("latin-1")
        if _plain(text):
            # A body that begins with @ would be read as a file's name by --data-binary.
            words.append(f"--data-raw {_word(text)}")
        else:
            source = f"printf '{_octal(request.body)}' | "
            words.append("--data-binary @-")
    return source + " \\\n  ".join(words)
