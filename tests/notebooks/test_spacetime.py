# ruff: noqa: E402
"""The space-time diagram: from a transcript to lanes, bars and arrows; as text and picture; of living nodes."""

from tests.notebooks import jupyter

jupyter.needed()

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader import submit
from grader.cases.select import NoSuchCase, select
from grader.conversation.submission import from_file
from grader.conversation.transcript import Event, Transcript
from grader.diagrams import picture
from grader.diagrams.layout import Arrow, Bar, Layout
from grader.diagrams.picture import render
from grader.diagrams.rows import wide
from grader.diagrams.text import render as as_text
from grader.diagrams.trace import TRACER, Did, Trace
from grader.notebook import diagram, grade, spacetime
from grader.notebook.nodes.drawing import converse, in_time
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


def text(layout: Layout) -> str:
    return as_text([layout])


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
    assert set(data) == {"text/plain", "image/png", "text/html"}
    assert data == again
    said = "live with n1 and blocking with n1"
    assert said in metadata["image/png"]["alt"]
    assert f'alt="Space-time diagram: {said}' in data["text/html"]


LINES = [dumps(one) for one in (init(), init_ok(), PROXY, ASKED, ANSWER, DONE, *QUICK, *QUICK_OK)]
ODD = ["", "null", "{", '{"src": 1, "dest": null, "body": {}}', dumps(message("n1", "n1", type=[], msg_id={}))]
EVENTS = st.lists(st.tuples(st.sampled_from(["in", "out", "err", "eof", "exit"]), st.sampled_from(LINES + ODD)))


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of the strategy's
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


def test_what_a_node_does_once_time_is_up_is_not_drawn() -> None:
    """The end of the input wakes it, and whether it gets anywhere before it is killed is chance."""
    transcript = (Event(0, 1.0, "in", "{}"), Event(1, 9.0, "eof"))
    waits, wakes = Did(2.0, "main", "wait", "node.py:3"), Did(9.1, "main", "go")
    assert in_time((waits, wakes), transcript) == (waits,)
    assert in_time((waits, wakes), transcript[:1]) == (waits, wakes)


def test_who_is_not_answered_in_time_is_seen_to_wait_and_where() -> None:
    text = diagram(str(TEMPLATE), [init(), PROXY, QUICK[0]], threads=True, timeout_ms=1500).text
    assert f"░  {TEMPLATE.name}:29 read_on" in text
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
    assert layout.lanes[lock.lane].name == "work"
    waits = {(layout.lanes[bar.lane].name, bar.label) for bar in bars(layout, "wait") if bar.label}
    assert {("work", "node.py:8 work"), ("main", "node.py:14")} <= waits
    assert lock.label == "lock"


def traced(*did: str) -> Layout:
    """One echo, and between its coming and its reply what is said here: lane, kind, text."""
    transcript = play(case(send(echo("c1", 1, 0)), expect(echo_ok("c1", 1, 0))), [echo_ok("c1", 1, 0)])
    words = [one.split(" ", 2) for one in ["a read 1", *did, "a wrote 1"]]
    trace = tuple(Did(n / 99 + 0.1, lane, kind, text) for n, (lane, kind, text) in enumerate(words))
    [layout] = spacetime([("", transcript, trace)]).panels
    return layout


HELD = [
    "a lock order",
    "b lock pool",
    "b unlock pool",
    "b wants order",
    "b wait n.py:9",
    "a unlock order",
    "b go 0",
]


def test_a_lock_is_drawn_by_its_name_for_the_whole_time() -> None:
    layout = traced(*HELD, "b lock order", "b lock order", "b unlock order", "b lock pool", "b free order")
    held = [(layout.lanes[bar.lane].name, bar.label) for bar in bars(layout, "lock")]
    assert sorted(held) == [("a", "order"), ("b", "order"), ("b", "pool"), ("b", "pool")]
    first, _, again, kept = sorted(bars(layout, "lock"), key=lambda bar: bar.start)
    [wait] = [bar for bar in bars(layout, "wait") if bar.label]
    assert first.start < wait.start < first.end < wait.end < again.start < kept.start < again.end < kept.end
    assert layout.locks == ["order", "pool"]


def test_who_waits_and_holds_does_both_in_the_text() -> None:
    drawn = traced("b go 0", "b lock order", "b wait n.py:7 work", "b go 0", "b unlock order")
    [line] = [line for line in text(drawn).splitlines() if "n.py:7" in line]
    assert line.endswith("░▓ n.py:7 work")
    assert "░ waits   █ at work   ▓ holds order" in text(drawn)


def test_a_hand_over_is_an_arrow_from_who_gives_to_who_takes() -> None:
    layout = traced(
        "a gives 0", "b~1 go 0", "b~1 takes 0", "b~2 go 0", "b~1 gives 1", "a gives 2", "b~2 takes 2"
    )
    given = [arrow for arrow in layout.arrows if arrow.is_handed_over]
    names = [(layout.lanes[one.source].name, layout.lanes[one.target].name) for one in given]
    assert names == [("a", "b A"), ("a", "b B")]  # number 1 was taken by nobody
    assert all(one.start < one.end for one in given)
    assert "╌▶" in text(layout)


def test_arrows_of_one_moment_do_not_lie_on_one_another() -> None:
    one = Arrow(0, 1, 3.0, 3.0, "a", (1,))
    [layout] = spacetime([("", live())], clock=True).panels
    later = picture._apart(replace(one, label="b"), [one], layout)
    assert later.start == later.end > one.start
    elsewhere = picture._apart(replace(one, source=3, target=4), [one], layout)
    assert elsewhere.start == one.start


@pytest.mark.parametrize("odd", ["$x", "$\\frac{$", "\ud800", "日本語", "a\tb", "\\n", "\u202e"])
def test_what_a_message_says_is_drawn_as_written(odd: str) -> None:
    lines = [dumps(message(odd, "n1", type=odd, msg_id=1)), dumps(message("n1", odd, type="x", in_reply_to=1))]
    drawn = spacetime([(odd, (Event(0, 0, "in", lines[0]), Event(1, 1, "out", lines[1])))])
    drawn.text.encode()  # it can be shown
    assert drawn.png
    shown = odd if odd.isprintable() else odd.encode("unicode_escape").decode()
    assert f" {shown} #1" in drawn.text.replace("─", " ")
    before = {sum(map(wide, line[: line.index("┃")])) for line in drawn.text.splitlines()[:-1] if "┃" in line}
    assert len(before) == 1  # the lifeline is straight


@pytest.mark.parametrize("model", ["with_threads", "with_asyncio", "with_queues"])
def test_a_picture_says_what_the_transcript_and_the_trace_say(model: str) -> None:
    [chosen] = select(ids=["serves-while-waiting"])
    transcript, trace = converse(from_file(str(REFERENCE / f"{model}.py")), chosen, traced=True)
    [layout] = spacetime([("", transcript, trace)]).panels
    begin = next(event.t_ms for event in transcript if "proxy" in event.line)
    end = max(did.t_ms for did in trace if did.kind == "wrote")
    drawn = [n for n, lane in enumerate(layout.lanes) if lane.kind == "node"]
    known = dict.fromkeys(["main", *(did.lane for did in trace)])
    lane_of = dict(zip([name for name in known if is_seen(name, trace, begin, end)], drawn, strict=True))
    # Messages leave from whoever wrote them, and each that passed is there.
    passed = [event for event in transcript if event.kind in ("in", "out") and event.t_ms >= begin]
    wrote = [did.lane for did in trace if did.kind == "wrote" for _ in range(int(did.text))]
    sent = [arrow for arrow in layout.arrows if arrow.events and layout.lanes[arrow.source].kind == "node"]
    assert [arrow.source for arrow in sent] == [lane_of[lane] for lane in wrote[-len(sent) :]]
    assert sorted(n for arrow in layout.arrows for n in arrow.events) == [event.n for event in passed]
    # Nobody is called by a number, and who waits does so in a line that there is.
    assert not any(letter.isdigit() for n in drawn for letter in layout.lanes[n].name)
    for bar in (bar for bar in bars(layout, "wait") if bar.label):
        file, line = bar.label.split(" ")[0].split(":")
        assert (REFERENCE / file).read_text("utf-8").splitlines()[int(line) - 1].strip()
    # Each hand-over that was taken is an arrow.
    gave = {did.text: did for did in trace if did.kind == "gives"}
    taken = [(gave[did.text], did) for did in trace if did.kind == "takes" and did.text in gave]
    pairs = [(a.lane, b.lane) for a, b in taken if begin <= a.t_ms <= end and a.lane != b.lane]
    arrows = [(arrow.source, arrow.target) for arrow in layout.arrows if arrow.is_handed_over]
    assert sorted(arrows) == sorted((lane_of[a], lane_of[b]) for a, b in pairs if {a, b} <= lane_of.keys())
    assert arrows
    # Each lock that was taken is held, under its name.
    locks = {(lane_of[did.lane], did.text) for did in trace if did.kind == "lock" and begin < did.t_ms < end}
    assert {(bar.lane, bar.label) for bar in bars(layout, "lock")} >= locks
    assert locks or model != "with_threads"
    # A thread is not seen to wait while a task of its own works.
    if model == "with_asyncio":
        waits = [bar for bar in bars(layout, "wait") if bar.lane == lane_of["main"]]
        works = [bar for bar in bars(layout, "run") if bar.lane != lane_of["main"]]
        assert works
        assert not [(a, b) for a in waits for b in works if a.start < b.end and b.start < a.end]


def is_seen(lane: str, trace: Trace, begin: float, end: float) -> bool:
    """Whether a thread or task did anything in this time, or waited in a line of the node's."""
    did = [one for one in trace if one.lane == lane]
    before = [one for one in did if one.t_ms < begin]
    return any(begin <= one.t_ms <= end for one in did) or bool(before and before[-1].text)


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
