"""The comparison: what is driven and counted, what is made of it, bets; no time is asserted."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.notebook import bet, compare, grade_go, predicted, same_conversation, settle
from grader.notebook import exchange as asked
from grader.notebook.comparison.bars import render
from grader.notebook.comparison.compare import Compared, amount
from grader.notebook.comparison.loads import PROXY, WORKLOADS, Measured, Quantity, lines_of_code, measure
from grader.notebook.comparison.measuring import Fell, exchange, round_trip_s
from grader.notebook.exercises.crowds import crowds, jams
from grader.notebook.exercises.lesson_files import LESSONS, load
from grader.notebook.exercises.paper import reasoned
from grader.notebook.nodes.node_files import REFERENCE, go_file, node_file
from grader.templates.new_node import TEMPLATE
from tests.notebooks.cells import written

ECHO = {"type": "echo", "echo": "hi"}
NAP = {"type": "nap", "s": 0.2}
THREADS, ASYNCIO, QUEUES = (str(node_file(name)) for name in REFERENCE)

NodeFile = Callable[[str], str]


def kinds(node: str, bodies: list[dict[str, object]]) -> list[str]:
    return [reply["body"]["type"] for reply in exchange(node, bodies).replies]


def measured(**values: tuple[float | None, ...]) -> Measured:
    """As it comes of three rounds that agree; of those that a bet is void for, see below."""
    quantities = {
        short: Quantity(short, "s", each, (tuple(value or 9.0 for value in each),) * 3)
        for short, each in values.items()
    }
    return Measured(("my_threads", "my_asyncio", "my_queues"), quantities, 3, ())


# One exchange


@pytest.mark.parametrize("node", [THREADS, ASYNCIO, QUEUES])
def test_peers_answer_only_when_each_request_has_led_to_a_line(node: str) -> None:
    came = exchange(node, [PROXY, ECHO, PROXY])
    assert came.waiting == 2
    assert [reply["body"]["type"] for reply in came.replies] == ["echo_ok", "proxy_ok", "proxy_ok"]
    assert len({reply["body"]["in_reply_to"] for reply in came.replies}) == 3


def test_threads_are_counted_while_the_handlers_wait() -> None:
    waits = [PROXY] * 30
    assert exchange(THREADS, waits).threads > 30
    assert exchange(QUEUES, waits).threads > 30
    assert exchange(ASYNCIO, waits).threads == 1


def test_a_node_that_begins_one_at_a_time_is_not_waited_for() -> None:
    came = exchange(str(TEMPLATE), [PROXY] * 3)
    assert repr(came).startswith("3 replies in ")
    assert len(repr(came)) < 120
    assert came.waiting == 1
    assert [reply["body"]["type"] for reply in came.replies] == ["proxy_ok"] * 3


def test_a_flood_larger_than_the_pipes() -> None:
    assert len(kinds(ASYNCIO, [{"type": "echo", "echo": "x" * 1000}] * 500)) == 500


def test_round_trips_one_at_a_time() -> None:
    assert round_trip_s(ASYNCIO, 3) > 0


@pytest.mark.parametrize(
    ("source", "body", "says"),
    [
        ("raise SystemExit(3)", ECHO, "ended too early"),
        (f"import runpy; runpy.run_path({ASYNCIO!r}, run_name='__main__')", {"type": "nap"}, "did not know"),
        ("print('hello', flush=True); input()", ECHO, "no message"),
    ],
)
def test_a_node_that_falls_says_how(
    node_file: NodeFile, source: str, body: dict[str, object], says: str
) -> None:
    with pytest.raises(Fell, match=says):
        exchange(node_file(source), [body])


# Rounds


def test_all_are_measured_in_turn_and_what_fell_is_noted(node_file: NodeFile) -> None:
    dead = Path(node_file("raise SystemExit(3)"))
    result = measure([Path(ASYNCIO), dead], seconds=0)
    assert result.rounds == 1
    assert result.nodes == ("with_asyncio", dead.stem)
    assert set(result.quantities) == {"lines", "trip", "flood", "waiting", "threads"}
    flood = result.quantities["flood"]
    assert flood.values[0] is not None
    assert flood.values[1] is None
    assert flood.ratios == (1.0, None)
    assert "computing: not measured of with_asyncio.py, which did not know this type of request" in result.notes
    assert f"flood: not measured of {dead.name}, which ended too early" in result.notes


def test_a_silent_node_is_waited_for_once(node_file: NodeFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.notebook.comparison.measuring.PATIENCE_S", 0.01)
    result = measure([Path(node_file("import sys; sys.stdin.read()"))], seconds=0)
    assert set(result.quantities) == {"lines"}
    [note] = result.notes
    assert note.endswith("which fell silent")


def test_lines_of_code_are_neither_blank_nor_comments_nor_docstrings() -> None:
    text = '"""Doc."""\n\n# comment\nx = """two\nlines"""\n'
    source = text + 'def f():  # code\n    """Doc\n    string."""\n    return (\n        x)\n'
    assert lines_of_code(source) == 5
    assert lines_of_code("func main() {") == 0


def test_a_node_that_is_built_on_the_reference_has_its_lines_too(node_file: NodeFile) -> None:
    built = Path(node_file("from reference.with_asyncio import node\nnode.run()\n"))
    small = measure([Path(ASYNCIO), built], seconds=0).quantities["lines"]
    assert small.values[0] is not None
    assert small.values[1] == small.values[0] + 2


def test_ratios_and_winners() -> None:
    assert Quantity("q", "s", (2.0, 1.0, 4.0)).ratios == (2.0, 1.0, 4.0)
    assert Quantity("q", "s", (2.0, 1.0, 4.0)).winners == (1,)
    assert Quantity("q", "s", (1.0, 1.2, 4.0)).winners == (0, 1)
    assert Quantity("q", "s", (1.0, 1.1, 1.2)).winners == ()
    assert Quantity("q", "s", (None, 1.0, None)).winners == (1,)


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.0021, "s", "2.1 ms"),
        (0.00006, "s", "60 µs"),
        (1.5, "s", "1.5 s"),
        (21.84, "MiB", "22 MiB"),
        (1, "", "1"),
    ],
)
def test_an_amount_in_a_unit_that_suits_it(value: float, unit: str, shown: str) -> None:
    assert amount(value, unit) == shown


# What is shown


def test_the_comparison_shows_diagrams_a_table_and_bars() -> None:
    pytest.importorskip("matplotlib")
    shown = compare(ASYNCIO, THREADS, seconds=0)
    assert shown.measured is not None
    [memory] = [line for line in shown.text.splitlines() if line.startswith("1,000 proxies wait: memory")]
    assert "1.0×" in memory
    assert "1,000 proxies wait: memory" in shown.html
    assert shown.html.count("<img alt=") == 2
    assert "echo_ok #1" in shown.text
    assert "computing: not measured of with_asyncio.py, with_threads.py" in shown.text


def test_bars_are_the_same_bytes_each_time() -> None:
    pytest.importorskip("matplotlib")
    data = measured(flood=(1.0, 2.0, None), waiting=(1000.0, 1.0, 3.0))
    assert render(data).startswith(b"\x89PNG")
    assert render(data) == render(data)


def test_the_same_conversation_gives_the_same_picture() -> None:
    panels = same_conversation().panels
    assert [panel.name for panel in panels] == ["with_threads", "with_asyncio", "with_queues"]
    assert len({(panel.lanes, panel.bars, panel.arrows) for panel in panels}) == 1


@pytest.mark.parametrize("call", [compare, same_conversation])
def test_what_cannot_be_compared_is_said_in_one_line(call: Callable[..., Compared]) -> None:
    assert call("nowhere.py").text.startswith("nowhere.py: no such file")
    assert "no-such-case" in call(THREADS, case="no-such-case").text


# Bets


def test_bets_are_ten_points_on_each_workload(capsys: pytest.CaptureFixture[str]) -> None:
    right = {
        "flood": ("queues", 1),
        "waiting": ("asyncio", 4),
        "computing": ("nobody", 2),
        "blocking": ("threads", 3),
    }
    assert set(right) == set(WORKLOADS)
    for wrong, says in (
        ({"flood": None}, "bet on each of flood, "),
        ({"flood": ("go", 1)}, "flood=('go', 1) should be a pair"),
        ({"flood": ("queues", 2)}, "you have put in 11 points"),
        ({"flood": ("queues", -1)}, "flood=('queues', -1) should be a pair"),
        ({"flood": "queues"}, "flood='queues' should be a pair"),
    ):
        bet("b", **{**right, **wrong})
        assert capsys.readouterr().out.startswith(f"Nothing stored yet: {says}")
        assert not predicted("b")
        capsys.readouterr()
    bet("b", **right)
    assert predicted("b")
    capsys.readouterr()
    settle(None, "b")
    assert "Nothing is measured yet" in capsys.readouterr().out
    result = measured(flood=(1.0, 2.0, 1.1), waiting=(6.0, 1.0, 6.0), computing=(1.0, 1.1, 1.2))
    settle(Compared("", "", measured=result), "b")
    *lines, total = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[-1] for line in lines[:3]] == ["2", "8", "4"]
    assert lines[3] == "blocking: not measured; your 3 come back"
    assert total == "You put in 10 points and have 17."
    one, other = (1.0, 2.0, 1.1), (1.0, 1.1, 2.0)
    noise = Quantity("flood", "s", one, (one, other, one))
    once = Quantity("waiting", "s", one, (one,))
    settle(Compared("", "", measured=Measured(result.nodes, {"flood": noise, "waiting": once}, 3, ())), "b")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "flood: the rounds disagree; your 1 come back"
    assert lines[1] == "waiting: one round only; your 4 come back"
    assert lines[-1] == "You put in 10 points and have 10."


def test_requests_of_a_learner_never_end_in_a_traceback(
    node_file: NodeFile, capsys: pytest.CaptureFixture[str]
) -> None:
    for node, bodies, says in (
        ("nowhere.py", [ECHO], "nowhere.py: "),
        (node_file("raise SystemExit(3)"), [ECHO], "ended too early"),
        (ASYNCIO, None, "expected a list of bodies"),
        (ASYNCIO, [{}], "each with a type"),
    ):
        came = asked(node, bodies)  # type: ignore[arg-type]
        assert (came.replies, came.threads) == ((), 0)
        assert says in capsys.readouterr().out


# On paper


def test_a_rule_is_told_the_first_job_that_it_decides_in_another_way() -> None:
    judged = reasoned("06.3", lambda model: {"asyncio": 0, "threads": 7, "queues": 2}[model])
    assert not judged.ok
    assert judged.why.startswith("2 of 3")
    assert "Yours says 7." in judged.why
    assert max(map(len, judged.why.splitlines())) <= 80
    assert reasoned("06.3", lambda model: {"asyncio": 0, "threads": 1, "queues": 2}[model]).ok


@pytest.mark.parametrize("always", ["threads", "asyncio", "queues", "processes", None])
def test_one_answer_for_everything_is_no_rule(always: str | None) -> None:
    assert not reasoned("06.4", lambda **_given: always).ok


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (None, "there is no answer yet"),
        ("thread", "'thread', and that is none of 'asyncio', 'threads', 'queues', 'processes'."),
        (3, "Yours says 3, where a word in quotes is asked for."),
        ("threads", "Each that waits would keep a thread"),
    ],
)
def test_a_wrong_answer_is_told_what_to_think_of(answer: object, says: str) -> None:
    assert says in reasoned("06.4", lambda **_given: answer).why.replace("\n", " ")


def test_a_rule_that_fails_is_said_so_and_a_number_gives_no_answers_away() -> None:
    assert "Yours fails with KeyError: 'at'" in reasoned("06.4", lambda **given: given["at"]).why
    assert "where a whole number is asked for" in reasoned("06.3", lambda **_given: "1").why


def test_each_wrong_answer_with_words_of_its_own_is_wrong() -> None:
    for job in load(f"{LESSONS}/sheets.toml")["06.4"]:
        assert not set(job.get("wrong", ())) & set(job["right"])
        assert {*job["right"], *job.get("wrong", ())} <= {"threads", "asyncio", "queues", "processes"}


@pytest.mark.parametrize(
    ("crowd", "ok", "says"),
    [
        ([PROXY] * 110, True, "110 requests: "),
        ([ECHO] * 110, False, "Which kind of request is still open"),
        ([PROXY] * 20, False, "they are too few"),
        ([PROXY] * 201, False, "These are 201 requests, and 200 must do."),
        ("PROXY", False, "Nothing came of it"),
    ],
)
def test_a_crowd_is_counted(crowd: list[dict[str, object]], ok: bool, says: str) -> None:
    judged = crowds(THREADS, crowd)
    assert judged.ok is ok, judged.why
    assert says in judged.why


@pytest.mark.parametrize(
    ("jam", "ok", "says"),
    [
        ([NAP, ECHO, ECHO, ECHO], True, "nap_ok, echo_ok, echo_ok, echo_ok. Three echoes waited"),
        ([PROXY, ECHO, ECHO, ECHO], False, "None of them holds the thread"),
        ([NAP, ECHO, ECHO, ECHO, ECHO], True, "Three echoes waited"),
        ([PROXY, NAP, ECHO, ECHO, ECHO], True, "Three echoes waited"),
        ([ECHO, ECHO, ECHO, NAP], False, "must end with three echoes"),
        ([ECHO, ECHO, ECHO], False, "The list has 3 requests"),
        (None, False, "must end with three echoes"),
    ],
)
def test_a_jam_is_told_by_what_came_before_what(
    jam: list[dict[str, object]], ok: bool, says: str, node_file: NodeFile
) -> None:
    judged = jams(node_file(written("06", "work-asyncio").partition("\n")[2]), jam, ECHO)
    assert judged.ok is ok, judged.why
    assert says in judged.why


# Go


def test_without_go_one_line_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    shown = grade_go()
    assert not shown.ok
    assert shown.text.startswith("Go is not installed here")


def test_what_go_says_of_a_node_that_it_does_not_build_is_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    go.write_text(f"#!{sys.executable}\nraise SystemExit('node.go:1: no')\n")
    go.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert grade_go().text == "Go does not build its node: node.go:1: no"


@pytest.mark.skipif(shutil.which("go") is None, reason="Go is not installed")
def test_the_go_node_is_right() -> None:
    assert go_file().is_file()
    assert grade_go().ok
