# ruff: noqa: E402
"""The space-time diagram: from a transcript to lanes, bars and arrows; as text and picture; of living nodes."""

from tests.notebooks import jupyter

jupyter.needed()

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import submit
from grader.cases.select import NoSuchCase
from grader.conversation.transcript import Event, Transcript
from grader.diagrams.layout import Bar, Layout
from grader.diagrams.picture import render
from grader.diagrams.trace import TRACER, Did
from grader.notebook import diagram, grade, spacetime
from grader.protocol.json_values import dumps
from grader.templates.new_node import TEMPLATE
from tests.conversations import CLOSE, case, echo, echo_ok, expect, init, init_ok, message, play, send

REFERENCE = Path(__file__).parents[2] / "reference"

INNER = {"type": "echo", "echo": "slow"}
PROXY = message("c1", "n1", type="proxy", msg_id=1, target="n2", inner=INNER)
ASKED = message("n1", "n2", type="echo", echo="slow", msg_id=1)
ANSWER = message("n2", "n1", type="echo_ok", echo="slow", in_reply_to=1)
DONE = message("n1", "c1", type="proxy_ok", in_reply_to=1, result=ANSWER["body"])
QUICK = [echo("c2", n, n) for n in range(5)]
QUICK_OK = [echo_ok("c2", n, n) for n in range(5)]

BEGIN = [send(init()), expect(init_ok()), send(PROXY), expect(ASKED), send(*QUICK)]

NodeFile = Callable[[str], str]


def live() -> Transcript:
    """The echoes are served while the proxy waits."""
    return play(
        case(*BEGIN, expect(*QUICK_OK), send(ANSWER), expect(DONE)), [init_ok(), ASKED, *QUICK_OK, DONE]
    )


def blocking() -> Transcript:
    """They are served after it."""
    return play(
        case(*BEGIN, send(ANSWER), expect(DONE, *QUICK_OK)), [init_ok(), ASKED, DONE, *QUICK_OK], "exit 1"
    )


def bars(layout: Layout, kind: str) -> list[Bar]:
    return [bar for bar in layout.bars if bar.kind == kind]


def only(transcript: Transcript, **how: bool) -> Layout:
    [panel] = spacetime([("", transcript)], **how).panels
    return panel


def test_a_client_stays_one_when_its_reply_forgets_whom_it_answers() -> None:
    forgot = message("n1", "c1", type="proxy_ok", msg_id=2, result=ANSWER["body"])
    passed = play(
        case(send(init()), expect(init_ok()), send(PROXY), expect(ASKED), send(ANSWER), CLOSE),
        [init_ok(), ASKED, forgot],
    )
    assert [lane.name for lane in only(passed).lanes if lane.kind == "client"] == ["c1"]


def test_the_text_shows_who_waits_and_who_is_served() -> None:
    assert spacetime([("live", live())]).text == (
        "live\n"
        " step    c1       c2                    n1                        n2\n"
        "    1    │────────┼──────proxy #1──────▶┃                         │\n"
        "    2    │        │                     ░───────────echo #1──────▶│\n"
        "    3    │        │────5× echo #0…4─────░──▶┃                     │\n"
        "    4    │        │◀──5× echo_ok #0…4───░───┃                     │\n"
        "    5    │        │                     ░◀────────echo_ok #1──────│\n"
        "    6    │◀───────┼─────proxy_ok #1─────┃                         │\n"
        "\n"
        "┃ asked, not answered   ░ waits"
    )


def test_a_request_waits_from_the_nodes_own_request_to_the_reply() -> None:
    layout = only(live())
    asked, answered = (arrow for arrow in layout.arrows if arrow.label in ("echo #1", "echo_ok #1"))
    [wait] = bars(layout, "wait")
    assert (wait.start, wait.end) == (asked.start, answered.end)
    assert [lane.kind for lane in layout.lanes] == ["client", "client", "node", "node", "peer"]


def test_what_is_never_answered_is_marked_and_so_is_an_end() -> None:
    transcript = play(case(*BEGIN, expect(*QUICK_OK), CLOSE), [init_ok(), ASKED], "exit 3")
    marks = {(mark.label, mark.alarm) for mark in only(transcript).marks}
    assert marks == {("ended, status 3", True), ("", True), ("no answer", True)}
    assert "end of input ■" in spacetime([("", play(case(send(init()), CLOSE), []))], with_init=True).text


def test_what_was_sent_to_all_stands_at_one_height() -> None:
    panels = spacetime([("live", live()), ("blocking", blocking())]).panels
    heights = [{arrow.label: arrow.start for arrow in panel.arrows} for panel in panels]
    for label in ("proxy #1", "5× echo #0…4", "echo_ok #1"):
        assert heights[0][label] == heights[1][label]
    assert heights[0]["5× echo_ok #0…4"] < heights[0]["echo_ok #1"] < heights[1]["5× echo_ok #0…4"]
    assert panels[0].length == panels[1].length


def test_the_clock_counts_from_the_first_message() -> None:
    layout = only(live(), clock=True)
    times = [event.t_ms for event in live() if event.kind in ("in", "out")]
    assert layout.arrows[0].start == 0
    assert layout.arrows[-1].start == times[-1] - times[2]


def test_many_clients_and_many_handlers_share_the_last_lane() -> None:
    many = [message(f"c{n}", "n1", type="levitate", msg_id=n, **{f"k{n}": 1}) for n in range(9)]
    lines = [
        dumps(one) for pair in zip(many, [echo(f"d{n}", n, 0) for n in range(9)], strict=True) for one in pair
    ]
    layout = only(tuple(Event(n, n, "in", line) for n, line in enumerate(lines)))
    assert [lane.name for lane in layout.lanes if lane.kind == "client"][-1] == "14 others"
    assert sum(lane.kind == "node" for lane in layout.lanes) == 6


def test_of_a_long_conversation_the_beginning_is_drawn() -> None:
    asked = [dumps(echo(f"c{n % 2}", n, n)) for n in range(100)]
    text = spacetime([("", tuple(Event(n, n, "in", line) for n, line in enumerate(asked)))]).text
    assert "40 more messages ■" in text
    assert "no answer" not in text


def test_it_is_one_object_with_the_same_bytes_each_time() -> None:
    data, metadata = spacetime([("live", live()), ("blocking", blocking())])._repr_mimebundle_()
    again, _ = spacetime([("live", live()), ("blocking", blocking())])._repr_mimebundle_()
    assert set(data) == {"text/plain", "image/png"}
    assert data == again
    assert "live with n1 and blocking with n1" in metadata["image/png"]["alt"]


LINES = [dumps(one) for one in (init(), init_ok(), PROXY, ASKED, ANSWER, DONE, *QUICK, *QUICK_OK)]
ODD = ["", "null", "{", '{"src": 1, "dest": null, "body": {}}', dumps(message("n1", "n1", type=[], msg_id={}))]
EVENTS = st.lists(st.tuples(st.sampled_from(["in", "out", "err", "eof", "exit"]), st.sampled_from(LINES + ODD)))


@given(EVENTS, st.booleans())
def test_any_transcript_can_be_drawn(events: list[tuple[str, str]], clock: bool) -> None:
    transcript = tuple(Event(n, n, kind, line) for n, (kind, line) in enumerate(events))  # type: ignore[arg-type]
    trace = (Did(0.5, "main", "read", "2"), Did(0.6, "main", "wait", "line 1"), Did(1.5, "t", "wrote", "1"))
    for panel in spacetime([("a", transcript), ("b", transcript, trace)], clock=clock).panels:
        assert all(0 <= bar.start < bar.end <= panel.length for bar in panel.bars)


def test_a_conversation_of_ones_own_is_held_with_the_node() -> None:
    drawn = diagram(str(TEMPLATE), [init(), PROXY, QUICK, ANSWER])
    assert [said["dest"] for said in drawn.written] == ["c0", "n2", "c1"] + ["c2"] * 5
    assert "×" not in drawn.text.replace("5×", "")


def test_a_case_is_drawn_and_so_is_what_was_graded() -> None:
    assert "proxy_ok #1" in diagram(str(TEMPLATE), "proxy").text
    graded = grade(str(TEMPLATE), cases=["init", "proxy"])
    assert "proxy_ok #1" in diagram(graded, "proxy").text
    failed = grade(str(TEMPLATE), cases=["silent-peer"])
    assert diagram(failed).panels[0].name == "silent-peer: blocked"
    with pytest.raises(NoSuchCase, match="no case that failed was graded; there are: init, proxy"):
        diagram(graded)


def test_who_is_not_answered_in_time_is_seen_to_wait_and_where() -> None:
    text = diagram(str(TEMPLATE), [init(), PROXY, QUICK[0]], threads=True, timeout_ms=1500).text
    assert "░ line 29, read_o" in text
    assert "time is up ■" in text
    assert text.count("× no answer") == 2


LOCKS = """
import json, sys, threading, time

lock = threading.Lock()

def work():
    with lock:
        time.sleep(0.01)

for line in sys.stdin:
    message = json.loads(line)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    body = {"type": "work_ok", "in_reply_to": message["body"]["msg_id"], "msg_id": 0}
    print(json.dumps({"src": "n1", "dest": message["src"], "body": body}), flush=True)
"""


def test_a_thread_that_waits_while_it_holds_a_lock_is_seen(node_file: NodeFile) -> None:
    [layout] = diagram(node_file(LOCKS), [message("c1", "n1", type="work", msg_id=7)], threads=True).panels
    [lock] = bars(layout, "lock")
    assert layout.lanes[lock.lane].name == "work 1"
    waits = {(layout.lanes[bar.lane].name, bar.label) for bar in bars(layout, "wait") if bar.label}
    assert {("work 1", "line 8, work"), ("main", "line 14")} <= waits


def test_a_lock_is_drawn_only_where_it_matters() -> None:
    transcript = play(case(send(echo("c1", 1, 0)), expect(echo_ok("c1", 1, 0))), [echo_ok("c1", 1, 0)])
    did = [
        "a read 1",
        "a lock 5",
        "b lock 6",
        "b unlock 6",
        "b wants 5",
        "b wait line 9",
        "a unlock 5",
        "b go 0",
    ]
    words = [one.split(" ", 2) for one in [*did, "b lock 5", "b unlock 5", "a wrote 1"]]
    trace = tuple(Did(n / 20 + 0.1, lane, kind, text) for n, (lane, kind, text) in enumerate(words))
    [layout] = spacetime([("", transcript, trace)]).panels
    [lock] = bars(layout, "lock")
    [wait] = [bar for bar in bars(layout, "wait") if bar.label]
    assert [layout.lanes[bar.lane].name for bar in (lock, wait)] == ["a", "b"]
    assert lock.start < wait.start < lock.end < wait.end


@pytest.mark.parametrize("model", ["with_threads", "with_asyncio", "with_queues"])
def test_a_traced_node_is_the_same_node(model: str, tmp_path: Path) -> None:
    node = str(REFERENCE / f"{model}.py")
    command = [sys.executable, str(TRACER), str(tmp_path / "trace"), node]
    grade = submit(command, cases=["three-echoes", "end-with-work", "unicode", "two-peers", "hundred-pending"])
    assert grade.passed, [result.findings for result in grade.results]
    drawn = diagram(node, "serves-while-waiting", threads=True)
    [layout] = drawn.panels
    assert any(bar.label for bar in bars(layout, "wait"))
    assert "proxy_ok #1" in drawn.text


def test_what_is_written_beside_the_last_lane_has_room_in_the_picture() -> None:
    transcript = play(case(send(echo("c1", 1, 0)), expect(echo_ok("c1", 1, 0))), [echo_ok("c1", 1, 0)])
    [layout] = spacetime([("", transcript)]).panels
    last = Bar(len(layout.lanes) - 1, 0.0, 1.0, "wait", "line 12, bad_moment")
    widths = [int.from_bytes(render([replace(layout, bars=bars)])[16:20]) for bars in ((), (last,))]
    assert widths[1] > widths[0]
