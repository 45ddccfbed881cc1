"""pytest: `pytest --node node.py` collects each case as a test, of the built-in suites or of any `*.jsonl`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from grader.cases.model import Case
    from grader.conversation.submission import Submission
    from grader.grading.results import Result

GUARD_S = 120.0  # beyond a case's own limits, three runs of it included


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("grader", "cases for a node")
    group.addoption("--node", metavar="NODE", help="grade this node: a file, or a command in quotes")


def pytest_configure(config: pytest.Config) -> None:
    if not config.getoption("--node"):
        return
    if config.args_source is not pytest.Config.ArgsSource.ARGS:  # no suites were named
        from grader.cases.parser import BUILT_IN
        from grader.cases.select import DEFAULT_SUITES

        config.args = [str(BUILT_IN / f"{name}.jsonl") for name in DEFAULT_SUITES]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> SuiteFile | None:
    if file_path.suffix != ".jsonl" or not parent.config.getoption("--node"):
        return None
    from grader.cases.parser import BUILT_IN

    nodeid = file_path.name if file_path.parent == BUILT_IN else None  # they lie outside of the root folder
    file: SuiteFile = SuiteFile.from_parent(parent, path=file_path, nodeid=nodeid)
    return file


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
        from grader.grading.runner import not_begun

        suite = self.getparent(SuiteFile)
        assert suite is not None
        if suite.silent is not None:
            raise CaseFailed(not_begun(self.case, suite.silent))
        if self.case.file != INTERLEAVING:
            (result,) = self.grade([self.case])
        else:
            if suite.explored is None:
                chosen = [item for item in self.session.items if isinstance(item, CaseItem)]
                results = self.grade([item.case for item in chosen if item.parent is suite])
                suite.explored = {result.case.id: result for result in results}
            result = suite.explored[self.case.id]
        if result.is_silent:
            suite.silent = result
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
        import shlex

        from grader.conversation.submission import NotGradable, from_command, from_file

        node: str = self.config.getoption("--node")
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
        again = f"pytest --node {self.config.getoption('--node')} -k {self.case.id}"
        leading, *others = result.findings
        parts = [result.note] if result.note else []
        first, *rest = explain(result, leading, again, full=True)
        parts += [as_text([first]), *picture(result, leading), as_text(rest)]
        parts += [f"{finding.code} follows: {finding.message}" for finding in others]
        return "\n".join(parts)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.name
