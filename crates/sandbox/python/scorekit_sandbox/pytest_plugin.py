"""The fixtures `scorekit_sandbox` and `scorekit_sandbox_process`."""

from __future__ import annotations

from typing import Iterator

import pytest

from . import Sandbox


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("scorekit-sandbox")
    group.addoption("--scorekit-sandbox", metavar="PROGRAM", help="path of scorekit-sandbox")
    parser.addini(
        "scorekit_sandbox_arguments",
        "arguments of scorekit-sandbox, such as `--seed realistic`",
        type="args",
        default=[],
    )


@pytest.fixture(scope="session")
def scorekit_sandbox_process(pytestconfig: pytest.Config) -> Iterator[Sandbox]:
    """The sandbox that all tests of the process share."""
    arguments = pytestconfig.getini("scorekit_sandbox_arguments")
    binary = pytestconfig.getoption("--scorekit-sandbox")
    with Sandbox(*arguments, binary=binary) as sandbox:
        yield sandbox


@pytest.fixture
def scorekit_sandbox(scorekit_sandbox_process: Sandbox) -> Sandbox:
    """A sandbox in the state of its start. Each test gets it without what others did."""
    scorekit_sandbox_process.reset()
    return scorekit_sandbox_process
