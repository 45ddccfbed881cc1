"""pytest: `pytest --node node.py` collects each case as a test, of the built-in suites or of any `*.jsonl`.

The option is `--grader-node`, too, for the case that another plugin or a `conftest.py` has one called `--node`.
"""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from grader.cases.model import Case
    from grader.conversation.submission import Submission
    from grader.grading.results import Result

GUARD_S = 120.0  # beyond a case's own limits, three runs of it included


OPTION, SHORT = "--grader-node", "--node"
LOOKED_AT = 65_536  # bytes of a file that nobody named, to see whether it is a suite
NO_CASES = "--node is given, and {} has no case: name a suite (*.jsonl), or nothing for the built-in ones"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("grader", "cases for a node")
    group.addoption(
        OPTION, metavar="NODE", help="grade this node (a file, or a command in quotes); short: --node"
    )


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(parser: pytest.Parser) -> Iterator[None]:
    """The short name is ours only if nobody else wants it; by now whoever does has said so."""
    try:
        return (yield)
    finally:
        with suppress(ValueError, argparse.ArgumentError):
            group = parser.getgroup("grader")
            group.addoption(SHORT, dest="grader_node", metavar="NODE", help=f"the same as {OPTION}")


def pytest_configure(config: pytest.Config) -> None:
    if not config.getoption("grader_node"):
        return
    from grader.cases.parser import BUILT_IN
    from grader.cases.select import DEFAULT_SUITES

    if _typed(config):
        config.args = [_built_in(arg, config.invocation_params.dir) for arg in config.args]
    else:  # nobody has named a suite now; what a configuration names are the project's own tests
        config.args = [str(BUILT_IN / f"{name}.jsonl") for name in DEFAULT_SUITES]


def _names(config: pytest.Config) -> set[str]:
    """The options on the command line itself, without their values; and whatever else stands there."""
    return {str(arg).partition("=")[0] for arg in config.invocation_params.args}


def _typed(config: pytest.Config) -> list[str]:
    """The files, folders and ids that stand on the command line itself."""
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        return []
    typed = [str(arg) for arg in config.invocation_params.args]
    is_worker = hasattr(config, "workerinput")  # of pytest-xdist, which was told what there is to do
    return [arg for arg in config.args if is_worker or arg in typed]


def _built_in(arg: str, folder: Path) -> str:
    """What is to be collected; `rpc.jsonl::…`, pytest's name of a case of ours, stands for its file."""
    from grader.cases.parser import BUILT_IN

    name, *rest = arg.split("::")
    file = BUILT_IN / name
    is_ours = Path(name).name == name and file.is_file() and not (folder / name).exists()
    return "::".join((str(file), *rest)) if is_ours else arg


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> SuiteFile | None:
    if file_path.suffix != ".jsonl" or not parent.config.getoption("grader_node"):
        return None
    if not parent.session.isinitpath(file_path) and not _has_cases(file_path):
        return None
    from grader.cases.parser import BUILT_IN

    nodeid = file_path.name if file_path.parent == BUILT_IN else None  # they lie outside of the root folder
    file: SuiteFile = SuiteFile.from_parent(parent, path=file_path, nodeid=nodeid)
    return file


def _has_cases(file: Path) -> bool:
    """Whether a file that only lies there may be a suite: others have files of this kind, too."""
    with suppress(OSError), file.open("rb") as stream:
        return b'"case"' in stream.read(LOOKED_AT)
    return False


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Who asks for a node to be graded must not see green because nothing of it was."""
    is_asked_for = {OPTION, SHORT} & _names(config) and config.getoption("grader_node")
    is_told = session.testsfailed  # what could not be collected, and why
    if is_asked_for and not is_told and not any(isinstance(item, CaseItem) for item in items):
        raise pytest.UsageError(NO_CASES.format(" ".join(config.args)))


class CaseFailed(Exception):
    """A case failed; carries its result."""

    def __init__(self, result: Result) -> None:
        self.result = result
        super().__init__(result.findings[0].message)


class SuiteFile(pytest.File):
    """A suite. The submission is shared by its cases."""

    silent: Result | None = None
    explored: dict[str, Result] | None = None  # by id; those of `interleaving`, which share one budget

    def collect(self) -> Iterator[CaseItem]:
        from grader.cases.parser import BUILT_IN, CaseFileError, load

        try:
            suite = load(self.path.stem if self.path.parent == BUILT_IN else self.path)
        except CaseFileError as error:
            raise self.CollectError(str(error)) from None
        for case in suite.cases:
            yield CaseItem.from_parent(self, name=f"{case.id}: {case.title}", case=case)


class CaseItem(pytest.Item):
    """One case, run alone; of `interleaving`, explored together with those that are run too."""

    def __init__(self, *, case: Case, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.case = case
        if self.config.pluginmanager.hasplugin("timeout"):
            self.add_marker(pytest.mark.timeout(GUARD_S + 3 * case.timeout_ms / 1000))

    def runtest(self) -> None:
        from grader.cases.select import INTERLEAVING
        from grader.grading.results import not_begun

        suite = self.getparent(SuiteFile)
        assert suite is not None
        if suite.silent is not None and suite.silent.case is not self.case:  # itself it may be run again
            raise CaseFailed(not_begun(self.case, suite.silent))
        if self.case.file != INTERLEAVING:
            (result,) = self.grade([self.case])
        else:
            if suite.explored is None:
                chosen = [item for item in self.session.items if isinstance(item, CaseItem)]
                results = self.grade([item.case for item in chosen if item.parent is suite])
                suite.explored = {result.case.id: result for result in results}
            result = suite.explored[self.case.id]
        suite.silent = result if result.is_silent else None
        if result.status == "not-attempted":
            pytest.skip(f"not attempted: {result.note}")
        if result.status == "failed":
            raise CaseFailed(result)

    def grade(self, cases: list[Case]) -> tuple[Result, ...]:
        from grader.grading.runner import grade

        outcome = grade(self.submission(), cases)
        if outcome.interrupted:
            raise KeyboardInterrupt
        if outcome.faults:
            raise RuntimeError(f"a fault of the grader's own:\n{outcome.faults[0]}")
        return outcome.results

    def submission(self) -> Submission:
        from grader.conversation.submission import NotGradable, from_command, from_file

        node: str = self.config.getoption("grader_node")
        path = self.config.invocation_params.dir / node
        try:
            return from_file(str(path)) if path.exists() else from_command(shlex.split(node))
        except NotGradable as error:
            pytest.exit(f"--node {error}", returncode=2)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if not isinstance(excinfo.value, CaseFailed):
            return super().repr_failure(excinfo, style)
        from grader.reports.finding_text import as_text, explain, picture

        result = excinfo.value.result
        option = OPTION if OPTION in _names(self.config) else SHORT
        again = shlex.join(["pytest", option, self.config.getoption("grader_node"), self._address()])
        leading, *others = result.findings
        parts = [result.note] if result.note else []
        first, *rest = explain(result, leading, again, full=True)
        parts += [as_text([first]), *picture(result, leading), as_text(rest)]
        parts += [f"{finding.code} follows: {finding.message}" for finding in others]
        return "\n".join(parts)

    def _address(self) -> str:
        """By which pytest finds it again, from where it was called."""
        from grader.cases.parser import BUILT_IN

        is_ours = self.path.parent == BUILT_IN
        file = self.path.name if is_ours else os.path.relpath(self.path, self.config.invocation_params.dir)
        return f"{file}::{self.name}"

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.name
