"""The suite's own words: a secret that is one of them can't be told from other text."""

from __future__ import annotations

from functools import cache
from importlib import resources

__all__ = ["SHORTEST", "is_common"]

SHORTEST = 6
"""Characters. A shorter secret turns up in other words by chance."""

LONGEST = 32
"""Characters. Nothing longer is a word."""

SILENT = frozenset({"__pycache__", "corpus", "reference"})
"""Folders that no word of a report comes from."""

HTTP = """
accept accepted application/json authorization basic bearer boolean charset=utf-8 close cookie created deflate
false gateway gzip https:// identity keep-alive localhost 127.0.0.1 method moved null number object password
redirect secret server service session set-cookie string token true unauthorized unavailable user-agent username
"""
TEXT_FILES = (".py", ".yaml", ".html", ".jinja", ".json", ".css", ".js")


@cache
def _words() -> tuple[str, str]:
    """Everything that the suite may say, in small letters: (each word once, all as it is said)."""
    package = resources.files("conformance")
    # In a checkout the contract's documents stand beside the package.
    waiting = [package, package / ".." / "openapi"]
    texts = [HTTP]
    while waiting:
        place = waiting.pop()
        if place.is_dir():
            waiting += [child for child in place.iterdir() if child.name not in SILENT]
        elif place.is_file() and place.name.endswith(TEXT_FILES):
            texts.append(place.read_text("utf-8"))
    said = "\n".join(texts).lower()
    return "\n".join(dict.fromkeys(said.split())), said


def is_common(secret: str) -> bool:
    """Whether SECRET is so short, or so common a word, that masking it would tear other words apart."""
    if len(secret) < SHORTEST:
        return True
    if len(secret) > LONGEST:
        return False
    words, said = _words()
    return secret.lower() in (words if secret.split() == [secret] else said)
