"""Faults in checking app_key, access token and appId: what is accepted though it shouldn't be, and the other way."""

from __future__ import annotations

import re
from collections.abc import Callable

from conformance.reference.behaviour import Behaviour
from conformance.reference.call import Call
from conformance.reference.edits import Edit, Fault, around, wrap
from conformance.reference.errors import INVALID_CREDENTIALS, UNAUTHORIZED_APPLICATION, UNKNOWN_APPLICATION, Refusal
from conformance.reference.messages import Request
from conformance.reference.store import Application


def same(compare: Callable[[str, str], bool]) -> Edit:
    """Compare the token presented with the one issued in another way."""
    return around("access.same_token", lambda _inner, presented, issued: compare(presented, issued))


def _same_ends(presented: str, issued: str) -> bool:
    return len(presented) == len(issued) and (presented[:4], presented[-4:]) == (issued[:4], issued[-4:])


def parsed(parse: Callable[[str], str | None]) -> Edit:
    """Take the token from the Authorization header in another way."""
    return around("reading.authorization", lambda inner, value: inner(value) or parse(value or ""))


def token_also_from(read: Callable[[Request], str | None]) -> Edit:
    """Take the token from another place when the header isn't there."""
    return around("reading.token", lambda inner, request: inner(request) or read(request))


def own_when(condition: Callable[[Behaviour, Call], bool]) -> Edit:
    """Take an app_key for the authorised application's."""

    def edit(behaviour: Behaviour) -> None:
        wrap(
            behaviour,
            "access.find_caller",
            lambda inner, call: behaviour.store.parties.own if condition(behaviour, call) else inner(call),
        )

    return edit


def app_key_as_own(when: Callable[[str | None], bool]) -> Edit:
    """Take some values of the header app_key, or its absence, for the authorised application's."""

    def edit(behaviour: Behaviour) -> None:
        def read(inner: Callable[[Request], str | None], request: Request) -> str | None:
            value = inner(request)
            return behaviour.store.parties.own.app_id if when(value) else value

        wrap(behaviour, "reading.app_key", read)

    return edit


def logged_in_when(condition: Callable[[Request], bool]) -> Edit:
    """Skip the token's check at some calls."""

    def edit(behaviour: Behaviour) -> None:
        def check(inner: Callable[[Call], None], call: Call) -> None:
            if condition(call.request):
                call.caller = behaviour.store.parties.own
            else:
                inner(call)

        wrap(behaviour, "check_credentials", check)

    return edit


def _bearer_text(request: Request) -> str:
    return (request.header("authorization") or "").removeprefix("Bearer").strip()


def _app_key_from_query(inner: Callable[[Request], str | None], request: Request) -> str | None:
    return inner(request) or request.parameter("app_key") or request.parameter("appId")


def _any_scheme(value: str) -> str | None:
    return value.partition(" ")[2] or None


def _anybodys_token(behaviour: Behaviour) -> None:
    # The token is looked up among those of all applications.
    def tokens(_inner: object, _application: Application) -> list[str]:
        return [one.tokens[-1].text for one in behaviour.store.applications.values()]

    wrap(behaviour, "access.accepted_tokens", tokens)


def owner_when(choose: Callable[[Behaviour, Application, str], Application | None]) -> Edit:
    """Choose the application that a call with appId is made for in another way; None: as it should be."""

    def edit(behaviour: Behaviour) -> None:
        def find(inner: Callable[..., Application], caller: Application, app_id: str | None) -> Application:
            return (None if app_id is None else choose(behaviour, caller, app_id)) or inner(caller, app_id)

        wrap(behaviour, "access.find_owner", find)

    return edit


def _unknown_as_caller(behaviour: Behaviour, caller: Application, app_id: str) -> Application | None:
    return None if app_id in behaviour.store.applications else caller


def _well_formed(app_id: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{28}", app_id) is not None


def _well_formed_as_caller(behaviour: Behaviour, caller: Application, app_id: str) -> Application | None:
    return caller if app_id not in behaviour.store.applications and _well_formed(app_id) else None


def _unauthorised_as_caller(behaviour: Behaviour, caller: Application, app_id: str) -> Application | None:
    return caller if app_id in behaviour.store.applications else None


def _unauthorised_as_owner(behaviour: Behaviour, _caller: Application, app_id: str) -> Application | None:
    return behaviour.store.applications.get(app_id)


def _unauthorised_for_its_device(behaviour: Behaviour) -> None:
    # Whose device it is is looked at, whether its application has authorised the caller isn't.
    def check(inner: Callable[[Call], None], call: Call) -> None:
        named = behaviour.store.applications.get(call.request.parameter("appId") or "")
        device = behaviour.store.devices.get(call.device_id)
        if named is not None and device is not None and device.app_id == named.app_id:
            call.owner = named
        else:
            inner(call)

    wrap(behaviour, "check_application", check)


def _own_by_prefix(_behaviour: Behaviour, caller: Application, app_id: str) -> Application | None:
    return caller if app_id.lower().startswith(caller.app_id[:8].lower()) else None


def _own_app_id_unauthorised(inner: Callable[..., Application], caller: Application, app_id: str | None) -> Application:
    if app_id == caller.app_id:
        raise Refusal(UNAUTHORIZED_APPLICATION)
    return inner(caller, app_id)


def _app_id_mandatory(inner: Callable[..., Application], caller: Application, app_id: str | None) -> Application:
    if app_id is None:
        raise Refusal(UNKNOWN_APPLICATION)
    return inner(caller, app_id)


def _app_id_crashes(inner: Callable[..., Application], caller: Application, app_id: str | None) -> Application:
    if app_id is not None and app_id == caller.app_id:
        raise RuntimeError("a fault")
    return inner(caller, app_id)


def _refused_once_in(count: int) -> Edit:
    def edit(behaviour: Behaviour) -> None:
        calls = 0

        def check(inner: Callable[[Call], None], call: Call) -> None:
            nonlocal calls
            inner(call)
            calls += 1
            if calls % count == 0:
                raise Refusal(INVALID_CREDENTIALS)

        wrap(behaviour, "check_credentials", check)

    return edit


FAULTS = (
    # ---- app_key
    Fault(
        "app-key-missing-accepted",
        "app-key-mandatory",
        "A call without app_key is carried out for the token's application.",
        app_key_as_own(lambda value: value is None),
    ),
    Fault(
        "app-key-empty-accepted",
        "app-key-mandatory",
        "A call with an empty app_key is carried out for the token's application.",
        app_key_as_own(lambda value: value == ""),
    ),
    Fault(
        "app-key-from-query",
        "app-key-mandatory",
        "Without the header, app_key is taken from the query, or from appId there.",
        around("reading.app_key", _app_key_from_query),
    ),
    Fault(
        "app-key-any-accepted",
        "app-key-valid",
        "Any app_key is accepted.",
        app_key_as_own(bool),
    ),
    Fault(
        "app-key-unknown-accepted",
        "app-key-valid",
        "An app_key that was never allocated is accepted.",
        own_when(lambda b, call: call.app_key not in b.store.applications),
    ),
    Fault(
        "app-key-well-formed-accepted",
        "app-key-valid",
        "An app_key that was never allocated is accepted if it has the form of one.",
        own_when(lambda b, call: call.app_key not in b.store.applications and _well_formed(call.app_key)),
    ),
    Fault(
        "app-key-of-other-application-accepted",
        "app-key-valid",
        "The app_key of another application is accepted.",
        own_when(lambda b, call: call.app_key in b.store.applications),
    ),
    Fault(
        "app-key-any-case",
        "app-key-valid",
        "app_key is compared without regard to letter case.",
        own_when(lambda b, call: call.app_key.lower() == b.store.parties.own.app_id.lower()),
    ),
    Fault(
        "app-key-prefix",
        "app-key-valid",
        "The beginning of an app_key is enough.",
        own_when(lambda b, call: b.store.parties.own.app_id.startswith(call.app_key)),
    ),
    Fault(
        "app-key-longer",
        "app-key-valid",
        "Characters after the app_key are ignored.",
        own_when(lambda b, call: call.app_key.startswith(b.store.parties.own.app_id)),
    ),
    # ---- Authorization
    Fault(
        "authorization-ignored",
        "authorization-mandatory",
        "The Authorization header is ignored.",
        logged_in_when(lambda _request: True),
    ),
    Fault(
        "authorization-missing-accepted",
        "authorization-mandatory",
        "A call without an Authorization header is accepted.",
        logged_in_when(lambda request: request.header("authorization") is None),
    ),
    Fault(
        "authorization-empty-accepted",
        "authorization-mandatory",
        "An empty Authorization header is accepted.",
        logged_in_when(lambda request: request.header("authorization") == ""),
    ),
    Fault(
        "authorization-bearer-alone-accepted",
        "authorization-bearer",
        "The word Bearer without a token is accepted.",
        logged_in_when(lambda request: (request.header("authorization") or "").strip() == "Bearer"),
    ),
    Fault(
        "authorization-scheme-ignored",
        "authorization-bearer",
        "The token is accepted with any scheme.",
        parsed(_any_scheme),
    ),
    Fault(
        "authorization-basic-accepted",
        "authorization-bearer",
        "The token is accepted with the scheme Basic.",
        parsed(lambda value: value[6:] if value.startswith("Basic ") else None),
    ),
    Fault(
        "authorization-bare-token",
        "authorization-bearer",
        "The token alone is accepted.",
        parsed(lambda value: value if " " not in value else None),
    ),
    Fault(
        "authorization-no-space",
        "authorization-bearer",
        "The token is accepted without a space after the word Bearer.",
        parsed(lambda value: value[6:] if value.startswith("Bearer") else None),
    ),
    Fault(
        "authorization-other-separator",
        "authorization-bearer",
        "A colon or an equals sign after Bearer is accepted.",
        parsed(lambda value: value[7:].strip() if re.match("Bearer[:=]", value) else None),
    ),
    Fault(
        "authorization-other-header",
        "authorization-bearer",
        "The token is accepted in other headers.",
        token_also_from(lambda r: r.header("access_token") or r.header("accesstoken") or r.header("x-auth-token")),
    ),
    Fault(
        "authorization-in-query",
        "authorization-bearer",
        "The token is accepted in the query.",
        token_also_from(lambda request: request.parameter("access_token") or request.parameter("accessToken")),
    ),
    Fault(
        "token-any-accepted",
        "access-token-valid",
        "Any token is accepted.",
        same(lambda _presented, _issued: True),
    ),
    Fault(
        "token-prefix-accepted",
        "access-token-valid",
        "The beginning of the token is enough.",
        same(lambda presented, issued: issued.startswith(presented)),
    ),
    Fault(
        "token-longer-accepted",
        "access-token-valid",
        "Characters after the token are ignored.",
        same(lambda presented, issued: presented.startswith(issued)),
    ),
    Fault(
        "token-first-eight",
        "access-token-valid",
        "Only the first eight characters of the token are compared.",
        same(lambda presented, issued: presented[:8] == issued[:8]),
    ),
    Fault(
        "token-last-character-ignored",
        "access-token-valid",
        "The last character of the token isn't compared.",
        same(lambda presented, issued: presented[:-1] == issued[:-1]),
    ),
    Fault(
        "token-any-case",
        "access-token-valid",
        "The token is compared without regard to letter case.",
        same(lambda presented, issued: presented.lower() == issued.lower()),
    ),
    Fault(
        "token-length-only",
        "access-token-valid",
        "Only the token's length is checked.",
        same(lambda presented, issued: len(presented) == len(issued)),
    ),
    Fault(
        "token-of-any-application",
        "app-key-valid",
        "Another application's app_key is accepted with the token, but then the device isn't found.",
        _anybodys_token,
    ),
    Fault(
        "token-null-accepted",
        "access-token-valid",
        "The words null and undefined are accepted as tokens.",
        logged_in_when(lambda request: _bearer_text(request) in {"null", "undefined", "None"}),
    ),
    Fault(
        "token-expired-accepted",
        "access-token-unexpired",
        "A token is accepted after it has expired.",
        around("access.accepted_tokens", lambda _inner, application: [token.text for token in application.tokens]),
    ),
    Fault(
        "credentials-refused-every-fifth",
        "call-accepted",
        "Every fifth call with valid credentials is refused as if they were invalid.",
        _refused_once_in(5),
    ),
    # ---- appId
    Fault(
        "app-id-ignored",
        "app-id-known",
        "appId in the query is ignored.",
        owner_when(lambda _b, caller, _app_id: caller),
    ),
    Fault(
        "app-id-unknown-accepted",
        "app-id-known",
        "An unknown appId is treated as the caller's own.",
        owner_when(_unknown_as_caller),
    ),
    Fault(
        "app-id-well-formed-accepted",
        "app-id-known",
        "An appId that names no application stands for the caller's if it has the form of one.",
        owner_when(_well_formed_as_caller),
    ),
    Fault(
        "app-id-prefix-accepted",
        "app-id-known",
        "The beginning of an appId, in any letter case, is enough.",
        owner_when(_own_by_prefix),
    ),
    Fault(
        "app-id-unauthorized-as-own",
        "app-id-authorized",
        "The appId of an application that hasn't authorised the caller is treated as the caller's own.",
        owner_when(_unauthorised_as_caller),
    ),
    Fault(
        "app-id-unauthorized-carried-out",
        "app-id-authorized",
        "A call is carried out for an application that hasn't authorised the caller.",
        owner_when(_unauthorised_as_owner),
    ),
    Fault(
        "app-id-unauthorized-with-its-device",
        "app-id-authorized",
        "A call is carried out for an application that hasn't authorised the caller, if the device belongs to it.",
        _unauthorised_for_its_device,
    ),
    Fault(
        "app-id-own-refused",
        "app-id-optional",
        "The authorised application's own appId is refused.",
        around("access.find_owner", _own_app_id_unauthorised),
    ),
    Fault(
        "app-id-own-crashes",
        "app-id-optional",
        "The authorised application's own appId causes an internal error.",
        around("access.find_owner", _app_id_crashes),
    ),
    Fault(
        "app-id-demanded",
        "app-id-optional",
        "A call without appId is refused.",
        around("access.find_owner", _app_id_mandatory),
    ),
    Fault(
        "token-by-its-ends",
        "access-token-valid",
        "Of the access token only the length and four characters at either end are compared.",
        same(_same_ends),
    ),
    Fault(
        "token-by-its-sum",
        "access-token-valid",
        "Access tokens are compared by the sum of their characters.",
        same(lambda presented, issued: sorted(presented) == sorted(issued)),
    ),
)
