"""`pytest --node`: cases as tests."""

import shlex
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


def test_another_plugin_may_have_an_option_of_that_name(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("def pytest_addoption(parser): parser.addoption('--node', help='of a cluster')")
    pytester.makepyfile("def test_theirs(request): assert request.config.getoption('--node') == 'a7'")
    pytester.runpytest_subprocess("--node", "a7").assert_outcomes(passed=1)
    done = pytester.runpytest_subprocess("--grader-node", "node.py", "-k", "three-echoes")
    done.assert_outcomes(passed=1, deselected=len(select()) - 1)


def test_tests_that_a_configuration_names_do_not_stand_for_the_suites(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\naddopts = tests\n")
    (pytester.mkdir("tests") / "test_theirs.py").write_text("def test_theirs(): pass")
    done = pytester.runpytest_subprocess("--node", "node.py", "-k", "three-echoes")
    done.assert_outcomes(passed=1, deselected=len(select()) - 1)
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_node_that_no_case_grades_is_no_success(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_theirs(): pass")
    done = pytester.runpytest_subprocess("--node", "node.py", ".")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*--node is given, and * has no case*"])
    pytester.makeini("[pytest]\naddopts = --node node.py\n")  # there it stands for all runs, of other tests too
    pytester.runpytest_subprocess(".").assert_outcomes(passed=1)


def test_an_id_and_the_command_again_can_be_given_back(pytester: pytest.Pytester) -> None:
    wrong = pytester.path / "my node.py"
    wrong.write_text("print('hello')")
    pytester.mkdir("sub").joinpath("mine.jsonl").write_text("\n".join(SUITE))
    ours = "async-handler.jsonl::three-echoes: Handle 3 concurrent echo messages"
    theirs = "sub/mine.jsonl::mine: My own case"
    done = pytester.runpytest_subprocess("--node", "my node.py", ours, theirs)
    done.assert_outcomes(failed=2)
    said = dict.fromkeys(done.outlines)  # where CI is set, pytest's summary says all of it again
    again = [line.split(None, 1)[1] for line in said if line.startswith("again ")]
    assert [shlex.split(line) for line in again] == [
        ["pytest", "--node", "my node.py", ours],
        ["pytest", "--node", "my node.py", theirs],
    ]
    for line in again:
        pytester.runpytest_subprocess(*shlex.split(line)[1:]).assert_outcomes(failed=1)


def test_of_files_that_only_lie_there_those_without_cases_are_left_alone(pytester: pytest.Pytester) -> None:
    (pytester.path / "log.jsonl").write_text('{"level": "info"}\n')
    (pytester.path / "mine.jsonl").write_text("\n".join(SUITE))
    pytester.runpytest_subprocess("--node", "node.py", ".").assert_outcomes(passed=1)
    (pytester.path / "mine.jsonl").write_text('{"case": "broken"')  # meant as a suite: it is told
    pytester.runpytest_subprocess("--node", "node.py", ".").assert_outcomes(errors=1)


def test_a_case_that_is_run_again_is_run_again(pytester: pytest.Pytester) -> None:
    """As pytest-rerunfailures does it: a first run that failed is forgotten."""
    (pytester.path / "node.py").write_text(
        "import pathlib, sys\n"
        "tried = pathlib.Path(__file__).with_name('tried')\n"
        "if not tried.exists(): sys.exit(tried.touch())\n" + RIGHT.read_text("utf-8"),
        "utf-8",
    )
    pytester.makeconftest(
        "import pytest\n"
        "from _pytest.runner import runtestprotocol\n"
        "@pytest.hookimpl(tryfirst=True)\n"
        "def pytest_runtest_protocol(item, nextitem):\n"
        "    runtestprotocol(item, nextitem=nextitem, log=False)\n"
        "    for report in runtestprotocol(item, nextitem=nextitem, log=False):\n"
        "        item.ihook.pytest_runtest_logreport(report=report)\n"
        "    return True\n"
    )
    done = pytester.runpytest_subprocess(
        "--node", "node.py", "-p", "no:randomly", "-k", "three-echoes or pieces"
    )
    done.assert_outcomes(passed=2, deselected=len(select()) - 2)
