"""What usually helps against an exception of Python's, by what it says. Data, and how to look it up."""

import re
import sys

from grader.checks.causes import missing_key

# What its text says, what to do, and perhaps what must stand in the line that it names. The first that fits.
SPOKEN_OF: tuple[tuple[re.Pattern[str], str] | tuple[re.Pattern[str], str, re.Pattern[str]], ...] = (
    (
        re.compile(r"^NameError: name '(?P<name>\w+)' is not defined"),
        "Nothing has this name there: is it spelt as where it gets its value?",
    ),
    (
        re.compile(r"^KeyError: -?\d+$"),
        "No entry has this number any more, or not yet: one that was answered, or given up, is no longer in "
        "the table. pop(number, None) gives None then: see whether there was one, and say nothing if not.",
    ),
    (
        re.compile(r"^UnicodeDecodeError: .*(unexpected end of data|invalid (start|continuation) byte)$"),
        "A read may end in the middle of a character: cut the bytes into lines first, and decode whole lines.",
    ),
    (
        re.compile(
            r"^AttributeError: __enter__|^TypeError: '(type|\w*function\w*|method)' object does not support "
        ),
        "Parentheses are missing where it is made: threading.Lock() makes a lock, threading.Lock names it.",
    ),
    (
        re.compile(r"^\w+: ('(function|method)' object |.*\b(function|method) is not JSON serializable)"),
        "A function is named here and not called: its parentheses are missing.",
    ),
    (
        re.compile(r"^RuntimeError: cannot join thread before it is started"),
        "A thread begins with thread.start(), parentheses and all; thread.run() calls its function right here.",
    ),
    (
        re.compile(r"^(ValueError|asyncio\.\S+): Separator is .* the limit"),
        "A StreamReader takes lines of up to 64 KiB; make it for longer ones: StreamReader(limit=2**24).",
    ),
    (
        re.compile(r"^ValueError: Set of (Tasks/Futures|coroutines/Futures) is empty"),
        "asyncio.wait wants one at least: ask before whether there is any, or await asyncio.gather(*tasks).",
    ),
    (
        re.compile(
            r"^TypeError: (unhashable type: '(set|list)'|An asyncio\.Future, a coroutine or an awaitable)"
        ),
        "asyncio.gather takes them one by one: gather(*tasks), with the star.",
        re.compile(r"\bgather\(\s*[^*\s]"),
    ),
    (
        re.compile(r"^TypeError: '(str|bytes|dict|list|int|tuple|bool)' object is not callable"),
        "What is called is a value and no function: where a function is handed over, as in "
        "run_in_executor(None, f) or target=f, leave its parentheses out; with them its result is handed over.",
    ),
    (
        re.compile(r"^TypeError: 'NoneType' object is not callable"),
        "None is called: a table that has no entry gives None (answer error 10, and go no further), and f() in "
        "the place of f hands over what f returns.",
    ),
    (
        re.compile(
            r"^TypeError: '<' not supported between instances of '(dict|list|NoneType)' and '(?!int|float)"
        ),
        "A PriorityQueue, a heap and sorted compare what they hold, down to the messages if what stands before "
        "is equal: put a number that none shares before each: (priority, next(counter), message).",
    ),
    (
        re.compile(r"^(asyncio\.\S*)?InvalidStateError: (invalid state|.*already)", re.IGNORECASE),
        "The future is done already: it was given up (a timeout cancels it), or set before. Take it out of the "
        "table when its time is up, and ask future.done() before you set it.",
    ),
    (
        re.compile(r"^(asyncio\.\S*)?InvalidStateError: (Result|Exception) is not set"),
        "A future that is not done has no result: time was up. Ask future.done() first, and answer error 0 if "
        "it is not.",
    ),
    (
        re.compile(r"^RuntimeError: (\w+) changed size during iteration"),
        "It was changed while a loop went over it: go over a copy, for x in list(…).",
    ),
    (
        re.compile(r"^(_queue\.|queue\.|asyncio\.queues\.)?(Queue)?Full\b"),
        "The queue was full, and put_nowait (or a put with a time limit) raises then: put(…) waits until there "
        "is room, and a queue without a maxsize is never full.",
    ),
    (
        re.compile(r"^(_queue\.|queue\.)?Empty\b"),
        "A loop that takes its next piece of work from a queue needs no time limit: get() waits. With one, "
        "catch Empty there, and go on.",
        re.compile(r"\b\w*(outbox|lines|jobs|work|tasks|requests|to_write|outgoing)\w*\.get\("),
    ),
    (
        re.compile(r"^(_queue\.|queue\.)?Empty\b"),
        "Time was up: that is what get(timeout=…) of a queue raises, and a TimeoutError is another thing. "
        "Catch queue.Empty there, and answer error 0.",
        re.compile(r"^(?!.*nowait)"),
    ),
    (
        re.compile(r"^(asyncio\.\S*|concurrent\.\S*)?TimeoutError\b"),
        "Time was up in this line, and nobody caught it there: put a try with except TimeoutError around it, "
        "and answer error 0. (An except elsewhere, further in, catches nothing of it.)",
    ),
    (
        re.compile(
            r"^AttributeError: 'NoneType' object has no attribute"
            r"|^TypeError: 'NoneType' object (is not subscriptable|does not support item)"
        ),
        "There is None: a table's get(…) that finds nothing gives it, and so does a function without a return. "
        "Ask whether it is None before you use it.",
    ),
    (
        re.compile(
            r"^TypeError: string indices must be"
            r"|^AttributeError: '(str|bytes)' object has no attribute '(get|items|pop|keys)'"
        ),
        "This is a text, not an object with keys: json.loads(line) makes a message of a line. (Who goes over a "
        "dict gets its keys, which are texts.)",
    ),
    (
        re.compile(
            r"^AttributeError: 'dict' object has no attribute '"
            r"(?P<attr>src|dest|body|type|msg_id|in_reply_to|node_ids?|echo|target|inner|result|code)'"
        ),
        'What a dict has stands under keys: write ["{attr}"], not .{attr}.',
    ),
    (
        re.compile(
            r"^TypeError: list indices must be|^AttributeError: 'list' object has no attribute '(get|items)'"
        ),
        "This is a list: go over its entries, or take one by its number.",
    ),
    (
        re.compile(r"^TypeError: write\(\) argument must be str, not dict"),
        "What is written is a text: json.dumps(message) makes one of a message; a newline belongs behind it.",
    ),
    (
        re.compile(
            r"^TypeError: a bytes-like object is required, not 'str'"
            r"|^TypeError: write\(\) argument must be str, not bytes"
        ),
        "Text is for sys.stdout.write(…), bytes are for sys.stdout.buffer.write(…); text.encode() makes bytes.",
    ),
    (
        re.compile(r"^TypeError: Object of type (?P<kind>\w+) is not JSON serializable"),
        "In a message only JSON's values can stand (numbers, texts, lists, dicts, true, false, null), and "
        "{kind} is none: what it brings was meant, or another variable.",
    ),
    (
        re.compile(
            r"^TypeError: '(bool|coroutine)' object does not support the (asynchronous )?context manager"
        ),
        "Take the lock by “with lock:” (asyncio: “async with lock:”), without acquire().",
    ),
    (
        re.compile(r"^(Value|Type)Error: a coroutine was expected, got <(function|bound method)"),
        "Call it: asyncio.run(main()), create_task(handle(message)). Without parentheses it is only named.",
    ),
    (
        re.compile(
            r"^(Value|Type)Error: a coroutine was expected|^TypeError: object \w+ can't be used in 'await'"
        ),
        "What stands there is no coroutine: a plain function is called without await, an async def with it.",
    ),
    (
        re.compile(r"^TypeError: 'async (for|with)' requires an object with __a"),
        "This can't be awaited. Lines of stdin come without holding up the loop by a StreamReader "
        "(connect_read_pipe), or by await asyncio.to_thread(sys.stdin.readline).",
    ),
    (
        re.compile(r"^TypeError: can only concatenate str|^TypeError: can't concat str"),
        "A number and a text can't be added: which of the two is meant? An id is a number, and stays one.",
    ),
    (
        re.compile(r"^TypeError: unsupported operand type\(s\) for .*'NoneType'"),
        "It has no number yet: give it one where it is made (0), before it is counted.",
    ),
    (
        re.compile(r"^TypeError: unhashable type: '(dict|list)'"),
        "A dict or a list can't be a key: take what tells it from others, its msg_id.",
    ),
    (
        re.compile(
            r"^RuntimeError: (release unlocked lock|cannot release un-acquired lock|Lock is not acquired)"
        ),
        "It is given back twice, or by who has not taken it: “with lock:” takes it and gives it back, once.",
    ),
    (
        re.compile(r"^RuntimeError: cannot (notify|wait) on un-acquired lock"),
        "A condition is used while one holds it: “with condition:” around wait and notify.",
    ),
    (
        re.compile(r"^RuntimeError: (no running event loop|There is no current event loop)"),
        "A task can be made only inside the loop, by a coroutine that it runs: begin it from async def main(), "
        "by asyncio.run(main()). From a thread: asyncio.run_coroutine_threadsafe(…, loop).",
    ),
    (
        re.compile(r"^RuntimeError: (asyncio\.run\(\) cannot be called|This event loop is already running)"),
        "There is one loop, and it runs: await the coroutine, or make a task of it.",
    ),
    (
        re.compile(r"^RuntimeError: threads can only be started once"),
        "Each message needs a thread of its own: make it in the loop, right before its start().",
    ),
    (
        re.compile(r"^RuntimeError: cannot schedule new futures after (interpreter )?shutdown"),
        "The pool was shut down (the end of its with block does that) while there was work to come: read all "
        "lines inside the with.",
    ),
    (
        re.compile(r"^RuntimeError: .* is bound to a different event loop|^RuntimeError: Event loop is closed"),
        "It was made for another loop: make locks, queues and futures in main(), and call asyncio.run once.",
    ),
    (
        re.compile(r"^RecursionError: "),
        "A function calls itself without an end: is the one that it is to call another, or named alike?",
    ),
    (
        re.compile(r"^json\.decoder\.JSONDecodeError: Extra data"),
        "There is more than one line in it: one line is one message; cut the text at its newlines first.",
    ),
    (
        re.compile(r"^json\.decoder\.JSONDecodeError: |^simplejson"),
        "Not every line is JSON (the empty text at the end is none): catch ValueError there, and read on.",
    ),
    (
        re.compile(r"^ValueError: invalid literal for int\(\)"),
        "A node's id is a name, not a number: n1, or any other. Compare names as they are.",
    ),
    (
        re.compile(r"^ValueError: task_done\(\) called too many times"),
        "One task_done() for each get(), no more: not in both branches, and not where get() found nothing.",
    ),
    (
        re.compile(r"^TypeError: '(Simple|Lifo|Priority)?Queue' object is not iterable"),
        "A queue is emptied by get(), which waits: while True: item = q.get().",
    ),
    (
        re.compile(r"^SyntaxError: '(await|async \w+)' outside"),
        "await stands only in a function that begins with async def.",
    ),
    (
        re.compile(r"^(Indentation|Tab)Error: "),
        "Mend the indentation: what belongs to a block stands four spaces further in than its head.",
    ),
    (
        re.compile(r"^AttributeError: "),
        "There is nothing of this name: compare how it is spelt with where it is defined.",
    ),
    (
        re.compile(r"^TypeError: .*\bargument"),
        "Compare what is passed with what the function takes; a thread's args is a tuple: args=(message,); "
        "what a pool is to pass stands behind the function: submit(f, message).",
    ),
    (
        re.compile(r"^ValueError: (too many|not enough) values to unpack|^TypeError: cannot unpack"),
        "What came has another shape than the names that take it apart: see who puts it there, and print it to "
        "stderr. A Timer's args=[(a, b)] hands on one pair, args=(a, b) two things.",
    ),
    (
        re.compile(r"^UnboundLocalError: |^NameError: cannot access"),
        "This function gives the name a value, so Python takes it as the function's own, which has none yet. "
        "If another is meant: say global or nonlocal at the top of the function, or self. before the name.",
    ),
)


def hint(text: str, source: str = "") -> str:
    """What to do about an exception of this text, which came in the line `source`; empty where nobody knows."""
    if (of_key := missing_key.hint(text, source)) != "":
        return of_key
    for pattern, what, *where in SPOKEN_OF:
        if (match := pattern.match(text)) and all(at.search(source) for at in where):
            name = match.groupdict().get("name")
            if name in sys.stdlib_module_names:
                return f"Is “import {name}” missing at the top of the file?"
            return re.sub(r"\{(\w+)\}", lambda part: match[part[1]], what)
    return ""
