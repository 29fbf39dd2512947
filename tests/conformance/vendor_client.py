"""Drives Datadog's own Python client through every operation of the sandbox.

The calls are the scenarios of `crates/sandbox/tests/sandbox`: for each operation, a success whose
values are read back, and errors. The client builds the requests and parses the responses. Each
scenario runs with the blocking, the threaded and the asynchronous client.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import warnings
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from datadog_api_client import ApiClient, AsyncApiClient, ThreadedApiClient
from datadog_api_client.exceptions import ApiException
from datadog_api_client.model_utils import ModelNormal, OpenApiModel, UnparsedObject, data_to_dict
from datadog_api_client.v2.api.case_management_api import CaseManagementApi
from datadog_api_client.v2.api.case_management_attribute_api import CaseManagementAttributeApi
from datadog_api_client.v2.api.case_management_type_api import CaseManagementTypeApi
from datadog_api_client.v2.api.scorecards_api import ScorecardsApi
from scorekit_sandbox import Sandbox

SCENARIOS = Path("crates/sandbox/tests/sandbox/scenarios")
APIS = [CaseManagementApi, CaseManagementAttributeApi, CaseManagementTypeApi, ScorecardsApi]
MODES = {"blocking": ApiClient, "threaded": ThreadedApiClient, "asynchronous": AsyncApiClient}

warnings.filterwarnings("ignore", "Using unstable operation")


def matches(template, path):
    """Returns the values of a path's parameters, or None if the path is another one."""
    names = re.findall(r"{(\w+)}", template)
    pattern = re.sub(r"\\{\w+\\}", "([^/]+)", re.escape(template))
    found = re.fullmatch(pattern, path)
    return found and dict(zip(names, map(unquote, found.groups())))


def parsed(value):
    """Returns false if a part of a response has a form that the client does not know."""
    if isinstance(value, UnparsedObject) or getattr(value, "_unparsed", False):
        return False
    if isinstance(value, ModelNormal):
        return all(parsed(each) for each in value._data_store.values())
    if isinstance(value, OpenApiModel):
        return True
    if isinstance(value, dict):
        return all(parsed(each) for each in value.values())
    if isinstance(value, (list, tuple)):
        return all(parsed(each) for each in value)
    return True


def pointed(value, pointer):
    for part in pointer.split("/")[1:]:
        try:
            value = value[int(part)] if isinstance(value, list) else value[part]
        except (IndexError, KeyError, TypeError):
            return None
    return value


def same(found, wanted):
    if wanted in ("<string>", "<number>"):
        return isinstance(found, str if wanted == "<string>" else (int, float))
    try:
        # The client reads times, and writes them in another form.
        return datetime.fromisoformat(found) == datetime.fromisoformat(wanted)
    except (TypeError, ValueError):
        return found == wanted


class Inexpressible(Exception):
    """The client has no way to send this request, such as one with an unknown parameter."""


class Run:
    """The calls of one mode."""

    def __init__(self, sandbox, mode, loop):
        self.loop = loop
        self.clients = {}
        for check in (True, False):
            configuration = sandbox.datadog_configuration(check_input_type=check)
            configuration.spec_property_naming = True
            configuration.return_http_data_only = False
            self.clients[check] = MODES[mode](configuration)
        self.saved = {}
        self.inexpressible = 0

    def filled(self, value):
        if isinstance(value, str):
            return re.sub(r"{(\w+)}", lambda it: self.saved.get(it[1], it[0]), value)
        if isinstance(value, list):
            return [self.filled(each) for each in value]
        if isinstance(value, dict):
            return {name: self.filled(each) for name, each in value.items()}
        return value

    def endpoint(self, check, method, path):
        for api in APIS:
            for name, endpoint in vars(api(self.clients[check])).items():
                if not name.endswith("_endpoint") or endpoint.settings["http_method"] != method:
                    continue
                # A path without parameters comes before one that also fits.
                values = matches(endpoint.settings["endpoint_path"], path)
                if values is not None:
                    yield endpoint, values

    def arguments(self, endpoint, values, query, body):
        arguments = {}
        for name, parameter in endpoint.params_map.items():
            location = parameter.get("location")
            wire = parameter.get("attribute")
            if location == "path":
                arguments[name] = values[wire]
            elif location == "query" and wire in query:
                text = query.pop(wire)
                (kind,) = parameter["openapi_types"][:1]
                if kind is int and text.isdigit():
                    text = int(text)
                elif kind is bool:
                    text = text == "true"
                arguments[name] = text
            elif location == "body" and body is not None:
                arguments[name] = body
            elif parameter.get("required"):
                raise Inexpressible
        if query:
            raise Inexpressible
        return arguments

    def send(self, check, method, target, body):
        address = urlsplit(target)
        found = list(self.endpoint(check, method, address.path))
        if not found:
            raise SystemExit(f"error: the client has no operation for {method} {address.path}")
        endpoint, values = min(found, key=lambda it: len(it[1]))
        query = dict(parse_qsl(address.query))
        arguments = self.arguments(endpoint, values, query, body)
        result = endpoint.call_with_http_info(**arguments)
        if asyncio.iscoroutine(result):
            result = self.loop.run_until_complete(result)
        elif hasattr(result, "get") and not isinstance(result, tuple):
            result = result.get()
        return result

    def call(self, method, target, body):
        """Returns the status and the body of a response."""
        try:
            try:
                value, status, _ = self.send(True, method, target, body)
            except (TypeError, ValueError):
                # The client checks arguments itself. Without that, the server does.
                value, status, _ = self.send(False, method, target, body)
        except ApiException as error:
            body = error.body
            return error.status, json.loads(body) if isinstance(body, (str, bytes)) else body
        if not parsed(value):
            raise SystemExit(f"error: the client cannot read the response to {method} {target}")
        return status, data_to_dict(value)

    def step(self, step):
        """Makes the call of a step, and checks the response. Returns the status."""
        method, target = self.filled(step["call"]).split(" ", 1)
        try:
            status, body = self.call(method, target, self.filled(step.get("body")))
        except Inexpressible:
            self.inexpressible += 1
            return None
        if status != step["status"]:
            sys.exit(f"error: {method} {target} returned {status}: {body}; wanted {step['status']}")
        has_body = body is not None
        for pointer, wanted in (step.get("has", {}) if has_body else {}).items():
            found = pointed(body, pointer)
            if not same(found, self.filled(wanted)):
                sys.exit(f"error: {method} {target} has {found!r} at {pointer}; wanted {wanted!r}")
        for name, pointer in step.get("save", {}).items():
            self.saved[name] = pointed(body, pointer)
        return status

    def forbidden(self, step):
        """Makes the call of a step without a valid key, which must be rejected."""
        for client in self.clients.values():
            client.configuration.api_key["apiKeyAuth"] = "wrong"
        method, target = self.filled(step["call"]).split(" ", 1)
        status, _ = self.call(method, target, self.filled(step.get("body")))
        if status != 403:
            sys.exit(f"error: {method} {target} returned {status} for a wrong key")


def main():
    given = json.loads((SCENARIOS / "given.json").read_text())
    document = json.loads(Path("crates/sandbox/openapi.json").read_text())
    operations = [
        (method.upper(), path, operation["operationId"])
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if path.startswith("/api/v2/") and "operationId" in operation
    ]
    loop = asyncio.new_event_loop()
    with Sandbox() as sandbox:
        for mode in MODES:
            calls = successes = errors = values = inexpressible = 0
            for method, path, operation in operations:
                sandbox.reset()
                scenario = json.loads((SCENARIOS / f"{operation}.json").read_text())
                run = Run(sandbox, mode, loop)
                for name in scenario.get("given", []):
                    run.step(given[name])
                statuses = []
                for step in scenario["steps"]:
                    status = run.step(step)
                    called = step["call"].split(" ", 1)
                    is_its_own = called[0] == method and matches(path, urlsplit(called[1]).path)
                    if is_its_own is not None and is_its_own is not False and status:
                        statuses.append((status, step))
                    values += len(step.get("has", {})) if status else 0
                succeeded = [step for status, step in statuses if status < 300]
                if not succeeded:
                    sys.exit(f"error: {operation} did not succeed with the {mode} client")
                run.forbidden(succeeded[0])
                calls += len(scenario["steps"]) + len(scenario.get("given", [])) + 1
                successes += len(succeeded)
                errors += len(statuses) - len(succeeded) + 1
                inexpressible += run.inexpressible
            print(
                f"{mode}: {len(operations)} operations, {calls - inexpressible} calls, of their "
                f"own {successes} successes and {errors} errors, {values} values as expected; "
                f"{inexpressible} calls that the client cannot express"
            )


main()
