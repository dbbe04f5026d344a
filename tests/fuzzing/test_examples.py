"""The examples themselves: the fixed ones, those from the document, and the random ones."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace

import h11
import pytest

from conformance.fuzzing import input_classes
from conformance.fuzzing.example import APP_ID, DEVICE, PLACE, PLACES, TOKEN, Example, Values, like

from .rig import generated_cases

VALUES = Values("device-1", exists=True, app_key="key-1", token="token-1", app_id="app-1")
SEED = 11


def _all(input_class: str) -> Iterator[Example]:
    yield from input_classes.ordered(input_class, SEED)
    yield from input_classes.fuzzed(input_class, SEED)
    yield from itertools.islice(input_classes.endless(input_class, SEED), 100)


def test_every_class_is_a_case() -> None:
    """The classes of examples are the generated cases, in the same order."""
    assert input_classes.INPUT_CLASSES == generated_cases()


@pytest.mark.parametrize("input_class", input_classes.INPUT_CLASSES)
def test_no_example_is_sent_twice(input_class: str) -> None:
    """Within a class no request comes twice."""
    ids = [example.id for example in _all(input_class)]

    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("input_class", input_classes.INPUT_CLASSES)
def test_examples_can_be_sent_as_they_are(input_class: str) -> None:
    """HTTP's own grammar admits every example, so that the target is tested and not the client."""
    for example in _all(input_class):
        draft = example.draft(VALUES)
        request = draft.request("http://127.0.0.1:9")
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers]
        h11.Request(method="POST", target=request.url.removeprefix("http://127.0.0.1:9"), headers=headers)


@pytest.mark.parametrize("input_class", input_classes.INPUT_CLASSES)
def test_placeholders_are_all_filled_in(input_class: str) -> None:
    """What stands for the run's own values never reaches the target."""
    for example in _all(input_class):
        draft = example.draft(VALUES)
        sent = f"{draft.query} {draft.headers} {draft.body!r}"
        assert [] == PLACE.findall(sent)


@pytest.mark.parametrize("input_class", input_classes.INPUT_CLASSES)
def test_examples_survive_a_file(input_class: str) -> None:
    """An example that is written down and read again is the same request."""
    for example in _all(input_class):
        again = Example.unpacked(json.loads(json.dumps(example.packed())))
        assert example.id == again.id


def test_ids_of_fixed_examples_are_unique() -> None:
    """No two fixed examples, of whatever classes, are one request: an id is enough for a replay."""
    ids = [example.id for input_class in input_classes.INPUT_CLASSES for example in input_classes.fixed(input_class)]

    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("input_class", input_classes.INPUT_CLASSES)
def test_core_is_the_same_for_every_seed(input_class: str) -> None:
    """Whatever the seed, the core comes first, and every fixed example comes once."""
    core, fixed = input_classes.core(input_class), input_classes.fixed(input_class)
    orders = [input_classes.ordered(input_class, seed) for seed in range(5)]

    assert [core] * 5 == [order[: len(core)] for order in orders]
    assert [sorted(example.id for example in fixed)] * 5 == [sorted(one.id for one in order) for order in orders]


@pytest.mark.parametrize("input_class", input_classes.INPUT_CLASSES)
def test_another_seed_sends_other_fixed_examples(input_class: str) -> None:
    """In a run that gets little further than the core, what comes behind it depends on the seed."""
    size = len(input_classes.core(input_class)) + 1
    sent = {input_classes.ordered(input_class, seed)[size - 1].id for seed in range(40)}

    assert len(sent) > 3


@pytest.mark.parametrize("input_class", input_classes.INPUT_CLASSES)
def test_every_fixed_example_comes_up(input_class: str) -> None:
    """Over many small runs, each with a seed of its own, every fixed example is sent."""
    size = len(input_classes.core(input_class)) + 2
    sent = {example.id for seed in range(1500) for example in input_classes.ordered(input_class, seed)[:size]}

    assert {example.id for example in input_classes.fixed(input_class)} == sent


def test_likely_mistakes_come_up_often() -> None:
    """In the usual budget a run of three sends an example that stands right behind the core of a large class."""
    input_class = "generated-device-id-near-existing"
    core, likely = (
        len(input_classes.core(input_class)),
        input_classes.fixed(input_class)[len(input_classes.core(input_class))],
    )
    shares = [likely in input_classes.ordered(input_class, seed)[: core + 5] for seed in range(300)]

    assert 75 < sum(shares) < 180


def test_values_of_credentials_are_secrets_however_changed() -> None:
    """What an example makes of a credential is told to whoever redacts the reports."""
    reversed_token = Example("", headers=(("Authorization", f"Bearer {like(TOKEN, 'reversed')}"),))
    own_app_id = Example("", query=f"appId={like(APP_ID, 'last')}")
    shared = replace(VALUES, app_key=VALUES.app_id)

    assert [("EDITED_ACCESS_TOKEN", "1-nekot")] == list(reversed_token.secrets(VALUES))
    assert [] == list(own_app_id.secrets(VALUES))
    assert [("EDITED_APP_KEY", "app-z")] == list(own_app_id.secrets(shared))


@pytest.mark.parametrize("device_id", ["7", "1042", "20000000000000000001"])
def test_counted_ids_are_never_changed_into_others(device_id: str) -> None:
    """Where ids are numbers that are counted up, no change of one makes another number."""
    values = replace(VALUES, device_id=device_id)
    made = {values.of(place) for place in PLACES if place.startswith("--device-")} - {device_id}

    # Without its last character it is never sent alone.
    assert {device_id[:-1]} - {""} == {text for text in made if text.isascii() and text.isdigit()}


@pytest.mark.parametrize("device_id", ["1a2b3c4d-5e6f", "Device-17", "DEVICE-17"])
def test_form_of_the_id_changes_no_example_into_the_plain_call(device_id: str) -> None:
    """Each of the other spellings in letters is another id, so that the same requests are sent whatever it is."""
    values = replace(VALUES, device_id=device_id)
    spelled = {name: values.of(like(DEVICE, name)) for name in ("capital", "swapcase", "last", "first", "fullwidth")}

    assert device_id not in spelled.values()
    assert device_id.lower() == spelled["capital"].lower()


def test_fixed_examples_belong_to_their_class() -> None:
    """Every fixed example turns out to be of the class that it is listed in, or of one that is read more leniently."""
    # An existing id stands for itself when it is put; nearness shows against the prepared device only.
    near = "generated-device-id-near-existing"
    strays = {
        (input_class, input_classes.place(example))
        for input_class in input_classes.INPUT_CLASSES
        if input_class != near
        for example in input_classes.fixed(input_class)
        if input_classes.place(example) != input_class
    }
    lenient = {
        ("generated-app-id", "generated-json-spelling"),
        ("generated-body-encoding", "generated-content-type"),
        ("generated-body-encoding", "generated-body-malformed"),
        ("generated-body-encoding", "generated-device-id-characters"),
        ("generated-body-malformed", "generated-body-encoding"),
        ("generated-content-type", "generated-json-spelling"),
        ("generated-content-type", "generated-repeated-parameters"),
        ("generated-device-id-length", "generated-device-id-characters"),
        ("generated-device-id-length", "generated-device-id-plain"),
        ("generated-device-id-length", "generated-further-members"),
        ("generated-device-id-name", "generated-further-members"),
        ("generated-duplicate-members", "generated-device-id-name"),
        ("generated-duplicate-members", "generated-further-members"),
        ("generated-repeated-parameters", "generated-app-id"),
        ("generated-repeated-parameters", "generated-json-spelling"),
    }

    assert set() == strays - lenient


PROMISED = {
    "quotes": b'\\"',
    "percent signs": b"%",
    "NUL": b"\\u0000",
    "control characters": b"\\u001b",
    "unpaired surrogates": b"\\ud83d",
    "right-to-left text": "\u202e".encode(),
    "combining text": "Z\u0351".encode(),
    "64 characters of four bytes": "\U0001f4a5".encode() * 64,
    "65 characters of four bytes": "\U0001f4a5".encode() * 65,
    "invalid UTF-8": b"\xc0\xaf",
    "a byte order mark": b"\xef\xbb\xbf{",
    "deep nesting": b"[" * 5000,
    "huge numbers": b"9" * 5000,
    "duplicate keys": b'"deviceId": "--device--", "deviceId"',
    "Infinity": b"Infinity",
    "trailing garbage": b"}}",
    "path injection": b"../../",
    "template injection": b"{{7*7}}",
    "deviceId in other case": b"--device-swapcase--",
    "a name in other case": b'"DEVICEID"',
}


@pytest.mark.parametrize("what", PROMISED)
def test_hostile_text_is_among_the_fixed_examples(what: str) -> None:
    """What is known to break real servers is sent in every run whose budget admits it, and else by turns."""
    bodies = [
        example.body or b""
        for input_class in input_classes.INPUT_CLASSES
        for example in input_classes.fixed(input_class)
    ]

    assert any(PROMISED[what] in body for body in bodies)


def test_classes_draw_on_the_document() -> None:
    """Schemathesis' boundary cases and its random ones are among the examples of several classes."""
    boundary = {
        s for s in input_classes.INPUT_CLASSES for one in input_classes.fixed(s) if one.edit.startswith("boundary case")
    }
    drawn = {s for s in input_classes.INPUT_CLASSES if input_classes.fuzzed(s, SEED)}

    assert {"generated-device-id-type", "generated-body-not-object", "generated-app-key"} <= boundary
    assert {"generated-device-id-characters", "generated-body-malformed", "generated-app-id"} <= drawn


def test_another_seed_gives_other_random_requests() -> None:
    """Random examples depend on the seed."""
    input_class = "generated-device-id-characters"
    one, other = (list(itertools.islice(input_classes.endless(input_class, seed), 20)) for seed in (1, 2))

    assert [example.id for example in one] != [example.id for example in other]
