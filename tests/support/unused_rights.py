"""A pytest plugin: a run of all integration tests fails if the template gives a right to the table that no test uses.

Processes of pytest-xdist send the rights that they have used to the process that reports.
"""

from typing import Any

import pytest

from tests.support.rights import granted, used
from tests.support.template import ROOT

INTEGRATION = {str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "integration").rglob("test_*.py")}

SHARED = {("run_campaigns", "dynamodb:ConditionCheckItem")}
"""Rights of a policy that other functions need too. A campaign also ends if its wallets are not ACTIVE, unchecked."""


class UnusedRights:
    def __init__(self) -> None:
        self.modules: set[str] = set()
        """The modules whose tests ran."""
        self.unused: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.modules.add(report.nodeid.partition("::")[0])

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        used.update(map(tuple, getattr(node, "workeroutput", {}).get("rights", [])))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["rights"] = sorted(used)
        elif self.modules >= INTEGRATION and not session.config.option.keyword and not session.testsfailed:
            self.unused = [f"{folder}: {right}" for folder, right in sorted(granted() - SHARED - used)]
            if self.unused:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.unused:
            terminalreporter.section("rights that no test uses", red=True)
            terminalreporter.write_line("\n".join(self.unused))
