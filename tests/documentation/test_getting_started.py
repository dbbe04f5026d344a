"""docs/getting-started.md: the hook inside the implementation's process works as shown."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.command.cli import main

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "getting-started.md").read_text("utf-8")
PORT = "9000"
ASK = """
    import http.client, json
    connection = http.client.HTTPConnection("127.0.0.1", server_port, timeout=10)
    setup = {"action": "setup", "state": "device", "params": {"pending": 1}}
    connection.request("POST", "/provider-states", json.dumps(setup))
    answer = json.loads(connection.getresponse().read())
    print(json.dumps([answer, devices]))
"""


def test_the_program_and_its_hook_share_their_devices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device that the hook of `init` makes is one of the main program's, started as the page shows."""
    monkeypatch.chdir(tmp_path)
    assert 0 == CliRunner().invoke(main, ["init", "--hook", "python", "--ci", "none", "--yes"]).exit_code
    hook = Path("hook.py")
    filled = 'self.devices["d"] = {"c": "PENDING"}\n        return {"deviceId": "d", "pending": ["c"]}'
    hook.write_text(hook.read_text("utf-8").replace("raise NotImplementedError", filled, 1), "utf-8")
    program, _ = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert 1 == program.count(PORT)
    # Any free port; the program asks its own hook where it would start the implementation.
    program = program.replace(
        f'server = ThreadingHTTPServer(("127.0.0.1", {PORT})', 'server = ThreadingHTTPServer(("127.0.0.1", 0)'
    )
    program = program.replace(
        "    threading.Thread", '    globals()["server_port"] = server.server_port\n    threading.Thread'
    )
    Path("app.py").write_text(program + ASK, "utf-8")
    done = subprocess.run(
        [sys.executable, "app.py"], env={"TEST_BENCH": "1"}, capture_output=True, text=True, timeout=300, check=False
    )

    assert 0 == done.returncode, done.stderr
    assert [{"deviceId": "d", "pending": ["c"]}, {"d": {"c": "PENDING"}}] == json.loads(done.stdout)


def test_the_address_is_that_of_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The port of the page is where the configuration of `init` looks for the hook."""
    monkeypatch.chdir(tmp_path)
    CliRunner().invoke(main, ["init", "--hook", "python", "--ci", "none", "--yes"])

    assert f"http://127.0.0.1:{PORT}/provider-states" in Path("conformance.toml").read_text("utf-8")
