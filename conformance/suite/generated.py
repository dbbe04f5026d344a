"""Generated cases: one for each class of what is varied, and where; thousands of requests, each judged exactly."""

from __future__ import annotations

from collections.abc import Callable

from conformance.contract.refused import REFUSED_GENERAL
from conformance.run.case_context import CaseContext
from conformance.suite.registry import case

ORDER = 5

Test = Callable[..., None]


def generated(identity: str) -> Callable[[Test], Test]:
    """Register a function as the class IDENTITY; its docstring is what the class is about."""

    def decorate(function: Test) -> Test:
        def test(ctx: CaseContext) -> None:
            # Loaded here, as only generated cases need Schemathesis.
            from conformance.fuzzing.campaign import run_input_class  # noqa: PLC0415 (see above)

            run_input_class(ctx, identity)

        test.__doc__, test.__module__, test.__name__ = function.__doc__, function.__module__, function.__name__
        test.__qualname__ = test.__name__
        return case(identity, accepts=True, general=REFUSED_GENERAL, order=ORDER)(test)

    return decorate


@generated("generated-device-id-characters")
def test_device_id_characters() -> None:
    """A deviceId with unusual characters (NUL, surrogates, quotes, injections) names no device, or is invalid."""


@generated("generated-body-malformed")
def test_body_malformed() -> None:
    """A body that isn't quite JSON is invalid."""


@generated("generated-body-encoding")
def test_body_encoding() -> None:
    """A body that isn't UTF-8 is invalid; a byte order mark or UTF-16 may be understood."""


@generated("generated-device-id-type")
def test_device_id_type() -> None:
    """A deviceId that isn't a string is invalid, whatever its type."""


@generated("generated-device-id-length")
def test_device_id_length() -> None:
    """A deviceId that is too long is invalid, whether characters, UTF-16 units or bytes are counted."""


@generated("generated-device-id-near-existing")
def test_device_id_near_existing() -> None:
    """A deviceId that only resembles an existing one isn't taken for it."""


@generated("generated-body-not-object")
def test_body_not_object() -> None:
    """A body that is JSON, but not an object, is invalid."""


@generated("generated-further-members")
def test_further_members() -> None:
    """Additional members are ignored or invalid, and cause no internal error, however large or deeply nested."""


@generated("generated-device-id-name")
def test_device_id_name() -> None:
    """A deviceId under another name, or in another place, counts as missing."""


@generated("generated-duplicate-members")
def test_duplicate_members() -> None:
    """When deviceId is given twice, one of the two counts, or the body is invalid."""


@generated("generated-content-type")
def test_content_type() -> None:
    """Another content type is ignored, invalid or unsupported, and causes no internal error."""


@generated("generated-app-id")
def test_app_id() -> None:
    """An appId with any text other than the application's own names no application."""


@generated("generated-token")
def test_token() -> None:
    """An Authorization header with any text other than Bearer and the token is refused."""


@generated("generated-app-key")
def test_app_key() -> None:
    """An app_key with any text other than the application's own is refused."""


@generated("generated-repeated-parameters")
def test_repeated_parameters() -> None:
    """A call with repeated or additional parameters or headers gets a documented answer."""


@generated("generated-json-spelling")
def test_json_spelling() -> None:
    """A valid call is accepted however its JSON and its header names are written."""


@generated("generated-device-id-plain")
def test_device_id_plain() -> None:
    """An unallocated deviceId of letters, digits, hyphens and underscores is answered with 200 and 100418."""
