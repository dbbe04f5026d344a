"""Keeps secrets out of everything that is written or shown: each is replaced by the name of a variable.

Two things make a value secret: that it was learned, and where it stands. What was learned is masked wherever it turns
up, however it is spelled. In headers, query parameters and URLs of messages that others wrote, all is masked that isn't
known to be harmless, and what sounds secret is learned from there.
"""

from __future__ import annotations

import difflib
import re
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import lru_cache
from itertools import accumulate
from operator import is_
from typing import Any, TypeVar, cast

from conformance.evidence import positions
from conformance.evidence.exchange import Exchange, Headers, Request, Response
from conformance.evidence.needles import Needles
from conformance.evidence.spellings import UNFINISHED, View, in_base64, plainly, views
from conformance.evidence.vocabulary import SHORTEST, is_common

__all__ = ["CUT", "LONGEST_VALUE", "Redaction", "mapped"]

T = TypeVar("T")

SHORTEST_RUN = 2
"""Characters of ASCII that any escape has in a row."""

SHORTEST_START = 6
"""So many bytes of a secret, right before a cut or behind it, count as a part of it."""

LONGEST_SPELLING = 64
"""Bytes. More of a text than so many for each byte of a secret needn't be looked at beside a cut."""

SHORTEST_BACKWARDS = 8
"""Characters. What is shorter turns up backwards by chance."""

LONGEST_VALUE = 256 * 1024
"""Bytes or characters of one value in a record; more of it is cut off."""

LONGEST_KNOWN = 200
"""Characters of a text that is kept with what became of it."""

MOST_KNOWN = 20_000
"""Texts that are kept."""

BATCH = 64 * 1024
"""Bytes that are looked through at once: short texts together, as each look costs the same whatever its length."""

BETWEEN = b"\n\xfe\n"
"""What stands between texts that are looked through together: nothing is spelled with it."""

MOST_ROUNDS = 3
"""How often a text is looked through until nothing in it is secret any more."""

CUT = "…"
"""What stands in the suite's texts where something was cut off."""

CUTS = re.compile(rb"\.\.\.|%b" % CUT.encode("utf-8"))
"""The same, and what Python writes there."""

OWN = frozenset(
    {
        "advice",
        "case",
        "cases",
        "chapter",
        "document",
        "id",
        "kind",
        "level",
        "masked_by",
        "origin",
        "outcome",
        "provider",
        "reading",
        "readings",
        "requirement",
        "requirements",
        "row",
        "rule",
        "section",
        "started",
        "state",
        "statement",
        "title",
        "verdict",
        "version",
    }
)
"""Fields of a record that hold the suite's own words. Keys of dictionaries are always ids."""

LEAVES = frozenset({str, bytes, int, float, bool, type(None)})
"""What most values are: nothing is in them."""

DERIVED = "EDITED_"
ACCESS_TOKEN, APP_KEY = "ACCESS_TOKEN", "APP_KEY"


def _forms(secret: str) -> Iterator[bytes]:
    """The bytes of SECRET in every letter case and in the encodings of text, UTF-16 without its NUL bytes."""
    cases = {secret}
    if not secret.isascii():
        # Some letters become two.
        cases |= {secret.lower(), secret.upper(), secret.swapcase(), secret.casefold(), secret.upper().lower()}
        cases |= {secret.lower().upper(), secret.swapcase().swapcase()}
    for text in cases:
        yield text.encode("utf-8", "surrogatepass")
        if not text.isascii():
            yield b"".join(bytes((ord(one),)) if ord(one) <= 0xFF else one.encode("utf-8") for one in text)  # noqa: PLR2004 (Latin-1's end)
            for encoding in ("utf-16-le", "utf-16-be"):
                yield text.encode(encoding, "surrogatepass").replace(b"\0", b"")


@lru_cache(maxsize=4096)
def _needles(secret: str) -> tuple[tuple[bytes, ...], tuple[bytes, ...], tuple[bytes, ...]]:
    """(forms of SECRET; what else they are known by: without what looks like escapes, or backwards; their base64)."""
    forms = tuple(_forms(secret))
    backwards = (secret[::-1].encode("utf-8", "surrogatepass"),) if len(secret) >= SHORTEST_BACKWARDS else ()
    plain = tuple(
        one
        for form in (*forms, *backwards)
        for one in plainly(form)
        if one not in forms and len(one) >= SHORTEST and not is_common(one.decode("latin-1"))
    )
    # Where the letter case of digits was changed they can't be decoded any more; what they were can be compared.
    encoded = [secret.encode(encoding, "surrogatepass") for encoding in ("utf-8", "utf-16-le")]
    return forms, plain, tuple(digits for raw in encoded for digits in in_base64(raw))


def _ascii_run(secret: str) -> int:
    """The most characters of ASCII that SECRET has in a row; more of them, if any, are in what it is escaped to.

    A single one would make text of everything that is decoded; what has an escape in it has more.
    """
    return max(SHORTEST_RUN, *map(len, re.findall(r"[ -~]+", secret)), 0)


def _made_of(word: str, secret: str) -> bool:
    """Whether WORD has at least half of SECRET in one piece, or its characters in another order, in any letter case."""
    mine, theirs = word.casefold(), secret.casefold()
    if sorted(mine) == sorted(theirs):
        return True
    match = difflib.SequenceMatcher(None, mine, theirs, autojunk=False).find_longest_match()
    return match.size >= max(4, len(secret) // 2)


def _own(name: str, value: Any) -> bool:
    """Whether VALUE, of a field NAME, is the suite's own word; a secret may be the same word, yet ids must stay."""
    return name in OWN and (
        isinstance(value, str) or (isinstance(value, tuple) and all(isinstance(one, str) for one in value))
    )


_FIELDS: dict[type, tuple[str, ...]] = {}


def _names_of_fields(kind: type) -> tuple[str, ...]:
    """The fields of the dataclass KIND, worked out once; none where it isn't one."""
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()
    return _FIELDS[kind]


def mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """VALUE with CHANGE made to everything in it that is no collection, the suite's own words aside.

    What holds nothing that changes is VALUE itself, as records are large and little of them changes.
    """
    kind = type(value)
    if kind in LEAVES:
        return change(value)
    if isinstance(value, (tuple, list)):
        elements = [mapped(one, change) for one in value]
        return value if all(map(is_, elements, value)) else kind(elements)
    if isinstance(value, dict):
        elements = [mapped(one, change) for one in value.values()]
        return value if all(map(is_, elements, value.values())) else dict(zip(value, elements, strict=True))
    names = _names_of_fields(kind)
    if not names:
        return change(value)
    changed = {}
    for name in names:
        before = getattr(value, name)
        after = before if _own(name, before) else mapped(before, change)
        if after is not before:
            changed[name] = after
    return replace(value, **changed) if changed else value


def _exchanges(value: Any) -> Iterator[Exchange]:
    """The exchanges in VALUE."""
    if isinstance(value, Exchange):
        yield value
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from _exchanges(one)
    elif isinstance(value, dict):
        yield from _exchanges(tuple(value.values()))
    elif names := _names_of_fields(type(value)):
        yield from _exchanges(tuple(getattr(value, name) for name in names))


def _bounded(value: Any) -> Any:
    """VALUE, cut where it is longer than anybody would read."""
    if isinstance(value, str) and len(value) > LONGEST_VALUE:
        return value[:LONGEST_VALUE] + CUT
    if isinstance(value, bytes) and len(value) > LONGEST_VALUE + len(CUT.encode("utf-8")):
        return value[:LONGEST_VALUE] + CUT.encode("utf-8")
    return value


def _bytes(text: str | bytes) -> bytes:
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text


def _starts_character(byte: int) -> bool:
    return byte & 0xC0 != 0x80  # noqa: PLR2004 (UTF-8's continuation bytes)


class _Text:
    """A text, the spans of it that must not be shown, and what it is without them."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.spans: list[tuple[int, int, str]] = []

    def masked(self, search: _Search, names: Mapping[str, str], *, characters: bool) -> bytes:
        """The text with a marker for each span; those that are part of a marker of SEARCH are no secrets.

        Args:
            search: what was looked for.
            names: of secrets that stand there as they are.
            characters: the text is UTF-8, and stays it.
        """
        if not self.spans:
            return self.text
        kept = [match.span() for match in search.markers.finditer(self.text)]
        pieces: list[bytes] = []
        done = index = 0
        # Of those that begin together the longest: a secret may be part of another.
        for start, last, name in sorted(self.spans, key=lambda span: (span[0], -span[1])):
            while index < len(kept) and kept[index][1] <= start:
                index += 1
            if last <= done or (index < len(kept) and kept[index][0] <= start and last <= kept[index][1]):
                continue
            begin, exact = self._exact(start, last, names)
            plain = exact or search.plainly(self.text[start:last], names)
            first, end, marker = self._fitting(begin, last, f"${plain or name}", characters=characters)
            # One that begins within another is masked with it.
            if start >= done:
                pieces += (self.text[done:first], marker)
            done = end
        return b"".join((*pieces, self.text[done:]))

    def _exact(self, start: int, end: int, names: Mapping[str, str]) -> tuple[int, str | None]:
        """Where the secret of START to END begins, and its name among NAMES if it stands there as it is."""
        exact = names.get(self.text[start:end].decode("utf-8", "replace"))
        if exact is None and self.text[start : start + 1] == b"=":
            # An equals sign before digits reads as an escape, and a secret may begin with digits.
            exact = names.get(self.text[start + 1 : end].decode("utf-8", "replace"))
            return (start + 1 if exact else start), exact
        return start, exact

    def _fitting(self, start: int, end: int, marker: str, *, characters: bool) -> tuple[int, int, bytes]:
        """START and END moved to where characters begin, and MARKER in the encoding of the text between them."""
        text = self.text
        if characters:
            while start and not _starts_character(text[start]):
                start -= 1
            while end < len(text) and not _starts_character(text[end]):
                end += 1
        elif text[start + 1 : start + 4 : 2] == b"\0\0":
            if start % 2:
                return start - 1, end, marker.encode("utf-16-be")
            return start, min(end + 1, len(text)), marker.encode("utf-16-le")
        return start, end, marker.encode("ascii")


@dataclass(frozen=True)
class _Search:
    """What to look for, worked out from the secrets that are known.

    Attributes:
        needles: the forms of all secrets, each with its name.
        digits: what they are in base64 in any letter case.
        markers: what stands for secrets, and is none.
        starts: forms by how they begin, to find what was cut off behind that.
        ends: forms by how they end.
        longest: the bytes of the longest form.
        ascii_run: the fewest characters of ASCII that a secret has in a row.
        folded: the names of the secrets without regard to letter case.
    """

    needles: Needles
    digits: Needles
    markers: re.Pattern[bytes]
    starts: Mapping[bytes, list[tuple[bytes, str]]]
    ends: Mapping[bytes, list[tuple[bytes, str]]]
    longest: int
    ascii_run: int
    folded: Mapping[str, str]

    def plainly(self, text: bytes, names: Mapping[str, str]) -> str | None:
        """The name, by NAMES, of TEXT where that is a secret without any escape, or None.

        In another letter case it is another value, and has another name.
        """
        plain = text.replace(b"\0", b"")
        try:
            read = plain.decode("utf-8")
        except UnicodeDecodeError:
            # What is left of UTF-16.
            read = plain.decode("latin-1")
        if read in names:
            return names[read]
        name = self.folded.get(read.casefold())
        return name and f"{DERIVED}{name.removeprefix(DERIVED)}"

    def through(self, texts: list[bytes]) -> list[_Text]:
        """TEXTS, looked through as one."""
        found = [_Text(text) for text in texts]
        places = list(accumulate((len(text) + len(BETWEEN) for text in texts), initial=0))
        for start, end, name in self._spans(BETWEEN.join(texts)):
            # What stands in several texts, and makes a secret only together, is masked in each.
            for index in range(max(0, bisect_right(places, start) - 1), len(texts)):
                if places[index] >= end:
                    break
                first, last = max(0, start - places[index]), min(len(texts[index]), end - places[index])
                if first < last:
                    found[index].spans.append((first, last, name))
        for one in found:
            self._look_at_cuts(one)
        return found

    def _spans(self, text: bytes) -> Iterator[tuple[int, int, str]]:
        """The places of all secrets in TEXT, however they are spelled."""
        for view in views(text, self.needles.shortest or SHORTEST, self.ascii_run):
            for start, end, name in (self.digits if view.digits else self.needles).find(view.text):
                yield (*view.original(start, end), name)
            if view.readable and b"@" in view.text and b"//" in view.text:
                for match in positions.USERINFO_BYTES.finditer(view.text):
                    yield (*view.original(*match.span(1)), positions.USERINFO)

    def _look_at_cuts(self, found: _Text) -> None:
        """Add to FOUND the beginnings and ends of secrets right at a place where something was cut off."""
        cuts = [match.span() for match in CUTS.finditer(found.text)] if self.starts else []
        if not cuts:
            return
        begin = 0
        for number, (end, behind) in enumerate([*cuts, (len(found.text), 0)]):
            for first, last, name in self._parts(found.text[begin:end], behind=number > 0, before=number < len(cuts)):
                found.spans.append((begin + first, begin + last, name))
            begin = behind

    def _parts(self, piece: bytes, *, behind: bool, before: bool) -> Iterator[tuple[int, int, str]]:
        """Where PIECE ends with the beginning of a secret, as it stands BEFORE a cut, or begins with the end of one."""
        near = LONGEST_SPELLING * self.longest
        if before:
            for start, name in self._beginnings(piece[-near:]):
                yield max(0, len(piece) - near) + start, len(piece), name
        if behind:
            for end, name in self._endings(piece[:near]):
                yield 0, end, name

    def _beginnings(self, piece: bytes) -> Iterator[tuple[int, str]]:
        """(where the beginning of a secret stands that PIECE ends with, the secret's name), however it is spelled."""
        for view in self._read(piece):
            text = Needles.folded(view.text)
            for end in {len(text), len(UNFINISHED.sub(b"", text))}:
                for start in range(max(0, end - self.longest), end - SHORTEST_START + 1):
                    names = self.starts.get(text[start : start + SHORTEST_START], ())
                    name = next((name for form, name in names if form.startswith(text[start:end])), None)
                    if name is not None:
                        yield view.original(start, end)[0], name
                        break

    def _endings(self, piece: bytes) -> Iterator[tuple[int, str]]:
        """(where the end of a secret stands that PIECE begins with, the secret's name), however it is spelled."""
        for view in self._read(piece):
            text = Needles.folded(view.text)
            for end in range(min(len(text), self.longest), SHORTEST_START - 1, -1):
                names = self.ends.get(text[end - SHORTEST_START : end], ())
                name = next((name for form, name in names if form.endswith(text[:end])), None)
                if name is not None:
                    yield view.original(0, end)[1], name
                    break

    @staticmethod
    def _read(piece: bytes) -> Iterator[View]:
        """PIECE and its readings, if it may hold a part of a secret."""
        return views(piece, SHORTEST_START, SHORTEST_START) if len(piece) >= SHORTEST_START else iter(())


def _search(names: Mapping[str, str], common: Mapping[str, str]) -> _Search:
    """What to look for where the secrets of NAMES are known, and those that are COMMON words."""
    known = [(_needles(secret), name) for secret, name in names.items()]
    found: dict[bytes, str] = {}
    for (forms, _, _), name in known:
        for form in forms:
            found.setdefault(form, name)
    for (_, plain, _), name in known:
        for form in plain:
            found.setdefault(form, name)
    markers = {*positions.MARKERS, *names.values(), *common.values()}
    markers |= {f"{DERIVED}{name.removeprefix(DERIVED)}" for name in names.values()}
    variables = sorted((re.escape(f"${name}".encode()) for name in markers), key=len, reverse=True)
    starts: dict[bytes, list[tuple[bytes, str]]] = {}
    ends: dict[bytes, list[tuple[bytes, str]]] = {}
    for form, name in found.items():
        folded = Needles.folded(form)
        starts.setdefault(folded[:SHORTEST_START], []).append((folded, name))
        ends.setdefault(folded[-SHORTEST_START:], []).append((folded, name))
    return _Search(
        needles=Needles(found),
        digits=Needles({digits: name for (_, _, all_digits), name in known for digits in all_digits}),
        markers=re.compile(b"|".join(variables)),
        starts=starts,
        ends=ends,
        longest=max(map(len, found), default=0),
        ascii_run=min(map(_ascii_run, names), default=SHORTEST),
        folded={secret.casefold(): name for secret, name in names.items()},
    )


class Redaction:
    """The secrets of a run. learn() them as soon as they are known; apply() before anything is written.

    recorded: the requests are somebody else's, not the suite's own, whose values are known.
    """

    def __init__(self, *, recorded: bool = False) -> None:
        self._recorded = recorded
        self._names: dict[str, str] = {}
        self._common: dict[str, str] = {}
        self._indistinct: set[str] = set()
        self._derived: set[str] = set()
        self._known: dict[str | bytes, str | bytes] = {}
        self._search: _Search | None = None
        # Libraries log from several threads.
        self._lock = threading.RLock()

    # -- what is secret ----------------------------------------------------------------------------------------------

    def learn(self, secret: str | None, name: str) -> None:
        """Replace SECRET by $NAME, wherever it is if it can be told from other text, else where credentials stand."""
        if secret and self._learned(secret, name) and secret in self._common and not name.startswith(DERIVED):
            self._indistinct.add(name)

    def _learned(self, secret: str, name: str) -> bool:
        """Whether SECRET was learned, by NAME, or had been; what was redacted before is none."""
        if positions.VARIABLE.fullmatch(secret):
            return False
        with self._lock:
            if secret not in self._names and secret not in self._common:
                (self._common if is_common(secret) else self._names)[secret] = name
                self._known.clear()
                self._search = None
        return True

    def learn_url(self, url: str | None) -> None:
        """Learn user, password, and parameters that sound secret, of URL."""
        for secret, name in positions.url_credentials(url or ""):
            self.learn(secret, name)

    def derive(self, headers: Headers) -> None:
        """Learn what an edit made of a secret, among HEADERS that are sent: cut short, or in other letter case, say."""
        for _, value in headers:
            if value in self._derived:
                continue
            self._derived.add(value)
            for word in value.split():
                if not any(secret in word for secret in self._names):
                    made_of = [name for secret, name in self._names.items() if _made_of(word, secret)]
                    if made_of:
                        self._learned(word, f"{DERIVED}{made_of[0].removeprefix(DERIVED)}")

    @property
    def indistinct(self) -> tuple[str, ...]:
        """The names of secrets that can't be told from other text, so that they are masked in their places only."""
        return tuple(sorted(self._indistinct))

    @property
    def known(self) -> tuple[tuple[str, str], ...]:
        """Every secret with its name, for the redaction of another process to learn."""
        return (*self._names.items(), *self._common.items())

    def gather(self, value: Any) -> None:
        """Learn the credentials that stand in the exchanges of VALUE."""
        exchanges = list(_exchanges(value))
        # What the suite itself sent in a body isn't secret, though the target repeat it in a cookie.
        sent = b"" if self._recorded else b"\n".join(exchange.request.body or b"" for exchange in exchanges)
        for exchange in exchanges:
            for secret, name in positions.credentials(exchange, recorded=self._recorded):
                if not secret or (sent and _bytes(secret) in sent):
                    continue
                if self._learned(secret, name) and secret in self._common and name in (ACCESS_TOKEN, APP_KEY):
                    self._indistinct.add(name)

    # -- what is shown -----------------------------------------------------------------------------------------------

    def text(self, text: str) -> str:
        """TEXT without the secrets."""
        return cast("str", self._shown([text])[text])

    def apply(self, value: T) -> T:
        """VALUE (a dataclass, a collection, text or bytes, nested) without the secrets, and with no endless texts.

        What its exchanges show to be secret is learned before, so it is masked in all of VALUE.
        """
        self.gather(value)
        placed = self._placed(mapped(value, _bounded))
        leaves: dict[str | bytes, None] = {}

        def collect(leaf: Any) -> Any:
            if isinstance(leaf, (str, bytes)):
                leaves[leaf] = None
            return leaf

        mapped(placed, collect)
        shown = self._shown(leaves)
        return cast("T", mapped(placed, lambda leaf: shown[leaf] if isinstance(leaf, (str, bytes)) else leaf))

    def _placed(self, value: Any) -> Any:
        """VALUE with everything masked that is secret by its place."""
        if isinstance(value, (tuple, list)):
            return type(value)(map(self._placed, value))
        if isinstance(value, dict):
            return dict(zip(value, map(self._placed, value.values()), strict=True))
        if isinstance(value, Response):
            return replace(value, headers=self._foreign_headers(value.headers))
        if isinstance(value, Request):
            return self._placed_request(value)
        placed = {name: self._placed(getattr(value, name)) for name in _names_of_fields(type(value))}
        return replace(value, **placed) if placed else value

    def _placed_request(self, request: Request) -> Request:
        url = positions.shown_url(request.url, self._name_of, own=not self._recorded)
        if self._recorded:
            return replace(request, url=url, headers=self._foreign_headers(request.headers))
        headers = tuple((name, self._own_header(name, text)) for name, text in request.headers)
        return replace(request, url=url, headers=headers)

    def _name_of(self, value: str) -> str | None:
        return self._names.get(value) or self._common.get(value)

    def _foreign_headers(self, headers: Headers) -> Headers:
        return tuple((name, positions.shown_header(name, value, self._name_of)) for name, value in headers)

    def _own_header(self, name: str, value: str) -> str:
        """VALUE of the header NAME of the suite's own, without the secrets that are masked in their places only."""
        if not self._common or name.lower() not in positions.CREDENTIAL_HEADERS:
            return value
        scheme, rest = positions.scheme_of(name, value)
        words = re.compile("|".join(map(self._placed_word, sorted(self._common, key=len, reverse=True))))
        return scheme + words.sub(lambda match: f"${self._common[match[0]]}", rest)

    def _placed_word(self, secret: str) -> str:
        """The pattern of SECRET where credentials stand; what is left of an edited one may be a single letter."""
        derived = self._common[secret].startswith(DERIVED)
        return rf"(?<!\w){re.escape(secret)}(?!\w)" if derived else re.escape(secret)

    # -- looking for secrets -----------------------------------------------------------------------------------------

    def _prepared(self) -> _Search:
        """What to look for, worked out anew when something was learned."""
        with self._lock:
            if self._search is None:
                self._search = _search(self._names, self._common)
            return self._search

    def _shown(self, leaves: Iterable[str | bytes]) -> dict[str | bytes, str | bytes]:
        """What becomes of each of LEAVES."""
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        shown: dict[str | bytes, str | bytes] = {}
        waiting = []
        for leaf in leaves:
            if leaf in self._known:
                shown[leaf] = self._known[leaf]
            else:
                waiting.append(leaf)
        texts = {leaf: _bytes(leaf) for leaf in waiting}
        changing = waiting
        for _ in range(MOST_ROUNDS):
            changing = self._round(changing, texts)
            if not changing:
                break
        for leaf, text in texts.items():
            shown[leaf] = text.decode("utf-8", "surrogatepass") if isinstance(leaf, str) else text
            if len(leaf) <= LONGEST_KNOWN:
                # Headers and statements come up again and again.
                self._known[leaf] = shown[leaf]
        return shown

    def _round(self, leaves: list[str | bytes], texts: dict[str | bytes, bytes]) -> list[str | bytes]:
        """Mask what is found in TEXTS of LEAVES; those that were changed."""
        changed, search = [], self._prepared()
        for batch in _batches(leaves, texts):
            for leaf, found in zip(batch, search.through([texts[leaf] for leaf in batch]), strict=True):
                masked = found.masked(search, self._names, characters=isinstance(leaf, str))
                if masked != found.text:
                    texts[leaf] = masked
                    changed.append(leaf)
        return changed


def _batches(leaves: list[str | bytes], texts: dict[str | bytes, bytes]) -> Iterator[list[str | bytes]]:
    """LEAVES, those with short TEXTS together."""
    batch: list[str | bytes] = []
    size = 0
    for leaf in leaves:
        if batch and size + len(texts[leaf]) > BATCH:
            yield batch
            batch, size = [], 0
        batch.append(leaf)
        size += len(texts[leaf])
    if batch:
        yield batch
