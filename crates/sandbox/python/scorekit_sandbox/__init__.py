"""Starts the scorekit sandbox, and hands over its address and keys.

The program `scorekit-sandbox` is found at the path in the environment variable
`SCOREKIT_SANDBOX`, or else on the `PATH`.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import threading
import urllib.error
import urllib.request
from typing import Any, Iterable, Optional

__all__ = ["Sandbox", "SandboxError"]

#: The longest wait for the address of a new sandbox, in seconds.
START_TIMEOUT = 60

#: The longest wait for a response of the control API, in seconds.
CONTROL_TIMEOUT = 60

# Requests to this machine do not go through a proxy.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class SandboxError(Exception):
    """An error from starting or steering a sandbox."""


def _program(binary: Optional[str]) -> str:
    named = binary or os.environ.get("SCOREKIT_SANDBOX") or "scorekit-sandbox"
    found = shutil.which(named)
    if found is None:
        raise SandboxError(
            f"cannot start the sandbox: there is no program {named}; install scorekit-sandbox, "
            "or set SCOREKIT_SANDBOX to its path"
        )
    return found


class Sandbox:
    """A running sandbox on a free port of this machine.

    It stops at the end of a `with` block, and with this process.

    Arguments are passed to the program, for example `Sandbox("--seed", "realistic")`.
    """

    #: The base URL, such as `http://127.0.0.1:8080`.
    url: str
    #: Datadog's keys, and the token that replaces both.
    api_key: str
    application_key: str
    bearer_token: str
    #: Dcycle's key.
    dcycle_api_key: str
    #: The environment variables that lead scorekit's clients to the sandbox.
    variables: dict[str, str]

    def __init__(self, *arguments: str, binary: Optional[str] = None) -> None:
        command = [_program(binary), "--port", "0", "--json", *arguments]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
        )
        try:
            config = self._read_config()
        except BaseException:
            self.stop()
            raise
        self.url = config["url"]
        self.api_key = config["api_key"]
        self.application_key = config["application_key"]
        self.bearer_token = config["bearer_token"]
        self.dcycle_api_key = config["dcycle_api_key"]
        self.variables = config["variables"]

    def _read_config(self) -> dict[str, Any]:
        lines: queue.Queue[str] = queue.Queue()
        process = self._process
        # A pipe has no timeout of its own.
        threading.Thread(target=lambda: lines.put(process.stdout.readline()), daemon=True).start()
        try:
            line = lines.get(timeout=START_TIMEOUT)
        except queue.Empty:
            raise SandboxError(
                f"cannot start the sandbox: it printed no address in {START_TIMEOUT} seconds"
            ) from None
        if not line:
            problem = process.stderr.read().strip() or "it ended without a message"
            raise SandboxError(f"cannot start the sandbox: {problem}")
        return json.loads(line)

    def stop(self) -> None:
        """Stops the sandbox. A second call does nothing."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None and not pipe.closed:
                pipe.close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Calls the control API at a path below `/_sandbox/`, and returns the body of the response.

        `GET /_sandbox/openapi.json` describes all calls.
        """
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", method=method)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with _opener.open(request, timeout=CONTROL_TIMEOUT) as response:
                text = response.read()
        except urllib.error.HTTPError as error:
            with error:
                detail = error.read().decode("utf-8", "replace")
            raise SandboxError(
                f"cannot {method} {path}: the sandbox returned {error.code}: {detail}"
            ) from None
        return json.loads(text) if text else None

    def reset(self, parts: Optional[Iterable[str]] = None) -> None:
        """Brings the sandbox back to its start: all of it, or parts such as `faults`."""
        self.control("POST", "reset", None if parts is None else {"parts": list(parts)})

    def seed(self, seed: Any) -> Any:
        """Creates the resources of a seed, and returns their numbers."""
        return self.control("POST", "seeds", seed)

    def fault(self, fault: str) -> Any:
        """Adds a fault, such as `ListScorecards:status=503,count=2`."""
        return self.control("POST", "faults", {"fault": fault})

    def requests(self) -> list[dict[str, Any]]:
        """Returns the requests that arrived, oldest first, with their responses."""
        return self.control("GET", "requests?limit=10000")["requests"]

    def datadog_configuration(self, **settings: Any) -> Any:
        """Returns a configuration for the clients of `datadog-api-client`.

        Operations that the vendor calls unstable are enabled.
        """
        from datadog_api_client import Configuration

        configuration = Configuration(host=self.url, **settings)
        configuration.api_key["apiKeyAuth"] = self.api_key
        configuration.api_key["appKeyAuth"] = self.application_key
        # A token from the environment would take the place of the keys.
        configuration.access_token = None
        for operation in configuration.unstable_operations.values:
            configuration.unstable_operations.values[operation] = True
        return configuration
