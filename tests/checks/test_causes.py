"""Causes, without any process: what stderr, a stray message and a look at a node say of why it failed."""

import pytest

from grader.checks.causes import exceptions, newline, shape, spelling, standing
from grader.checks.causes.nearness import is_near, nearest
from grader.checks.causes.raised import Raised, of_python
from grader.checks.causes.runtimes import of_others
from grader.checks.judge import judge
from grader.conversation.patterns import compile_pattern
from grader.conversation.thread_dumps import LOOKED, ROW, STOOD, looks
from grader.conversation.transcript import Event
from tests.checks.test_judge import ASKS, LIVE, PROXY, SILENT, A, change, error
from tests.conversations import case, echo, echo_ok, expect, init, init_ok, message, play, send

TRACEBACK = """Traceback (most recent call last):
  File "/usr/lib/python3.11/threading.py", line 1045, in _bootstrap_inner
    self.run()
  File "/home/ada/node.py", line 93, in proxy
    self.rpc(boby["target"])
             ^^^^
  File "/usr/lib/python3.11/queue.py", line 3, in get
    raise Empty
"""
MODULE = """most recent call last):
  File "/home/ada/node.py", line 121, in <module>
    main()
"""
NAME = "NameError: name 'boby' is not defined"
IN_A_THREAD = f"Exception in thread Thread-1 (proxy):\n{TRACEBACK}{NAME}\n"
IN_A_TASK = f"Task exception was never retrieved\nfuture: <Task finished name='Task-2'>\n{TRACEBACK}{NAME}\n"
LOGGED = f"could not serve it\n{TRACEBACK}ValueError: logged\n"
GROUP = f"""  + Exception Group Traceback (most recent call last):
  |   File "/home/ada/node.py", line 120, in <module>
  |     asyncio.run(main())
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/home/ada/node.py", line 93, in proxy
    |     boby
    | {NAME}
    +------------------------------------
"""
CHAINED = f"""Exception in thread Thread-1:
Traceback (most recent call last):
  File "/home/ada/node.py", line 5, in a
KeyError: 'x'

During handling of the above exception, another exception occurred:

{TRACEBACK}{NAME}
"""


def python(stderr: str, *, has_failed: bool = False) -> list[Raised]:
    return list(of_python(stderr.split("\n"), has_failed=has_failed))


@pytest.mark.parametrize(
    ("stderr", "ended", "has_failed"),
    [
        (IN_A_THREAD, "a thread", False),
        (IN_A_TASK, "a task", False),
        (IN_A_TASK.replace("Task exc", "ERROR:asyncio:Task exc"), "a task", False),
        (TRACEBACK + NAME, "the program", True),
        (LOGGED + TRACEBACK + NAME, "the program", True),
        (GROUP, "the program", True),
        (CHAINED, "a thread", False),
        (f"Process Process-1:\n{TRACEBACK}{NAME}", "a process", False),
        (f"exception calling callback <Future at 0x7>\n{TRACEBACK}{NAME}", "a callback", False),
    ],
)
def test_an_exception_that_ended_something_is_told_with_the_nodes_own_line(
    stderr: str, ended: str, has_failed: bool
) -> None:
    (raised,) = python(stderr, has_failed=has_failed)
    assert (raised.text, raised.ended, raised.file, raised.line) == (NAME, ended, "node.py", 93)


def test_a_traceback_that_a_node_survives_is_no_cause() -> None:
    assert python(LOGGED) == []
    assert python("Exception ignored in: <function X.__del__ at 0x7>\n" + TRACEBACK + NAME) == []


def test_the_main_thread_has_ended_by_one_that_left_the_module() -> None:
    """Other threads keep the process alive. One from deeper was caught, and printed, further out."""
    left = TRACEBACK.replace("most recent call last):\n", MODULE) + NAME
    (raised,) = of_python(left.split("\n"), has_failed=False, main_is_over=True)
    assert (raised.ended, raised.line) == ("the main thread", 93)
    assert list(of_python((TRACEBACK + NAME).split("\n"), has_failed=False, main_is_over=True)) == []
    assert python(left) == []  # a loop in the module may print it and go on


def test_who_called_is_told_where_what_was_handed_over_may_be_to_blame() -> None:
    helper = TRACEBACK.replace(
        "    self.rpc(", '    self.reply(body)\n  File "/home/ada/node.py", line 30, in reply\n    x('
    )
    for text, called in (("KeyError: 'msg_id'", True), (NAME, False)):
        stderr = f"Exception in thread Thread-1 (proxy):\n{helper}{text}".split("\n")
        cause = exceptions.cause([Event(n, 0.0, "err", line) for n, line in enumerate(stderr)], None)
        assert cause is not None
        assert cause.line == 30
        assert ("(node.py line 30, called in line 93)" in cause.text) == called


def test_the_line_that_starts_the_program_is_no_caller() -> None:
    at_once = """Traceback (most recent call last):
  File "/home/ada/node.py", line 121, in <module>
    main()
  File "/home/ada/node.py", line 30, in main
    message["body"]
KeyError: 'body'"""
    (raised,) = python(at_once, has_failed=True)
    assert (raised.line, raised.called_in) == (30, None)


def test_the_first_of_several_is_told_first() -> None:
    other = IN_A_THREAD.replace("boby", "later")
    assert [raised.text for raised in python(IN_A_THREAD + other)] == [NAME, NAME.replace("boby", "later")]


def test_two_tracebacks_in_one_another_make_no_exception() -> None:
    """Twenty threads that fail at once write into one another's; the first that is whole is told."""
    torn = TRACEBACK.replace(
        '  File "/usr/lib/python3.11/queue.py', 'Exception in thread Thread-2 (proxy):\n  File "/q'
    )
    told = python(f"Exception in thread Thread-1 (proxy):\n{torn}{IN_A_THREAD}")
    assert [one.text for one in told] == [NAME]


def test_a_coroutine_in_the_place_of_its_value_is_named() -> None:
    stderr = [
        *IN_A_TASK.replace(NAME, "TypeError: Object of type coroutine is not JSON serializable").split("\n"),
        "/home/ada/node.py:3: RuntimeWarning: coroutine 'Node.rpc' was never awaited",
    ]
    cause = exceptions.cause([Event(n, 0.0, "err", line) for n, line in enumerate(stderr)], None)
    assert cause is not None
    assert "await before rpc(…)" in cause.hint


def test_a_coroutine_that_was_never_awaited() -> None:
    warning = "/home/ada/node.py:40: RuntimeWarning: coroutine 'Node.proxy' was never awaited\n  self.proxy()\n"
    (raised,) = python(warning + "RuntimeWarning: Enable tracemalloc to get the object allocation traceback")
    assert (raised.text, raised.line, raised.is_unawaited) == (
        "coroutine 'Node.proxy' was never awaited",
        40,
        True,
    )


JS = """/home/ada/node.js:59
start()
^

TypeError: start is not a function
    at node:internal/x:1:1
    at Object.<anonymous> (/home/ada/node.js:59:1)

Node.js v20.20.2"""


THROWN = """
/home/ada/node.mjs:6
  const r = (() => { throw "no echo" })();
                     ^
no echo
(Use `node --trace-uncaught ...` to show where the exception was thrown)

Node.js v20.20.2"""

REJECTED = (
    "[UnhandledPromiseRejection: This error originated either by throwing inside of an async function without "
    'a catch block, or otherwise. The promise rejected with the reason "no echo".] {'
)


@pytest.mark.parametrize(
    ("stderr", "text", "file", "line"),
    [
        (JS, "TypeError: start is not a function", "node.js", 59),
        (
            'Exception in thread "main" java.lang.NullPointerException: no\n'
            "\tat java.base/java.util.Objects.requireNonNull(Objects.java:233)\n\tat Node.main(Node.java:12)",
            "java.lang.NullPointerException: no",
            "Node.java",
            12,
        ),
        (
            "panic: runtime error: index out of range [5]\n\ngoroutine 1 [running]:\nmain.main()\n"
            "\t/home/ada/main.go:10 +0x1d\nexit status 2",
            "panic: runtime error: index out of range [5]",
            "main.go",
            10,
        ),
        (
            "/home/ada/node.rb:10:in 'proxy': undefined local variable 'boby' (NameError)",
            "undefined local variable 'boby' (NameError)",
            "node.rb",
            10,
        ),
        (
            'Can\'t locate object method "x" via package "Y" at node.pl line 10, <STDIN> line 3.',
            'Can\'t locate object method "x" via package "Y"',
            "node.pl",
            10,
        ),
        (
            "==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x1\n"
            "    #0 0x4 in free ../sanitizer_common/x.cpp:1\n    #1 0x4 in handle /home/ada/node.c:10:3",
            "AddressSanitizer: heap-use-after-free on address 0x1",
            "node.c",
            10,
        ),
        ("thread '<unnamed>' panicked at src/main.rs:10:5:\nno such peer", "no such peer", "main.rs", 10),
        (
            "Unhandled exception. System.Exception: no\n   at N.Main() in /a/P.cs:line 7",
            "System.Exception: no",
            "P.cs",
            7,
        ),
        ("lua: node.lua:10: attempt to index a nil value", "attempt to index a nil value", "node.lua", 10),
        (JS.replace("TypeError", "Missing [Error]"), "Missing [Error]: start is not a function", "node.js", 59),
        (THROWN, "no echo", "node.mjs", 6),
        (
            f"node:internal/process/promises:389\n  new X(reason);\n  ^\n\n{REJECTED}\n\nNode.js v20.20.2",
            'A promise was rejected and nobody caught it: "no echo"',
            "",
            None,
        ),
        ("/home/ada/node.sh: line 10: ecko: unbound variable", "ecko: unbound variable", "node.sh", 10),
        ("awk: node.awk: line 5: function f never defined", "function f never defined", "node.awk", 5),
        (
            'can\'t read "nope": no such variable\n    while executing\n"puts"\n    (file "./a.tcl" line 2)',
            'can\'t read "nope": no such variable',
            "a.tcl",
            2,
        ),
        ("node: node.c:5: main: Assertion `0' failed.", "main: Assertion `0' failed", "node.c", 5),
    ],
)
def test_exceptions_of_other_languages(stderr: str, text: str, file: str, line: int) -> None:
    (raised,) = of_others(stderr.split("\n"), has_failed=True)
    assert (raised.text, raised.file, raised.line) == (text, file, line)


def test_an_error_that_a_script_logs_is_none_of_another_language() -> None:
    assert list(of_others(JS.replace("Node.js v20.20.2", "").split("\n"), has_failed=True)) == []
    assert list(of_others(["odd input at node.pl line 10."], has_failed=False)) == []
    assert list(of_others(["odd input at node.pl line 10.", "the end"], has_failed=True)) == []
    assert list(of_others(["node.sh: line 10: jq: command not found", "the end"], has_failed=True)) == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("inReplyTo", "in_reply_to"),
        ("in_replyto", "in_reply_to"),
        ("reply_to", "in_reply_to"),
        ("msgid", "msg_id"),
        ("messageId", "msg_id"),
        ("id", "msg_id"),
        ("dst", "dest"),
        ("source", "src"),
        ("typ", "type"),
        ("results", "result"),
        ("Echo", "echo"),
    ],
)
def test_what_is_near_a_name_of_the_protocol(written: str, meant: str) -> None:
    known = ["src", "dest", "body", "type", "msg_id", "in_reply_to", "echo", "result", "code"]
    assert nearest(written, known) == meant


@pytest.mark.parametrize("word", ["text", "note", "value", "node_id", "clock", "trace"])
def test_what_is_near_none(word: str) -> None:
    assert not any(is_near(word, name) for name in ("src", "dest", "msg_id", "in_reply_to", "echo", "type"))


def test_a_message_is_misspelt_only_if_it_is_right_but_for_that() -> None:
    pattern = compile_pattern(A, {})
    assert spelling.mend(pattern, change(A, echo=None, Echo="a")) is not None
    assert spelling.mend(pattern, change(A, echo=None, Echo="b")) is None
    assert spelling.mend(pattern, A) is None
    assert spelling.mend(pattern, change(A, type="echo")) is None  # that of the request is no misspelling


def test_a_value_is_of_the_wrong_type_only_if_it_is_the_right_one_otherwise() -> None:
    pattern = compile_pattern(A, {})
    assert shape.mend(pattern, change(A, in_reply_to="1")) is not None
    assert shape.mend(pattern, change(A, echo=["a"])) is not None
    assert shape.mend(pattern, change(A, in_reply_to="2")) is None
    assert shape.mend(compile_pattern(echo_ok("c1", 1, 0), {}), echo_ok("c1", 1, "")) is None


def test_a_line_without_its_end() -> None:
    assert "newline" in newline.of_unended(Event(0, 0.0, "out", '{"src"', ended=False)).text
    assert "carriage return" in newline.of_unended(Event(0, 0.0, "out", '{"src"\r{', ended=False)).text


def look(*rows: dict[str, object]) -> list[str]:
    return [LOOKED, *(f"{ROW}{row!r}" for row in rows), STOOD]


def stack(who: str, *frames: tuple[object, ...], count: int = 1) -> dict[str, object]:
    """Each frame: line, function, source, and what it holds or wants."""
    own = [("/a/node.py", line, name, False, source, list(locks)) for line, name, source, *locks in frames]
    return {"who": who, "count": count, "frames": own}


READS = stack("main", (20, "run", "for line in sys.stdin:"))
HOLDS = ("holds", "self.lock", 7, 40)
WANTS = ("wants", "self.lock", 7, 30)


@pytest.mark.parametrize(
    ("rows", "kind", "line", "words"),
    [
        (
            [
                READS,
                stack("thread", (30, "send", "with self.lock:", WANTS), (40, "reply", "self.send()", HOLDS)),
            ],
            "lock",
            30,
            "twice",
        ),
        (
            [
                stack("thread", (41, "rpc", "box.get()", HOLDS)),
                stack("main", (30, "send", "with self.lock:", WANTS)),
            ],
            "lock",
            40,
            "waits in line 41",
        ),
        ([stack("main", (9, "run", "for line in sys.stdin.read().split():"))], "reading", 9, "end of input"),
        ([stack("main", (9, "echo", "time.sleep(7)"), (5, "run", "self.echo()"))], "reading", 9, "sleeps"),
        ([stack("main", (9, "rpc", "box.get()"), (5, "run", "self.rpc()"))], "wait", 5, "itself"),
        ([stack("main", (9, "run", "while busy: pass"))], "wait", 9, "goes round"),
        (
            [stack("main task", (9, "rpc", "await f"), (5, "run", "await g()")), READS],
            "wait",
            5,
            "The task that reads",
        ),
        ([READS, stack("thread", (9, "rpc", "box.get()"))], "wait", 9, "still waits"),
    ],
)
def test_where_a_node_stood(rows: list[dict[str, object]], kind: str, line: int, words: str) -> None:
    found = standing.cause(looks(look(*rows)), "no-reply")
    assert found is not None
    assert (found.kind, found.line) == (kind, line)
    assert words in found.text


@pytest.mark.parametrize(
    ("frames", "line", "waits"),
    [
        ([(24, "rpc", "for line in sys.stdin:"), (40, "handle", "rpc()")], 40, 24),
        ([(30, "read", "sys.stdin.readline()"), (67, "rpc", "m = read()"), (21, "run", "handle(m)")], 21, 67),
    ],
)
def test_who_reads_on_in_a_handler_is_told_where_it_waits(
    frames: list[tuple[object, ...]], line: int, waits: int
) -> None:
    at_last = stack("main", *frames, (45, "<module>", "handle(json.loads(line))"))
    found = standing.cause(looks(look(at_last)), "blocked")
    assert found is not None
    assert found.line == line
    assert f"waits in line {waits} for its own reply" in found.text


def test_a_task_is_to_be_woken_for_a_reply_that_came_and_to_give_up_on_a_silent_peer() -> None:
    rows = stack("thread", (30, "read", "for line in sys.stdin:")), stack("task", (9, "rpc", "await future"))
    silent = standing.cause(looks(look(*rows)), "no-reply")
    replied = standing.cause(looks(look(*rows)), "no-reply", named="7")
    assert silent is not None
    assert replied is not None
    assert "timeout of 1 s" in silent.hint
    assert "timeout of 1 s" not in replied.hint


def test_who_only_waits_for_the_next_line_is_no_cause() -> None:
    assert standing.cause(looks(look(READS)), "no-reply") is None
    assert standing.cause([], "no-reply") is None


def test_who_takes_from_its_inbox_what_a_thread_reads_is_no_cause() -> None:
    """Whatever it calls what it takes."""
    main = stack("main", (9, "run", "kind, what = mailbox.get(timeout=1.0)"))
    reads = stack("thread", (30, "read", "for line in sys.stdin:"))
    assert standing.cause(looks(look(main, reads)), "no-reply") is None
    found = standing.cause(looks(look(main)), "no-reply")
    assert found is not None
    assert "it reads nothing" in found.text


def test_who_only_starts_a_thread_does_not_wait_for_it() -> None:
    """It takes its moment on a busy machine; what `start` waits for is that the thread is there."""
    main = stack("main", (46, "dispatch", "thread.start()"), (27, "run", "self.dispatch(message)"))
    own = main["frames"]
    assert isinstance(own, list)
    waits = [
        ("/usr/lib/python3.11/threading.py", n, name, False, "") for n, name in ((629, "wait"), (969, "start"))
    ]
    inside = {**main, "frames": [*((*frame, []) for frame in waits), *own]}
    assert standing.cause(looks(look(inside)), "blocked") is None
    assert standing.cause(looks(look(main)), "blocked") is None


def test_who_asks_for_the_processor_between_two_looks_is_busy() -> None:
    main = stack("main", (9, "run", "n += 1"))
    first, second = ({"who": "node", "cpu": cpu, "taken": []} for cpu in (0.1, 4.0))
    found = standing.cause(looks([*look(first, main), *look(second, main)]), "no-reply")
    assert found is not None
    assert "busy" in found.text


def test_a_worker_is_the_only_one_where_its_pool_has_no_other() -> None:
    full = {"pool": True, "queued": 3}
    one = {**stack("thread", (9, "rpc", "box.get()")), **full}
    other = {**stack("thread", (12, "ask", "bell.wait()")), **full}
    alone, beside = (standing.cause(looks(look(READS, *rows)), "blocked") for rows in ([one], [one, other]))
    assert alone is not None
    assert beside is not None
    assert "The only worker waits in node.py line 9" in alone.text
    assert "A thread waits in node.py line 9" in beside.text
    assert "other workers elsewhere, and none is left" in beside.text


def test_a_row_that_is_no_row_is_passed_over() -> None:
    (seen,) = looks([LOOKED, f"{ROW}{{'who': 'main'", f"{ROW}[1]", STOOD])
    assert seen.stacks == ()


NOT_A_REQUEST = case(
    send(init()),
    expect(init_ok()),
    send(
        {
            **echo("c1", 1, "looks like one"),
            "body": {**echo("c1", 1, "looks like one")["body"], "in_reply_to": 78},
        }
    ),
    send(echo("c1", 2, "a real one")),
    expect(echo_ok("c1", 2, "a real one")),
)


def test_who_answers_a_reply_has_written_what_nothing_asked_for() -> None:
    finding = judge(
        NOT_A_REQUEST, play(NOT_A_REQUEST, [init_ok(), echo_ok("c1", 1, "looks like one")])
    ).findings[0]
    assert finding.code == "unasked-message"
    assert "no request" in finding.message
    assert "78" in finding.message


def test_what_may_be_answered_with_error_0_is_a_request_that_the_node_was_sent() -> None:
    gone = case(
        *[send(init()), expect(init_ok())],
        send(message("c1", "n1", type="proxy", msg_id=1, target="n2", inner={"type": "q"})),
        expect(message("n1", "n2", type="q", msg_id={"$bind": "m"})),
        {"close": "stdin"},
        expect(message("n1", "c1", type="error", in_reply_to=1, code=0), optional=True),
    )
    finding = judge(gone, play(gone, [init_ok(), ASKS, error(13)])).findings[0]
    assert "answers no request" not in finding.message
    assert "c1's proxy (msg_id 1)" in finding.message


def test_an_empty_value_is_nobodys() -> None:
    both = case(
        send(init()),
        expect(init_ok()),
        send(echo("c1", 1, 0), echo("c1", 2, "")),
        expect(echo_ok("c1", 1, 0), echo_ok("c1", 2, "")),
    )
    assert judge(both, play(both, [init_ok(), echo_ok("c1", 1, "")])).findings[0].code == "wrong-payload"


def test_a_result_without_a_question_is_named_so() -> None:
    eager = case(
        *[send(init()), expect(init_ok())],
        send(message("c1", "n1", type="proxy", msg_id=1, target="n2", inner={"type": "q"})),
        expect(message("n1", "c1", type="proxy_ok", in_reply_to=1, result={"type": "q_ok"})),
    )
    answer = message("n1", "c1", type="proxy_ok", in_reply_to=1, result=None)
    finding = judge(eager, play(eager, [init_ok(), answer])).findings[0]
    assert "not asked" in finding.message


def test_only_what_is_missing_is_laid_at_an_exceptions_door() -> None:
    for answers, then, kind in (
        ([init_ok()], "timeout", "exception"),
        ([init_ok(), change(A, echo="A")], "", ""),
    ):
        events = list(play(LIVE, answers, then))
        n = len(events) - 1 if then else len(events)
        said = [Event(0, 0.0, "err", line) for line in IN_A_THREAD.split("\n")]
        events[n:n] = said
        finding = judge(LIVE, tuple(events)).findings[0]
        assert (finding.cause.kind if finding.cause else "") == kind


def test_a_hint_is_in_the_nodes_language_or_in_none() -> None:
    events = play(LIVE, [init_ok(), "got a message"])
    assert "file=sys.stderr" in judge(LIVE, events, "python").findings[0].hint
    assert "console.error" in judge(LIVE, events, "javascript").findings[0].hint
    assert "sys" not in judge(LIVE, events).findings[0].hint
    assert judge(SILENT, play(SILENT, [init_ok(), ASKS], "timeout"), "go").findings[0].hint
    assert judge(PROXY, play(PROXY, [init_ok()], "timeout"), "go").findings[0].hint
