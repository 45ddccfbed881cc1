"""What to do about an exception, a call that stands where a function is meant, and a worker that only waits."""

import pytest

from grader.checks.causes import exceptions, standing
from grader.checks.causes.called_here import called_here
from grader.checks.causes.whereabouts import is_full_pool, is_idle, of_condition
from grader.checks.judge import judge
from grader.conversation.thread_dumps import Frame, Lock, Look, Loop, Stack
from grader.conversation.transcript import Event
from tests.checks.test_judge import ASKS, LIVE, PROXY, WAITS, A, change, error
from tests.conversations import init_ok, play

GATHER = "await asyncio.gather(self.tasks, return_exceptions=True)"
MEND = "Mend this first"


@pytest.mark.parametrize(
    ("text", "source", "words"),
    [
        ("TypeError: 'str' object is not callable", "run_in_executor(None, f())", "leave its parentheses out"),
        ("TypeError: 'NoneType' object is not callable", "handler(message)", "None is called"),
        ("TypeError: unhashable type: 'set'", GATHER, "with the star"),
        ("TypeError: unhashable type: 'list'", "table[key] = 1", "can't be a key"),
        ("TypeError: unhashable type: 'set'", GATHER.replace("self", "*self"), MEND),
        ("TypeError: An asyncio.Future, a coroutine or an awaitable is required", GATHER, "with the star"),
        ("asyncio.exceptions.InvalidStateError: invalid state", "future.set_result(body)", "done already"),
        ("asyncio.exceptions.InvalidStateError: Result is not set.", "future.result()", "time was up"),
        ("TypeError: '<' not supported between instances of 'dict' and 'dict'", "q.get()", "next(counter)"),
        ("TypeError: '<' not supported between instances of 'str' and 'int'", "a < b", MEND),
        ("KeyError: 7", "self.waiting.pop(number)", "pop(number, None)"),
        ("KeyError: 'echo'", 'body["echo"]', "answered with error 12"),
        ("RuntimeError: Set changed size during iteration", "for task in self.tasks:", "go over a copy"),
        ("TimeoutError", "return await future", "Time was up"),
        ("_queue.Empty", "return box.get(timeout=1)", "Time was up"),
        ("_queue.Empty", "return box.get_nowait()", MEND),
        ("TypeError: string indices must be integers, not 'str'", 'body = line["body"]', "json.loads(line)"),
        ("TypeError: 'NoneType' object is not subscriptable", 'x["body"]', "Ask whether it is None"),
        ("AttributeError: 'NoneType' object has no attribute 'put'", "box.put(body)", "Ask whether it is None"),
        ("AttributeError: 'dict' object has no attribute 'body'", "message.body", 'write ["body"], not .body'),
        ("AttributeError: 'dict' object has no attribute 'gett'", 'body.gett("type")', "how it is spelt"),
        ("TypeError: list indices must be integers or slices, not str", 'x["src"]', "by its number"),
        ("TypeError: write() argument must be str, not dict", "sys.stdout.write(reply)", "json.dumps(message)"),
        ("TypeError: write() argument must be str, not bytes", "sys.stdout.write(b)", "sys.stdout.buffer"),
        ("TypeError: Object of type Event is not JSON serializable", "json.dumps(m)", "and Event is none"),
        ("TypeError: 'bool' object does not support the context manager protocol", "", "without acquire()"),
        ("ValueError: a coroutine was expected, got <function main at 0x7f>", "", "asyncio.run(main())"),
        ("TypeError: object NoneType can't be used in 'await' expression", "", "no coroutine"),
        ("TypeError: 'async for' requires an object with __aiter__ method", "", "StreamReader"),
        ('TypeError: can only concatenate str (not "int") to str', "", "can't be added"),
        (
            "TypeError: unsupported operand type(s) for +=: 'NoneType' and 'int'",
            "",
            "give it one where it is made",
        ),
        ("TypeError: unhashable type: 'dict'", "self.waiting[body] = 1", "its msg_id"),
        ("RuntimeError: release unlocked lock", "lock.release()", "once"),
        ("RuntimeError: cannot notify on un-acquired lock", "", "with condition:"),
        ("RuntimeError: no running event loop", "", "asyncio.run(main())"),
        ("RuntimeError: This event loop is already running", "", "await the coroutine"),
        ("RuntimeError: threads can only be started once", "", "a thread of its own"),
        ("RuntimeError: cannot schedule new futures after shutdown", "", "inside the with"),
        ("RuntimeError: Event loop is closed", "", "call asyncio.run once"),
        ("RecursionError: maximum recursion depth exceeded", "", "calls itself"),
        ("json.decoder.JSONDecodeError: Extra data: line 2 column 1 (char 3)", "", "one line is one message"),
        ("json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)", "", "catch ValueError"),
        ("ValueError: invalid literal for int() with base 10: 'n1'", "", "is a name"),
        ("ValueError: task_done() called too many times", "", "One task_done() for each get()"),
        ("TypeError: 'Queue' object is not iterable", "", "get(), which waits"),
    ],
)
def test_what_helps_against_an_exception(text: str, source: str, words: str) -> None:
    stderr = f"""Exception in thread T:
Traceback (most recent call last):
  File "/a/node.py", line 9, in serve
    {source}
  File "/usr/lib/python3.11/heapq.py", line 3, in inside
    pass
{text}"""
    found = exceptions.cause([Event(n, 0.0, "err", line) for n, line in enumerate(stderr.split("\n"))], None)
    assert found is not None
    assert (found.line, words in found.hint) == (9, True)


def test_what_a_library_raised_has_its_own_line_in_what_it_came_of() -> None:
    stderr = """Task exception was never retrieved
Traceback (most recent call last):
  File "/a/node.py", line 32, in rpc
    return await future
asyncio.exceptions.CancelledError

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/usr/lib/python3.11/asyncio/tasks.py", line 3, in wait_for
    raise TimeoutError
TimeoutError"""
    found = exceptions.cause([Event(n, 0.0, "err", line) for n, line in enumerate(stderr.split("\n"))], None)
    assert found is not None
    assert found.line == 32


def frame(line: int, function: str, source: str, loop: Loop = "", lock: str = "") -> Frame:
    return Frame(
        "/a/node.py", line, function, False, source, (Lock("holds", lock, 1, 1),) if lock else (), loop
    )


IN_QUEUE = Frame("/usr/lib/python3.11/queue.py", 171, "get")
READS = Stack("main", 1, (frame(9, "main", "for line in sys.stdin:", "for"),))


@pytest.mark.parametrize(
    ("source", "function", "how"),
    [
        ("t = threading.Thread(target=proxy(message))", "proxy", "target=proxy, args=(message,)."),
        ("Thread(target=self.serve(a, b)).start()", "serve", "target=self.serve, args=(a, b)."),
        ("Thread(target=serve())", "serve", "target=serve."),
        ("pool.submit(serve(message))", "serve", "submit(serve, message)"),
        ("loop.run_in_executor(None, serve(message))", "serve", "run_in_executor(None, serve, message)"),
        ("Timer(1.0, give_up(number)).start()", "give_up", "Timer(1.0, give_up, [number])"),
        ("t.run()", "proxy", "t.start()"),
        ("t.run()", "run", ""),  # a run of the node's own
        ("threading.Thread(target=serve, args=(f(x),))", "f", ""),  # what is called is an argument
        ("serve(message)", "serve", ""),
    ],
)
def test_a_call_that_stands_where_a_function_is_meant(source: str, function: str, how: str) -> None:
    waits = frame(48, "rpc", "box.get(timeout=1)"), frame(47, function, "rpc()")
    stack = Stack("main", 1, (IN_QUEUE, *waits, frame(82, "handle", source), frame(9, "main", "handle(m)")))
    found = called_here(stack)
    assert ((found.line, how in found.hint) if found else None) == ((82, True) if how else None)


@pytest.mark.parametrize(
    ("source", "loop", "is_one"),
    [
        ("message = outbox.get()", "ever", True),
        ("for message in iter(outbox.get, None):", "for", True),
        ("while (message := outbox.get()) is not None:", "while", True),
        ("message = await self.outbox.get()", "ever", True),
        ("reply = box.get()", "", False),
        ("reply = box.get(timeout=1)", "ever", False),
        ("while not event.wait(0.1):", "while", False),
    ],
)
def test_who_only_waits_for_work(source: str, loop: Loop, is_one: bool) -> None:
    stack = Stack("thread", 1, (IN_QUEUE, frame(17, "writer", source, loop)))
    assert is_idle(stack) is is_one
    found = standing.cause([Look(0, (READS, stack))], "no-reply")
    assert (found is None) is is_one


def test_nobody_is_told_to_wait_for_a_peer_that_was_not_asked() -> None:
    stack = Stack("thread", 1, (IN_QUEUE, frame(17, "echo", "box.get()")))
    asks, asks_not = (
        standing.cause([Look(0, (READS, stack))], "no-reply", is_asking=asks) for asks in (True, False)
    )
    assert asks is not None
    assert asks_not is not None
    assert (asks.hint, asks_not.hint) == (standing.TIMEOUT, "")


def test_a_pool_is_full_if_none_of_its_workers_is_idle() -> None:
    root = frame(30, "work", "serve(q.get())", "ever")
    waits = Stack("thread", 2, (IN_QUEUE, frame(48, "rpc", "box.get(timeout=1)"), root))
    idle = Stack("thread", 1, (IN_QUEUE, frame(30, "work", "serve(q.get())", "ever")))
    own = Stack("thread", 2, (IN_QUEUE, frame(48, "rpc", "box.get(timeout=1)")))
    assert is_full_pool(Look(0, (READS, waits)), waits)
    assert not is_full_pool(Look(0, (READS, waits, idle)), waits)
    assert not is_full_pool(Look(0, (READS, own)), own)  # each has a thread of its own


def test_who_waits_on_a_condition() -> None:
    assert of_condition(frame(4, "rpc", "self.came.wait(1)", lock="self.came"))
    assert not of_condition(frame(4, "rpc", "event.wait(1)", lock="self.lock"))


@pytest.mark.parametrize(
    ("language", "words"), [("javascript", "setTimeout(() =>"), ("python", "Timer(1, f())")]
)
def test_a_wait_that_is_over_at_once_is_spoken_of_in_the_nodes_language(language: str, words: str) -> None:
    finding = judge(WAITS, play(WAITS, [init_ok(), ASKS, error(0)]), language).findings[0]
    assert words in finding.hint


@pytest.mark.parametrize(("language", "words"), [("javascript", "awaits each handler"), ("", "holds no lock")])
def test_who_reads_and_waits_is_spoken_to_in_the_nodes_language(language: str, words: str) -> None:
    finding = judge(PROXY, play(PROXY, [init_ok(), ASKS], "timeout"), language).findings[0]
    assert finding.code == "blocked"
    assert words in finding.hint


def test_a_reply_that_names_itself_is_told_that() -> None:
    """The request's msg_id was asked for when the reply had already got its own."""
    itself = change(A, in_reply_to=7, msg_id=7)
    other = change(A, in_reply_to=9, msg_id=7)
    for reply, said in ((itself, True), (other, False)):
        finding = judge(LIVE, play(LIVE, [init_ok(), reply])).findings[0]
        assert finding.code == "wrong-in-reply-to"
        assert ("its in_reply_to is its own msg_id" in finding.message) == said
        assert ("before the reply gets its own" in finding.hint) == said
