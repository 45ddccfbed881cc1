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
        re.compile(r"^(_queue\.|queue\.)?Empty\b"),
        "A loop that takes its next piece of work from a queue needs no time limit: get() waits. With one, "
        "catch Empty there, and go on.",
        re.compile(r"\b\w*(outbox|inbox|mailbox|lines|jobs|work|tasks|requests|to_write|outgoing)\w*\.get\("),
    ),
    (
        re.compile(r"^(asyncio\.\S*|concurrent\.\S*|_queue\.|queue\.)?(TimeoutError|Empty)\b"),
        "Time was up, and nobody caught it: catch it where the peer's reply is waited for, and answer error 0.",
        re.compile(r"^(?!.*nowait)"),
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
            return (
                f"Is “import {name}” missing at the top of the file?"
                if name in sys.stdlib_module_names
                else what
            )
    return ""
