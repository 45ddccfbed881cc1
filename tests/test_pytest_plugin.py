"""`pytest --node`: cases as tests."""

from pathlib import Path

import pytest

from grader.cases.select import select
from grader.protocol.json_values import dumps
from tests.conversations import init, init_ok

RIGHT = Path(__file__).parent / "corpus" / "right" / "thread_per_message.py"
SUITE = [
    '{"case": "mine", "title": "My own case"}',
    dumps({"send": init()}),
    dumps({"expect": init_ok()}),
]


@pytest.fixture(autouse=True)
def node(pytester: pytest.Pytester) -> None:
    (pytester.path / "node.py").write_text(RIGHT.read_text("utf-8"), "utf-8")


def test_each_case_is_collected_with_its_title(pytester: pytest.Pytester) -> None:
    done = pytester.runpytest_subprocess("--node", "node.py", "--collect-only", "-q")
    done.stdout.fnmatch_lines(
        ["async-handler.jsonl::three-echoes: Handle 3 concurrent echo messages", "*rpc.jsonl::*"]
    )


def test_cases_pass_and_can_be_selected(pytester: pytest.Pytester) -> None:
    done = pytester.runpytest_subprocess("--node", "node.py", "-k", "three-echoes or pieces")
    done.assert_outcomes(passed=2, deselected=len(select()) - 2)


def test_findings_are_the_failure_text_and_last_failed_works(pytester: pytest.Pytester) -> None:
    node = pytester.makepyfile(wrong="print('hello')")
    report = pytester.path / "junit.xml"
    done = pytester.runpytest_subprocess("--node", str(node), "-k", "echo", "-x", f"--junitxml={report}")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["not-json *A line on stdout is no message*", "again *pytest --node*"])
    assert "not-json" in report.read_text("utf-8")
    again = pytester.runpytest_subprocess("--node", str(node), "--lf")
    again.assert_outcomes(failed=1)


def test_schedules_are_explored_together(pytester: pytest.Pytester) -> None:
    racy = Path(__file__).parent / "explorer" / "corpus" / "wrong" / "check_then_act.py"
    (pytester.path / "racy.py").write_text(racy.read_text("utf-8"), "utf-8")
    done = pytester.runpytest_subprocess("--node", "racy.py", "-k", "two-echoes or start", "-v")
    done.stdout.fnmatch_lines(["*two-echoes:*FAILED*", "*start:*PASSED*", "data-race *self.used*"])
    other = pytester.runpytest_subprocess("--node", "cat", "-k", "two-echoes")
    other.assert_outcomes(skipped=1)


def test_a_suite_of_ones_own_is_collected(pytester: pytest.Pytester) -> None:
    (pytester.path / "mine.jsonl").write_text("\n".join(SUITE))
    done = pytester.runpytest_subprocess("--node", "node.py", "mine.jsonl", "-v")
    done.stdout.fnmatch_lines(["*mine.jsonl::mine: My own case*PASSED*"])
    (pytester.path / "broken.jsonl").write_text('{"case": "a"}\nnonsense\n')
    done = pytester.runpytest_subprocess("--node", "node.py", "broken.jsonl")
    done.stdout.fnmatch_lines(["*broken.jsonl:2: expected one JSON object a line*"])


def test_without_the_option_nothing_is_collected(pytester: pytest.Pytester) -> None:
    (pytester.path / "mine.jsonl").write_text("\n".join(SUITE))
    assert pytester.runpytest_subprocess().ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_a_missing_node_ends_the_run_with_one_line(pytester: pytest.Pytester) -> None:
    done = pytester.runpytest_subprocess("--node", "no-such-node")
    assert done.ret == 2
    done.stdout.fnmatch_lines(["*--node no-such-node: no such command*"])


def test_pytest_timeout_is_the_outer_guard(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        "def pytest_collection_modifyitems(items):\n"
        "    for item in items: print('guard', item.get_closest_marker('timeout').args[0])\n"
    )
    done = pytester.runpytest_subprocess("--node", "node.py", "-k", "three-echoes", "-s")
    done.stdout.fnmatch_lines(["guard 135.0"])
