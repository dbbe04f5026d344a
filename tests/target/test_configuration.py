"""The configuration: three origins, and every problem at once, each with what to put right."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from conformance.exceptions import UsageError
from conformance.target.configuration import Configuration, load

MINIMAL = {"CONFORMANCE_APP_KEY": "key", "CONFORMANCE_ACCESS_TOKEN": "token"}
URL = "https://platform.example:8743"
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
    assert (target.base_url, target.app_key, target.access_token, target.app_id) == (URL, "key", "token", "key")
    assert (target.calls_per_minute, target.timeout, target.verify_hostname) == (100, 10.0, True)
    assert (provider.kind, configuration.waivers, configuration.untestable) == (None, (), ())


def test_command_line_over_environment_over_file(tmp_path: Path) -> None:
    """The command line wins over the environment, which wins over the file; an empty variable is none."""
    text = (
        '[target]\nbase_url = "https://file"\napp_key = "file"\naccess_token = "file"\napp_id = "file"\ntimeout = 3\n'
    )
    environ = {"CONFORMANCE_APP_KEY": "environment", "CONFORMANCE_BASE_URL": "https://environment"}
    environ |= {"CONFORMANCE_ACCESS_TOKEN": "", "CONFORMANCE_TIMEOUT": "4"}
    target = _load(environ, "https://flag", text, tmp_path).target
    assert (target.base_url, target.app_key, target.access_token, target.app_id, target.timeout) == (
        "https://flag",
        "environment",
        "file",
        "file",
        4.0,
    )


def test_every_missing_setting_at_once() -> None:
    """All that is missing is told at once, each with every way to give it."""
    with pytest.raises(UsageError) as caught:
        load(None, {}, None)
    assert caught.value.problems == (
        "target.base_url is missing: give --base-url, CONFORMANCE_BASE_URL or base_url under [target]",
        "target.app_key is missing: give CONFORMANCE_APP_KEY or app_key under [target] (there is no flag)",
        (
            "target.access_token is missing: "
            "give CONFORMANCE_ACCESS_TOKEN or access_token under [target] (there is no flag)"
        ),
    )


@pytest.mark.parametrize(
    ("given", "base_url"),
    [
        ("https://platform.example:8743/", "https://platform.example:8743"),
        (" https://platform.example ", "https://platform.example"),
        ("http://[::1]:80", "http://[::1]:80"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
    ],
)
def test_base_url(given: str, base_url: str) -> None:
    """A base URL is scheme, host and port; a slash or white space around it does no harm."""
    assert _load(base_url=given).target.base_url == base_url


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ("platform.example", "it must begin with https:// or http://"),
        ("ftp://platform.example", "it must begin with https:// or http://"),
        ("https://", "it names no host"),
        ("https://platform.example:0", "port 0 can't be called"),
        ("https://platform.example:99999", "Port out of range 0-65535"),
        ("https://user:pass", "it is no URL, or its port is no number from 1 to 65535"),
        ("https://user:pa/ss@platform.example", "it is no URL, or its port is no number from 1 to 65535"),
        ("https://[user:pass@platform.example", "Invalid IPv6 URL"),
        ("https://platform.example/a@b", "it must have no path: the suite appends the path of the call"),
        ("https://[::1", "Invalid IPv6 URL"),
        ("https://user:word@platform.example", "credentials in a URL end up in logs; leave them out"),
        ("https://user@platform.example", "credentials in a URL end up in logs; leave them out"),
        ("https://platform.example/iocm", "it must have no path (/iocm): the suite appends the path of the call"),
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
    assert _load({"CONFORMANCE_APP_ID": "\u5e94\u7528 1"}).target.app_id == "\u5e94\u7528 1"
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


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf"])
def test_time_limit_is_positive_and_finite(value: str) -> None:
    """A call without an end isn't to be had."""
    wrong = "target.timeout (CONFORMANCE_TIMEOUT) must be more than 0 seconds, and finite"
    assert _problems({"CONFORMANCE_TIMEOUT": value}) == (wrong,)


@pytest.mark.parametrize("key", ["settle_time", "watch_time"])
@pytest.mark.parametrize("value", ["-1", "nan", "inf"])
def test_times_of_the_provider_are_finite(key: str, value: str) -> None:
    """The provider's times may be 0, and are finite."""
    variable = f"CONFORMANCE_PROVIDER_{key.upper()}"
    assert _problems({variable: value}) == (f"provider.{key} ({variable}) must be 0 seconds or more, and finite",)
    assert getattr(_load({variable: "0"}).provider, key) == 0


def test_folder_of_the_pace(tmp_path: Path) -> None:
    """The folder that several machines keep their pace by is there, and is one."""
    variable = "CONFORMANCE_PACE_FOLDER"
    (file := tmp_path / "file").touch()
    for place in (file, tmp_path / "none"):
        wrong = f"target.pace_folder ({variable}): there is no folder {place} that can be written"
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
    """Wrong types and unknown keys are told with their place, and with the key that is probably meant."""
    text = """
    zzz = 1
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
        "unknown key zzz in conformance.toml: known keys: target, provider, waiver, untestable",
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
    with pytest.raises(UsageError, match="no TOML"):
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
    assert _problems({variable: "/none.pem"}) == (f"target.{key} ({variable}): there is no file /none.pem",)


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("platform", "it must begin with https:// or http://"),
        ("http://[::1", "Invalid IPv6 URL"),
        ("http://user:word@hook", "credentials in a URL end up in logs; leave them out"),
    ],
)
def test_wrong_hook_url(url: str, wrong: str) -> None:
    """A hook's URL that can't be called is told before any call; a path and a query may stand in it."""
    environ = {"CONFORMANCE_PROVIDER_URL": url}
    assert _problems(environ) == (f"provider.url (CONFORMANCE_PROVIDER_URL): {wrong}",)
    assert _load({"CONFORMANCE_PROVIDER_URL": "http://hook/states?x=1"}).provider.kind == "hook"


def test_wrong_static_data(tmp_path: Path) -> None:
    """Static test data of wrong types is told, all of it at once."""
    text = """
    [provider]
    kind = "static"
    [provider.static]
    devices = [{id = "1", pending = 5}, {pending = ["a", 1]}, "x", {id = "2", apps = 1}]
    foreign_device = "none"
    expired_token = "a\\nb"
    unauthorized_app_id = 5
    """
    where = "[provider.static] of conformance.toml"
    assert _problems(text=text, folder=tmp_path) == (
        f"pending of a device under {where} must be a list of strings",
        f"a device under {where} has no id",
        f"pending of a device under {where} must be a list of strings",
        f"a device under {where} must be a table",
        f"unknown key apps in a device under {where}: did you mean app_id?",
        f"a device under {where} must be a table",
        f"unauthorized_app_id under {where}: it must be a string",
        f"expired_token under {where}: it holds a character that can't stand in an HTTP header",
    )


def test_northbound_needs_devices_and_no_token() -> None:
    """The northbound provider needs offline devices; with the secret it gets its token by itself."""
    environ = {"CONFORMANCE_PROVIDER_KIND": "northbound", "CONFORMANCE_PROVIDER_SECRET": "s"}
    (problem,) = _problems(environ)
    assert problem.startswith("provider.device_ids is missing: give CONFORMANCE_PROVIDER_DEVICE_IDS")
    environ |= {"CONFORMANCE_PROVIDER_DEVICE_IDS": "a, b,", "CONFORMANCE_ACCESS_TOKEN": ""}
    configuration = _load(environ)
    assert configuration.provider.device_ids == ("a", "b")
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
    provider = _load(environ).provider
    assert ("k", "s", ("c", "d")) == (provider.other_app_id, provider.other_secret, provider.other_device_ids)


def test_unknown_provider() -> None:
    """A kind of provider that doesn't exist is told with those that do."""
    (problem,) = _problems({"CONFORMANCE_PROVIDER_KIND": "magic"})
    assert problem == "provider.kind (CONFORMANCE_PROVIDER_KIND) must be one of hook, northbound, static, not magic"


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
        "[[untestable]] number 2 of conformance.toml: requirement and reason must be filled in",
        "[[untestable]] of conformance.toml: unknown requirement call-acepted: did you mean call-accepted?",
    )


def test_embedded_implementation_without_a_base_url() -> None:
    """Without a base URL anywhere, the embedded implementation is started, and its configuration used."""
    toml = f'[target]\nbase_url = "{URL}"\napp_key = "embedded"\naccess_token = "embedded"\n'
    configuration = load(None, MINIMAL, None, embedded=lambda: toml)
    assert configuration.target.app_key == "embedded"
    assert math.isfinite(configuration.target.timeout)
