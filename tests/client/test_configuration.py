"""The configuration: three origins, and every problem at once, each with what to put right."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import pytest

from conformance.configuration.keys import ONLY_OPTIONS, PROVIDER_KEYS, TARGET_KEYS, VARIABLES, Key, variable_of
from conformance.configuration.loader import load, secrets
from conformance.configuration.reader import TYPE_NAMES
from conformance.configuration.settings import (
    SECRETS,
    AuthorizingApplication,
    Configuration,
    OtherApplication,
    TargetSettings,
)
from conformance.exceptions import UsageError
from conformance.plugin.options import OPTIONS, STRICT

MINIMAL = {"CONFORMANCE_APP_KEY": "key", "CONFORMANCE_ACCESS_TOKEN": "token"}
URL = "https://platform.example:8743"
WITH_SCHEME = "it begins with “Bearer ”, which the suite writes in front of it; give the token alone"
REQUIREMENTS = {"call-accepted", "keep-delivered"}


def _load(
    environ: dict[str, str] | None = None,
    base_url: str | None = URL,
    text: str | None = None,
    folder: Path | None = None,
) -> Configuration:
    file = None
    if text is not None and folder is not None:
        file = folder / "conformance.toml"
        file.write_text(text, "utf-8")
    return load(file, MINIMAL | (environ or {}), base_url, requirements=REQUIREMENTS)


def _problems(
    environ: dict[str, str] | None = None,
    base_url: str | None = URL,
    text: str | None = None,
    folder: Path | None = None,
) -> tuple[str, ...]:
    with pytest.raises(UsageError) as caught:
        _load(environ, base_url, text, folder)
    return caught.value.problems


def test_least_that_is_needed() -> None:
    """A base URL and credentials are enough; the rest has its documented value."""
    configuration = _load()
    target, provider = configuration.target, configuration.provider
    assert (URL, "key", "token", "key") == (target.base_url, target.app_key, target.access_token, target.app_id)
    assert (100, 10.0, True) == (target.calls_per_minute, target.timeout, target.verify_hostname)
    assert (None, (), ()) == (provider.kind, configuration.waivers, configuration.untestable)


def test_command_line_over_environment_over_file(tmp_path: Path) -> None:
    """The command line wins over the environment, which wins over the file."""
    text = (
        '[target]\nbase_url = "https://file"\napp_key = "file"\naccess_token = "file"\napp_id = "file"\ntimeout = 3\n'
    )
    environ = {"CONFORMANCE_APP_KEY": "environment", "CONFORMANCE_BASE_URL": "https://environment"}
    environ |= {"CONFORMANCE_TIMEOUT": "4"}
    file = tmp_path / "conformance.toml"
    file.write_text(text, "utf-8")
    target = load(file, environ, "https://flag").target
    assert (
        "https://flag",
        "environment",
        "file",
        "file",
        4.0,
    ) == (target.base_url, target.app_key, target.access_token, target.app_id, target.timeout)


def test_every_missing_setting_at_once() -> None:
    """All that is missing is told at once, each with every way to give it."""
    with pytest.raises(UsageError) as caught:
        load(None, {}, None)
    assert (
        "target.base_url is missing: give --base-url, CONFORMANCE_BASE_URL or base_url under [target]",
        "target.app_key is missing: give CONFORMANCE_APP_KEY or app_key under [target] (there is no flag)",
        (
            "target.access_token is missing: "
            "give CONFORMANCE_ACCESS_TOKEN or access_token under [target] (there is no flag)"
        ),
    ) == caught.value.problems


@pytest.mark.parametrize(
    ("given", "base_url"),
    [
        ("https://platform.example:8743/", "https://platform.example:8743"),
        (" https://platform.example ", "https://platform.example"),
        ("http://[::1]:80", "http://[::1]:80"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("https://gateway.example/iot", "https://gateway.example/iot"),
        ("https://gateway.example/a/b%20c/", "https://gateway.example/a/b%20c"),
    ],
)
def test_base_url(given: str, base_url: str) -> None:
    """A base URL is scheme, host, port and a gateway's path; a slash or white space around it does no harm."""
    assert _load(base_url=given).target.base_url == base_url


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ("platform.example", "it must begin with https:// or http://"),
        ("ftp://platform.example", "it must begin with https:// or http://"),
        ("https://", "it names no host"),
        ("https://platform.example:0", "port 0 can't be called"),
        ("https://platform.example:99999", "Port out of range 0-65535"),
        ("https://user:pass", "it isn't a URL, or its port isn't a number from 1 to 65535"),
        ("https://user:pa/ss@platform.example", "it isn't a URL, or its port isn't a number from 1 to 65535"),
        ("https://[user:pass@platform.example", "Invalid IPv6 URL"),
        ("https://[::1", "Invalid IPv6 URL"),
        ("https://user:word@platform.example", "credentials in a URL end up in logs; leave them out"),
        ("https://user@platform.example", "credentials in a URL end up in logs; leave them out"),
        ("https://user:12/word@platform.example", "credentials in a URL end up in logs; leave them out"),
        (
            "https://platform.example/iot/iocm/app/cmd/v1.4.0/deviceCommandCancelTasks",
            "the suite appends the path of the call; leave /iocm/app/cmd/v1.4.0/deviceCommandCancelTasks out",
        ),
        ("https://platform.example/a b", "the path must be in ASCII; write other characters as %…"),
        ("https://platform.example/straße", "the path must be in ASCII; write other characters as %…"),
        ("https://platform.example?x=1", "it must have no query or fragment"),
        ("https://platform.example/#", "it must have no query or fragment"),
        ("https://bücher.example", "the host name must be in ASCII; write an international one as xn--…"),
        ("https://a b", "the host name must be in ASCII; write an international one as xn--…"),
    ],
)
def test_wrong_base_url(given: str, wrong: str) -> None:
    """A base URL that can't be called is told before anything is sent, with the form that it has."""
    said = f"target.base_url (--base-url, CONFORMANCE_BASE_URL): {wrong}; it has the form https://host:port"
    assert _problems(base_url=given) == (said,)


def test_app_id_is_no_header() -> None:
    """An appId may be of any characters that can be printed: it stands in the query, and in answers."""
    assert "\u5e94\u7528 1" == _load({"CONFORMANCE_APP_ID": "\u5e94\u7528 1"}).target.app_id
    wrong = "target.app_id (CONFORMANCE_APP_ID): it holds a character that can't be printed"
    assert _problems({"CONFORMANCE_APP_ID": "a\r\nb"}) == (wrong,)


@pytest.mark.parametrize("key", ["app_key", "access_token"])
@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ("a\r\nX-Injected: 1", "it holds a character that can't stand in an HTTP header"),
        ("ü", "it holds a character that can't stand in an HTTP header"),
        ("a\0", "it holds a character that can't stand in an HTTP header"),
        (" a", "it begins or ends with white space"),
        ("a\n", "it begins or ends with white space"),
    ],
)
def test_credentials_that_are_no_header_values(key: str, value: str, wrong: str) -> None:
    """A credential that can't be sent in a header, or would begin another one, is a problem, and isn't repeated."""
    variable = f"CONFORMANCE_{key.upper()}"
    assert _problems({variable: value}) == (f"target.{key} ({variable}): {wrong}",)


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "1e308", "1000001", "9" * 400])
def test_time_limit_is_positive_and_finite(value: str) -> None:
    """A call without an end isn't to be had, nor one that ends after what the system's timers can take."""
    wrong = "target.timeout (CONFORMANCE_TIMEOUT) must be more than 0 seconds, and at most 1000000"
    assert _problems({"CONFORMANCE_TIMEOUT": value}) == (wrong,)


@pytest.mark.parametrize("key", ["settle_time", "watch_time"])
@pytest.mark.parametrize("value", ["-1", "nan", "inf", "1e308"])
def test_times_of_the_provider_are_finite(key: str, value: str) -> None:
    """The provider's times may be 0, and are finite."""
    variable = f"CONFORMANCE_PROVIDER_{key.upper()}"
    assert _problems({variable: value}) == (f"provider.{key} ({variable}) must be from 0 to 1000000 seconds",)
    assert 0 == getattr(_load({variable: "0"}).provider, key)


def test_folder_of_the_pace(tmp_path: Path) -> None:
    """The folder that several machines keep their pace by is there, and is one."""
    variable = "CONFORMANCE_PACE_FOLDER"
    (file := tmp_path / "file").touch()
    for place in (file, tmp_path / "none"):
        wrong = f"target.pace_folder ({variable}): there is no folder of that name that can be written"
        assert _problems({variable: str(place)}) == (wrong,)
    assert _load({variable: str(tmp_path)}).target.pace_folder == tmp_path


@pytest.mark.parametrize(
    ("variable", "value", "wanted"),
    [
        ("CONFORMANCE_TIMEOUT", "soon", "a number"),
        ("CONFORMANCE_CALLS_PER_MINUTE", "1.5", "a whole number"),
        ("CONFORMANCE_VERIFY_HOSTNAME", "maybe", "true or false"),
        ("CONFORMANCE_PROVIDER_STATIC", "=", "a table"),
        ("CONFORMANCE_PROVIDER_SECRET", "\udcff", "a string"),
    ],
)
def test_variable_of_another_type(variable: str, value: str, wanted: str) -> None:
    """A variable whose text isn't what the key holds is told by its name; so are bytes that are no text."""
    assert _problems({variable: value}) == (f"{variable} must be {wanted}",)


@pytest.mark.parametrize(("text", "value"), [("true", True), ("0", False), (" False ", False), ("1", True)])
def test_truth_in_the_environment(text: str, value: bool) -> None:  # noqa: FBT001 (the value that is tested)
    """A variable may say true or 1, false or 0."""
    assert _load({"CONFORMANCE_VERIFY_HOSTNAME": text}).target.verify_hostname is value


def test_file_of_wrong_types_and_names(tmp_path: Path) -> None:
    """Wrong types and unknown keys are told with their place and what is meant; what may be a secret isn't repeated."""
    text = """
    zzz = 1
    q8K2mmW0rd = 2
    [target]
    base_url = 5
    timeout = true
    calls_per_minute = "many"
    appkey = "x"
    [provider]
    device_ids = [1]
    """
    assert set(_problems(base_url=None, text=text, folder=tmp_path)) >= {
        "unknown key appkey in [target] of conformance.toml: did you mean app_key?",
        "unknown key zzz in conformance.toml: known keys: target, provider, suite, waiver, untestable",
        "unknown key (number 2) in conformance.toml: known keys: target, provider, suite, waiver, untestable",
        "target.base_url in conformance.toml must be a string",
        "target.timeout in conformance.toml must be a number",
        "target.calls_per_minute in conformance.toml must be a whole number",
        "provider.device_ids in conformance.toml must be a list of strings",
    }


@pytest.mark.parametrize("content", [b"[target", b"\xff\xfe", b"a = 1\na = 2\n"])
def test_file_that_is_no_toml(tmp_path: Path, content: bytes) -> None:
    """A file that is no TOML, or no text, is told by its name."""
    file = tmp_path / "x.toml"
    file.write_bytes(content)
    with pytest.raises(UsageError, match="not valid TOML"):
        load(file, MINIMAL, URL)


def test_file_that_is_not_there(tmp_path: Path) -> None:
    """A file that isn't there is told by its name."""
    with pytest.raises(UsageError) as caught:
        load(tmp_path / "none.toml", MINIMAL, URL)
    assert caught.value.problems == (f"--config {tmp_path / 'none.toml'}: No such file or directory",)


@pytest.mark.parametrize("key", ["ca_bundle", "client_cert", "client_key"])
def test_certificate_file_that_is_not_there(key: str) -> None:
    """A certificate file that isn't there is told before any call."""
    variable = f"CONFORMANCE_{key.upper()}"
    assert _problems({variable: "/none.pem"}) == (f"target.{key} ({variable}): there is no file of that name",)


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("platform", "it must begin with https:// or http://"),
        ("http://[::1", "Invalid IPv6 URL"),
        ("http://user:word@hook", "credentials in a URL end up in logs; leave them out"),
        ("http://hook/straße", "it must be in ASCII, without spaces; write other characters as %…"),
        ("http://hook/\x85", "it must be in ASCII, without spaces; write other characters as %…"),
        ("http://hook/a b", "it must be in ASCII, without spaces; write other characters as %…"),
        ("http://hook/\n", "it must be in ASCII, without spaces; write other characters as %…"),
    ],
)
def test_wrong_hook_url(url: str, wrong: str) -> None:
    """A hook's URL that can't be called is told before any call; a path and a query may stand in it."""
    environ = {"CONFORMANCE_PROVIDER_URL": url}
    assert _problems(environ) == (f"provider.url (CONFORMANCE_PROVIDER_URL): {wrong}",)
    assert "hook" == _load({"CONFORMANCE_PROVIDER_URL": "http://hook/states?x=1"}).provider.kind


def test_wrong_static_data(tmp_path: Path) -> None:
    """Static test data of wrong types is told, all of it at once."""
    text = """
    [provider]
    kind = "static"
    [provider.static]
    devices = [{id = "1", pending = 5}, {pending = ["a", 1]}, "x", {id = "2", apps = 1}]
    foreign_device = "none"
    expired_token = "Bearer ab"
    unauthorized_app_id = 5
    """
    where = "[provider.static] of conformance.toml"
    assert _problems(text=text, folder=tmp_path) == (
        f"pending of a device under {where} must be a list of strings, none of them empty",
        f"a device under {where} has no id",
        f"pending of a device under {where} must be a list of strings, none of them empty",
        f"a device under {where} must be a table",
        f"unknown key apps in a device under {where}: did you mean app_id?",
        f"a device under {where} must be a table",
        f"unauthorized_app_id under {where}: it must be a string that isn't empty",
        f"expired_token under {where}: {WITH_SCHEME}",
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[target]\napp_id = ''\n", "target.app_id in conformance.toml is empty; give it a value, or leave it out"),
        ("[target]\napp_id = ' '\n", "target.app_id in conformance.toml is empty"),
        ("[provider]\ndevice_ids = ['', 'x']\n", "entry 1 of provider.device_ids in conformance.toml is empty"),
        ("[provider]\nsecret = ''\n", "provider.secret in conformance.toml is empty"),
        (
            "[provider.static]\ndevices = [{id = ''}]\n",
            "a device under [provider.static] of conformance.toml has no id",
        ),
        (
            "[provider.static]\ndevices = [{id = 'a', pending = ['']}]\n",
            "must be a list of strings, none of them empty",
        ),
        (
            "[provider.static]\nexpired_token = ''\n",
            "expired_token under [provider.static] of conformance.toml: it must",
        ),
    ],
)
def test_empty_values(tmp_path: Path, text: str, problem: str) -> None:
    """An empty value, which is usually a variable that CI left out, is told with its key."""
    assert any(problem in told for told in _problems(text=text, folder=tmp_path))


def test_northbound_needs_devices_and_no_token() -> None:
    """The northbound provider needs offline devices; with the secret it gets its token by itself."""
    environ = {"CONFORMANCE_PROVIDER_KIND": "northbound", "CONFORMANCE_PROVIDER_SECRET": "s"}
    (problem,) = _problems(environ)
    assert problem.startswith("provider.device_ids is missing: give CONFORMANCE_PROVIDER_DEVICE_IDS")
    environ |= {"CONFORMANCE_PROVIDER_DEVICE_IDS": "a, b,", "CONFORMANCE_APP_KEY": "key"}
    configuration = load(None, environ, URL)
    assert ("a", "b") == configuration.provider.device_ids
    assert configuration.target.access_token is None


def test_other_application_is_configured_as_a_whole() -> None:
    """Whoever names the other application gives all that is needed to act for it; its appId may be its app_key."""
    environ = {
        "CONFORMANCE_PROVIDER_KIND": "northbound",
        "CONFORMANCE_PROVIDER_DEVICE_IDS": "a",
        "CONFORMANCE_PROVIDER_OTHER_APP_KEY": "k",
    }
    expected = [
        f"provider.{key} is missing: give CONFORMANCE_PROVIDER_{key.upper()} or {key} under [provider], "
        "as another setting of the other application is given"
        for key in ("other_secret", "other_device_ids")
    ]
    assert expected == list(_problems(environ))
    environ |= {"CONFORMANCE_PROVIDER_OTHER_SECRET": "s", "CONFORMANCE_PROVIDER_OTHER_DEVICE_IDS": "c,d"}
    assert OtherApplication("k", "k", "s", ("c", "d")) == _load(environ).provider.other


def test_authorizing_application_is_configured_as_a_whole() -> None:
    """Whoever names the application that has authorised the caller names its devices, and the reverse."""
    environ = {
        "CONFORMANCE_PROVIDER_KIND": "northbound",
        "CONFORMANCE_PROVIDER_DEVICE_IDS": "a",
        "CONFORMANCE_PROVIDER_AUTHORIZING_APP_ID": "p",
    }
    (problem,) = _problems(environ)
    assert (
        "provider.authorizing_device_ids is missing: give CONFORMANCE_PROVIDER_AUTHORIZING_DEVICE_IDS or "
        "authorizing_device_ids under [provider], as another setting of the authorizing application is given"
    ) == problem
    environ |= {"CONFORMANCE_PROVIDER_AUTHORIZING_DEVICE_IDS": "c,d"}
    assert AuthorizingApplication("p", ("c", "d")) == _load(environ).provider.authorizing
    (problem,) = _problems(environ | {"CONFORMANCE_PROVIDER_AUTHORIZING_APP_ID": "p\t"})
    assert problem.startswith("provider.authorizing_app_id (CONFORMANCE_PROVIDER_AUTHORIZING_APP_ID): it holds")


def test_wrong_static_applications(tmp_path: Path) -> None:
    """Other applications that are named in part, or wrongly, are told with the key as it is written."""
    text = """
    [provider]
    kind = "static"
    [provider.static.authorized_application]
    app_id = "p"
    pending = "c"
    apps = 1
    [provider.static.second_application]
    app_key = "a\\nb"
    access_token = ""
    app_id = 5
    device_id = "d"
    """
    partner, second = (f"[provider.static.{name}_application] of conformance.toml" for name in ("authorized", "second"))
    assert _problems(text=text, folder=tmp_path) == (
        f"unknown key apps in {partner}: did you mean app_id?",
        f"device_id under {partner} must be a string that isn't empty",
        f"pending under {partner} must be a list of strings, none of them empty",
        f"app_key under {second}: it holds a character that can't stand in an HTTP header",
        f"access_token under {second} must be a string that isn't empty",
        f"app_id under {second} must be a string that isn't empty",
    )
    text = "[provider]\nkind = 'static'\n[provider.static]\nsecond_application = 'x'\n"
    assert ("provider.static.second_application in conformance.toml must be a table",) == _problems(
        text=text, folder=tmp_path
    )


def test_unknown_provider() -> None:
    """A kind of provider that doesn't exist is told with those that do."""
    (problem,) = _problems({"CONFORMANCE_PROVIDER_KIND": "nook"})
    assert "provider.kind (CONFORMANCE_PROVIDER_KIND) must be one of hook, northbound, static, not nook" == problem


@pytest.mark.parametrize(("text", "expected"), [("", None), ("[suite]\nrequirements = '0.1'\n", "0.1")])
def test_requirements_that_count(tmp_path: Path, text: str, expected: str | None) -> None:
    """A release may be named whose requirements count; without one it is the newest."""
    assert expected == _load(text=text, folder=tmp_path).requirements


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("'0.0'", ""),
        ("'newest'", ""),
        ("0.1", ", as a string in quotes"),
        ("''", ""),
        ("['s3cret']", ", as a string in quotes"),
    ],
)
def test_unknown_release(tmp_path: Path, value: str, said: str) -> None:
    """A release that there is none of is told with those that there are."""
    (problem,) = _problems(text=f"[suite]\nrequirements = {value}\n", folder=tmp_path)

    assert problem.startswith("suite.requirements in conformance.toml must be the release whose requirements count, ")
    assert problem.endswith(f'one of "0.1", "0.2"{said}')


def test_unknown_setting_of_the_suite(tmp_path: Path) -> None:
    """[suite] is a table, and has no other settings."""
    assert ("unknown key requirement in [suite] of conformance.toml: did you mean requirements?",) == _problems(
        text="[suite]\nrequirement = '0.1'\n", folder=tmp_path
    )
    assert ("[suite] in conformance.toml must be a table",) == _problems(text="suite = 1\n", folder=tmp_path)


def test_waivers_and_declarations(tmp_path: Path) -> None:
    """A waiver needs one subject, a reason, an owner and a date; a declaration a requirement that exists."""
    text = """
    [[waiver]]
    requirement = "x"
    reason = "r"
    owner = "o"
    expires = 2027-01-31
    [[waiver]]
    requirement = "x"
    case = "y"
    expires = "soon"
    [[untestable]]
    requirement = "call-acepted"
    reason = "r"
    [[untestable]]
    requirement = "keep-delivered"
    """
    second = "[[waiver]] number 2 of conformance.toml"
    assert _problems(text=text, folder=tmp_path) == (
        f"{second}: name either a requirement or a case",
        f"{second}: reason must be filled in",
        f"{second}: owner must be filled in",
        f"{second}: expires must be a date, as in expires = 2027-01-31",
        "[[untestable]] number 1 of conformance.toml: unknown requirement call-acepted: did you mean call-accepted?",
        "[[untestable]] number 2 of conformance.toml: requirement and reason must be filled in",
    )


EMBEDDED = f'[target]\nbase_url = "{URL}"\napp_key = "embedded"\naccess_token = "embedded"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with no configuration file in it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("text", [None, "", '[[untestable]]\nrequirement = "call-accepted"\nreason = "r"\n'])
@pytest.mark.parametrize("environ", [{}, {"CONFORMANCE_CACHE_DIR": "cache", "HOME": "/"}])
def test_embedded_implementation_where_nothing_is_said(folder: Path, text: str | None, environ: dict[str, str]) -> None:
    """Where nothing is said about a target, the embedded implementation is started, and its configuration used."""
    if text is not None:
        (folder / "conformance.toml").write_text(text, "utf-8")
    configuration = load(None, environ, None, requirements=REQUIREMENTS, embedded=lambda: EMBEDDED)

    assert ("embedded", True) == (configuration.target.app_key, configuration.target.embedded)
    assert math.isfinite(configuration.target.timeout)
    assert bool(text) == bool(configuration.untestable)


def _not_embedded() -> str:
    raise AssertionError("the embedded implementation was started")


@pytest.mark.parametrize(
    ("environ", "base_url", "text", "said"),
    [
        ({}, "", None, "--base-url is empty; give it a value, or leave it out"),
        ({}, " ", None, "--base-url is empty; give it a value, or leave it out"),
        ({"CONFORMANCE_BASE_URL": ""}, None, None, "CONFORMANCE_BASE_URL is empty; give it a value, or leave it out"),
        ({"CONFORMANCE_BASE_URL": " "}, None, None, "CONFORMANCE_BASE_URL is empty; give it a value, or leave it out"),
        ({"CONFORMANCE_APP_KEY": ""}, None, None, "CONFORMANCE_APP_KEY is empty; give it a value, or leave it out"),
        ({"CONFORMANCE_CA_BUNDLE": ""}, None, None, "CONFORMANCE_CA_BUNDLE is empty; give it a value, or leave it out"),
        (MINIMAL, None, None, "target.base_url is missing"),
        ({"CONFORMANCE_APP_ID": "a"}, None, None, "target.base_url is missing"),
        ({"CONFORMANCE_PROVIDER_URL": "http://hook"}, None, None, "target.base_url is missing"),
        ({"CONFORMANCE_PROVIDER_KIND": "static"}, None, None, "target.base_url is missing"),
        ({"CONFORMANCE_TIMEOUT": "5"}, None, None, "target.base_url is missing"),
        (
            {"CONFORMANCE_BASEURL": URL},
            None,
            None,
            "unknown variable CONFORMANCE_BASEURL: did you mean CONFORMANCE_BASE_URL?",
        ),
        (
            {"CONFORMANCE_BASEURL": ""},
            None,
            None,
            "unknown variable CONFORMANCE_BASEURL: did you mean CONFORMANCE_BASE_URL?",
        ),
        ({}, None, "[target]\n", "target.base_url is missing"),
        ({}, None, '[target]\nbase_url = ""\n', "target.base_url in conformance.toml is empty"),
        ({}, None, '[provider]\nkind = "static"\n', "target.base_url is missing"),
    ],
)
def test_nothing_green_by_accident(
    folder: Path, environ: dict[str, str], base_url: str | None, text: str | None, said: str
) -> None:
    """Whatever is said about a target, be it empty or misspelt, keeps the embedded implementation from being tested."""
    if text is not None:
        (folder / "conformance.toml").write_text(text, "utf-8")
    with pytest.raises(UsageError) as caught:
        load(None, environ, base_url, embedded=_not_embedded)

    assert any(problem.startswith(said) for problem in caught.value.problems), caught.value.problems


def test_named_file_is_about_a_target(tmp_path: Path) -> None:
    """Whoever names a file means the target in it, even if the file is empty."""
    (file := tmp_path / "empty.toml").touch()
    with pytest.raises(UsageError, match=r"target\.base_url is missing"):
        load(file, {}, None, embedded=_not_embedded)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("CONFORMANCE_ACCES_TOKEN", "did you mean CONFORMANCE_ACCESS_TOKEN?"),
        ("CONFORMANCE_TOKEN", "did you mean CONFORMANCE_ACCESS_TOKEN?"),
        ("conformance_base_url", "did you mean CONFORMANCE_BASE_URL?"),
        ("CONFORMANCE_URL", "did you mean CONFORMANCE_BASE_URL?"),
        ("CONFORMANCE_HOOK_URL", "did you mean CONFORMANCE_BASE_URL?"),
        ("CONFORMANCE_PROVIDER_DEVICES", "did you mean CONFORMANCE_PROVIDER_DEVICE_IDS?"),
        ("CONFORMANCE_MAX_CALLS", "that is set by --max-calls only"),
        ("CONFORMANCE_STRICT", "that is set by --strict only"),
        ("CONFORMANCE_ALLOW_UNTESTED", "that is set by --allow-untested only"),
    ],
)
def test_unknown_variable(name: str, said: str) -> None:
    """A variable of the suite's prefix that it doesn't know is an error that names the one that is meant."""
    assert _problems({name: "x"}) == (f"unknown variable {name}: {said}",)


def test_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    """A byte order mark, as some editors write it, is no part of the file."""
    (tmp_path / "conformance.toml").write_bytes(b"\xef\xbb\xbf" + EMBEDDED.encode())
    assert "embedded" == load(tmp_path / "conformance.toml", {}).target.app_key


@pytest.mark.parametrize("key", ["ca_bundle", "client_cert", "client_key", "pace_folder"])
def test_paths_of_the_file_are_beside_it(folder: Path, key: str) -> None:
    """A path in the file is sought beside the file; one in a variable, in the working folder."""
    (settings := folder / "settings").mkdir()
    for place in (folder, settings):
        (place / "thing").mkdir() if key == "pace_folder" else (place / "thing").touch()
    (settings / "conformance.toml").write_text(f'{EMBEDDED}{key} = "thing"\n', "utf-8")
    by_file = load(settings / "conformance.toml", {}).target
    by_variable = load(settings / "conformance.toml", {f"CONFORMANCE_{key.upper()}": "thing"}).target

    def named(target: TargetSettings) -> Path:
        certificate = {"client_cert": target.client_certificate.file, "client_key": target.client_certificate.key}
        path: Path | None = certificate[key] if key in certificate else getattr(target, key)
        assert path is not None
        return path

    assert (settings / "thing", folder / "thing") == (named(by_file), named(by_variable).absolute())


@pytest.mark.parametrize("token", ["Bearer abc", "bearer abc", "Bearer\tabc"])
def test_token_with_its_scheme(token: str) -> None:
    """A token that was copied with its scheme would be refused by every target; the suite says why beforehand."""
    said = f"target.access_token (CONFORMANCE_ACCESS_TOKEN): {WITH_SCHEME}"
    assert (said,) == _problems({"CONFORMANCE_ACCESS_TOKEN": token})


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_default_file_that_is_none(folder: Path, kind: str) -> None:
    """A conformance.toml that isn't a file is told; it isn't as if there were none."""
    place = folder / "conformance.toml"
    place.mkdir() if kind == "folder" else place.symlink_to("nowhere")
    with pytest.raises(UsageError, match=r"--config conformance\.toml: (Is a directory|No such file)"):
        load(None, {}, None, embedded=_not_embedded)


def test_secrets_are_found_in_wrong_settings(tmp_path: Path) -> None:
    """The secrets are known where other settings aren't usable; a file that is no TOML has none."""
    (file := tmp_path / "conformance.toml").write_text(
        '[target]\napp_key = "k"\ntimeout = []\n[provider]\nsecret = 5\n[provider.static]\nexpired_token = "e"\n',
        "utf-8",
    )
    (bad := tmp_path / "bad.toml").write_bytes(b"\xff")

    assert [("t", "ACCESS_TOKEN"), ("k", "APP_KEY"), ("e", "EXPIRED_TOKEN")] == list(
        secrets(file, {"CONFORMANCE_ACCESS_TOKEN": "t"})
    )
    assert [] == list(secrets(bad, {}))


def test_every_secret(tmp_path: Path) -> None:
    """A run and the account of a crash know the same secrets, each by the same name."""
    (file := tmp_path / "conformance.toml").write_text(
        """
        [target]
        base_url = "https://platform.example"
        app_key = "1"
        access_token = "2"
        client_cert = "client.pem"
        client_cert_password = "3"
        [provider]
        kind = "static"
        secret = "4"
        other_secret = "5"
        other_app_key = "6"
        other_device_ids = ["d"]
        [provider.static]
        expired_token = "7"
        second_application = { app_key = "8", access_token = "9", device_id = "d" }
        """,
        "utf-8",
    )
    (tmp_path / "client.pem").touch()
    known = dict(load(file, {}).secrets())

    assert {name: secret for secret, name in known.items()}.keys() == set(SECRETS.values())
    assert known == dict(secrets(file, {}))


def test_options_that_no_variable_stands_for() -> None:
    """Each option of a run is set by a variable, or known to be set by itself only."""
    options = {name for name, _ in (*OPTIONS, STRICT)}
    variables = {f"--{name.removeprefix('CONFORMANCE_').replace('_', '-').lower()}" for name in VARIABLES}

    assert options - variables == set(ONLY_OPTIONS)


HOSTILE_PATHS = ("~nouser/x", "x" * 5000, "a/" * 3000, "/dev/zero", "/proc/self/nothing", "pipe", "\x00", "a\x00b")


@pytest.mark.parametrize("key", ["ca_bundle", "client_cert", "client_key", "pace_folder"])
@pytest.mark.parametrize("value", HOSTILE_PATHS, ids=range(len(HOSTILE_PATHS)))
def test_paths_that_are_none(folder: Path, key: str, value: str) -> None:
    """A name that no file can have, or that something else has, is told like one that isn't there, and isn't shown."""
    os.mkfifo(folder / "pipe")
    where, sought = f"target.{key} (CONFORMANCE_{key.upper()})", "" if value[0] == "/" else " beside conformance.toml"
    missing = "no folder of that name{} that can be written" if key == "pace_folder" else "no file of that name{}"
    expected = (f"{where}: there is {missing.format(sought)}",)

    assert expected == _problems(base_url=None, text=f"{EMBEDDED}{key} = {json.dumps(value)}\n", folder=folder)


@pytest.mark.parametrize("value", ["-1", "1000001", "1" + "0" * 30])
def test_threshold_is_one_that_can_be_kept(value: str) -> None:
    """A threshold is a number of calls that can be made in a minute."""
    wrong = "target.calls_per_minute (CONFORMANCE_CALLS_PER_MINUTE) must be from 0 (no threshold) to 1000000"
    assert (wrong,) == _problems({"CONFORMANCE_CALLS_PER_MINUTE": value})


@pytest.mark.parametrize("key", [key for section in (TARGET_KEYS, PROVIDER_KEYS) for key in section], ids=repr)
def test_bytes_that_are_no_text(key: Key) -> None:
    """A variable of other bytes than UTF-8 is told by its name, whatever it is for."""
    variable = variable_of("target" if key in TARGET_KEYS else "provider", key.name)
    assert f"{variable} must be {TYPE_NAMES[key.type]}" in _problems({variable: "a\udcff"}, None)


SECRET = "Zq9-s3cret-in-the-wrong-place"
MISPLACED = {
    "section": f"{SECRET} = 1",
    "table": f"[{SECRET}]",
    "target": f"[target]\n{SECRET} = 1",
    "provider": f"[provider]\n{SECRET} = 1",
    "kind": f"[provider]\nkind = '{SECRET}'",
    "suite": f"[suite]\n{SECRET} = 1",
    "release": f"[suite]\nrequirements = '{SECRET}'",
    "releases": f"[suite]\nrequirements = ['{SECRET}']",
    "url": f"[provider]\nurl = '{SECRET}'",
    "port": f"[provider]\nurl = 'http://hook:{SECRET}'",
    "base_url": f"[target]\nbase_url = '{SECRET}'",
    "timeout": f"[target]\ntimeout = '{SECRET}'",
    **{key: f"[target]\n{key} = '{SECRET}'" for key in ("ca_bundle", "client_cert", "client_key", "pace_folder")},
    "devices": f"[provider]\nkind = 'northbound'\ndevice_ids = '{SECRET}'",
    "static": f"[provider.static]\n{SECRET} = 1",
    "device": f"[provider.static]\ndevices = [{{{SECRET} = 1}}]",
    "application": f"[provider.static.second_application]\n{SECRET} = 1",
    "header": f"[provider.static.second_application]\napp_key = '{SECRET} \\n'",
    "waiver": f"[[waiver]]\n{SECRET} = 1",
    "expires": f"[[waiver]]\nexpires = '{SECRET}'",
    "untestable": f"[[untestable]]\n{SECRET} = 1",
    "requirement": f"[[untestable]]\nrequirement = '{SECRET}'\nreason = 'x'",
    "near": f"[target]\napp_key_{SECRET} = 1",
    "twice": f"{SECRET} = 1\n{SECRET} = 2",
    "header twice": f"[{SECRET}]\n[{SECRET}]",
    "dotted": f"{SECRET} = 1\n{SECRET}.x = 2",
    "inline": f"x = {{{SECRET} = 1, {SECRET} = 2}}",
    "unquoted": f"[target]\napp_key = {SECRET}",
    "no value": f"[target]\n{SECRET}",
}


@pytest.mark.parametrize("text", MISPLACED.values(), ids=MISPLACED)
def test_nothing_misplaced_is_repeated(tmp_path: Path, text: str) -> None:
    """A credential that stands where something else belongs is an error that doesn't show it."""
    problems = _problems(base_url=None, text=text, folder=tmp_path)

    assert [] == [problem for problem in problems if "s3cret" in problem]


@pytest.mark.parametrize("key", [key for section in (TARGET_KEYS, PROVIDER_KEYS) for key in section], ids=repr)
def test_nothing_misplaced_in_a_variable_is_repeated(key: Key) -> None:
    """Nor does one about a variable."""
    variable = variable_of("target" if key in TARGET_KEYS else "provider", key.name)
    # Without a base URL there is always something to tell.
    problems = _problems({variable: SECRET}, None)

    assert [] == [problem for problem in problems if "s3cret" in problem]
