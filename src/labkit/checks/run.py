"""Running a lab's checks in this process, and gathering the report."""

import io
import os
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext, redirect_stderr
from datetime import UTC, datetime

import pytest

from labkit.checks import shell
from labkit.checks.plugin import RESULTS
from labkit.errors import LabError
from labkit.labs import Lab
from labkit.machines import Server
from labkit.report import CheckResult, Report
from labkit.ssh import Connection


class _Listener:
    """Passes each result on as soon as its check has ended."""

    def __init__(self, heard: Callable[[CheckResult], None], debug: bool) -> None:
        self.results: list[CheckResult] = []
        self.broken: list[str] = []
        self._heard = heard
        self._debug = debug

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        self._config = config
        reporter = config.pluginmanager.getplugin("terminalreporter")
        if not self._debug:
            config.pluginmanager.unregister(reporter)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.broken.append(str(report.longrepr))

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        latest = list(self._config.stash[RESULTS].values())[-1]
        self.results.append(latest)
        self._heard(latest)


def run(
    lab: Lab,
    server: Server,
    kind: str,
    connection: Connection,
    *,
    heard: Callable[[CheckResult], None] = lambda result: None,
    options: tuple[str, ...] = (),
    debug: bool = False,
) -> Report:
    """Run all checks of a lab and return the report.

    `heard` is called with each result as it comes; `options` are pytest's.

    Raises:
        LabError: when the checks themselves can't be read or run.
        KeyboardInterrupt: on Ctrl-C.
    """
    listener = _Listener(heard, debug)
    began, clock = datetime.now(UTC), time.monotonic()
    argv = [
        str(lab.path),
        f"--rootdir={lab.path}",
        f"--config-file={os.devnull}",
        "--strict-markers",
        "--import-mode=importlib",
        # By name: to look what else is installed takes longer than a few checks.
        "--disable-plugin-autoload",
        "-p",
        "testinfra.plugin",
        "-p",
        "labkit.checks.plugin",
        "-p",
        "no:cacheprovider",
        # Collects garbage five times at the end, for warnings that nobody would see.
        "-p",
        "no:unraisableexception",
        f"--hosts=lab://{connection.alias}",
        f"--ssh-config={connection.config}",
        # A check says itself what it found: its asserts need no rewriting.
        *(["--showlocals", "--capture=no"] if debug else ["--assert=plain"]),
        *options,
    ]
    # What somebody has set for their own tests is not about these.
    for variable in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        os.environ.pop(variable, None)
    said = io.StringIO()
    shell.open_ahead(connection)
    with nullcontext() if debug else redirect_stderr(said):
        ended = pytest.main(argv, plugins=[listener])
    # Read again when the same process runs them again, after an edit or not.
    for name in [n for n, m in sys.modules.items() if _is_below(m, str(lab.path))]:
        del sys.modules[name]
    if ended == pytest.ExitCode.INTERRUPTED and not listener.broken:
        raise KeyboardInterrupt
    if listener.broken or not listener.results:
        lines = "\n".join([*listener.broken, said.getvalue()]).splitlines()
        errors = [line[1:].strip() for line in lines if line.startswith("E ")]
        words = " / ".join(errors or lines) or f"pytest ended with {ended!s}"
        raise LabError(
            f"The checks of lab {lab.number} can't be run.",
            f"This is a mistake in labs/{lab.name}, not on your server: {words[:300]}",
            f"git status labs/{lab.name}; all of it: ./lab check --debug",
        )
    return Report(
        lab=lab.name,
        slug=lab.slug,
        server=server.name,
        kind=kind,
        began=began,
        seconds=round(time.monotonic() - clock, 3),
        checks=listener.results,
    )


def _is_below(module: object, path: str) -> bool:
    return str(getattr(module, "__file__", None) or "").startswith(path)
