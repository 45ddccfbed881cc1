"""What an exception left on stderr in other languages than Python. Pure functions.

A form for each runtime: it says in its own words what has ended. What a program says of itself, and goes on, is
none of these.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.checks.causes.raised import Raised
from grader.conversation.thread_dumps import Frame


@dataclass(frozen=True, slots=True)
class _Form:
    """How a runtime tells of an exception: a line with its text, and lines below (or itself) that say where."""

    language: str
    begins: re.Pattern[str]  # its group `text`, and perhaps `file` and `line`
    where: re.Pattern[str] | None
    ended: str
    library: re.Pattern[str] = re.compile(r"(?!)")  # files that are not the node's own
    only_if_failed: bool = True  # told of, else, by programs that go on, too
    only_last: bool = False  # nothing is said after it: else the program has gone on
    below: re.Pattern[str] | None = None  # what the next line says
    text_below: bool = False


# Each line of stderr that begins an exception's report, by language.
FORMS = (
    _Form(
        "javascript",  # as Deno says it; Node.js has a form of its own, below
        re.compile(r"^(?:error: )?Uncaught (?:\(in promise\) )?(?P<text>\S.*)$"),
        re.compile(r"^\s+at .*?(?P<file>[^\s(:]+\.[cm]?[jt]s):(?P<line>\d+):\d+\)?$", re.IGNORECASE),
        "the program",
        library=re.compile(r"^node:|node_modules|internal/|^ext:"),
    ),
    _Form(
        "java",
        re.compile(r'^Exception in thread "[^"]*" (?P<text>\S.*)$'),
        re.compile(r"^\s+at (?P<library>[\w.$/@<>]+)\((?P<file>[\w$]+\.\w+):(?P<line>\d+)\)$"),
        "a thread",
        library=re.compile(r"^(?:java|javax|jdk|sun|kotlin|scala)[./]"),
        only_if_failed=False,
    ),
    _Form(
        "go",
        re.compile(r"^(?P<text>(?:panic|fatal error): .*)$"),
        re.compile(r"^\t(?P<file>\S+\.go):(?P<line>\d+)"),
        "the program",
        library=re.compile(r"/(?:go[^/]*|sdk)/src/[^/.]+/|/src/(?:runtime|internal|sync|reflect)/|/pkg/mod/"),
    ),
    _Form(
        "ruby",
        re.compile(r"^(?:\S*/)?(?P<file>[^\s:/]+\.rb):(?P<line>\d+):in .*?: (?P<text>.+ \([A-Z][\w:]*\))$"),
        re.compile(r"^\s+(?:\d+: )?from (?P<file>\S+?\.rb):(?P<line>\d+):in "),
        "a thread, or the program",
        library=re.compile(r"/lib/ruby/|^<internal"),
        only_if_failed=False,
    ),
    _Form(
        "perl",
        re.compile(r"^(?P<text>.+) at (?P<file>\S+) line (?P<line>\d+)(?:, <\w+> (?:line|chunk) \d+)?\.$"),
        None,
        "the program",
        only_last=True,  # a warning looks the same
    ),
    _Form(
        "shell",
        re.compile(r"^(?P<file>[^\s:]+): (?:line )?(?P<line>\d+): (?P<text>.+)$"),
        None,
        "the program",
        only_last=True,  # most often a script goes on after an error
    ),
    _Form(
        "awk",
        re.compile(r"^\w*awk: (?P<file>[^\s:]+):(?: line )?(?P<line>\d+): (?:\(FILENAME=.*?\) )?(?P<text>.+)$"),
        None,
        "the program",
    ),
    _Form(
        "tcl",
        re.compile(r"^(?P<text>\S.*)$"),
        re.compile(r'^\s+\(file "(?P<file>.+)" line (?P<line>\d+)\)$'),
        "the program",
        below=re.compile(r"^    while (?:executing|compiling)$"),
    ),
    _Form(
        "c",
        re.compile(r"^(?:.*?: )?(?P<file>[^\s:]+\.\w+):(?P<line>\d+): (?P<text>.*Assertion .* failed)\.$"),
        None,
        "the program",
    ),
    _Form(
        "c++",
        re.compile(r"^(?P<text>terminate called after throwing an instance of .*)$"),
        None,
        "the program",
    ),
    _Form(
        "php",
        re.compile(
            r"^PHP (?:Fatal|Parse) error:\s+(?:Uncaught )?(?P<text>.+) in (?P<file>\S+?)(?::| on line )"
            r"(?P<line>\d+)$"
        ),
        None,
        "the program",
    ),
    _Form(
        "julia",
        re.compile(r"^ERROR: (?:LoadError: )?(?P<text>\S.*)$"),
        re.compile(r"^\s+@ .*?(?P<file>[^\s:]+\.jl):(?P<line>\d+)$"),
        "the program",
        library=re.compile(r"^\./|/stdlib/"),
    ),
    _Form(
        "c",
        re.compile(r"^(?:==\d+==)?\s*ERROR: (?P<text>\w+Sanitizer: .*)$"),
        re.compile(r"^\s+#\d+ 0x\w+ in .* (?P<file>\S+?\.\w+):(?P<line>\d+)(?::\d+)?$"),
        "the program",
        library=re.compile(r"compiler-rt|sanitizer|/sysdeps/|libasan"),
    ),
    _Form(
        "rust",
        re.compile(r"^thread '[^']*'(?: \(\d+\))? panicked at (?P<file>[^\s:]+\.rs):(?P<line>\d+):\d+:$"),
        None,
        "a thread",
        only_if_failed=False,
        text_below=True,
    ),
    _Form(
        "c#",
        re.compile(r"^Unhandled exception\. (?P<text>\S.*)$"),
        re.compile(r"^\s+at .* in (?P<file>\S+):line (?P<line>\d+)$"),
        "the program",
        only_if_failed=False,
    ),
    _Form(
        "lua",
        re.compile(r"^lua\S*: (?P<file>[^\s:]+):(?P<line>\d+): (?P<text>.+)$"),
        None,
        "the program",
    ),
)


def of_others(lines: Sequence[str], *, has_failed: bool) -> Iterator[Raised]:
    """Each exception of another language's runtime, in order."""
    if has_failed and any(map(_OF_NODE_JS.match, lines)):
        yield from _of_node_js(lines)
        return
    last = max((n for n, line in enumerate(lines) if line.strip()), default=-1)
    for n, line in enumerate(lines):
        for form in FORMS:
            match = form.begins.match(line)
            if match is None or (form.only_if_failed and not has_failed) or (form.only_last and n != last):
                continue
            below = lines[n + 1] if n + 1 < len(lines) else ""
            if form.below and not form.below.match(below):
                continue
            text = below if form.text_below and below else match.groupdict().get("text", line)
            file, number = _own_line(form, match, lines[n + 1 :])
            yield Raised(text.strip(), form.ended, n, file, number, form.language)
            break


_OF_NODE_JS = re.compile(r"^Node\.js v\d")  # what it says last when an exception has ended it
_CARET = re.compile(r"^\s*\^+$")
_THROWN_AT = re.compile(r"^(?P<file>.+):(?P<line>\d+)$")
_AT = re.compile(r"^\s+at .*?(?P<file>[^\s(:]+\.[cm]?[jt]s):(?P<line>\d+):\d+\)?$", re.IGNORECASE)
_OF_ITS_LIBRARY = re.compile(r"^node:|node_modules/|internal/")
_REASON = re.compile(r"UnhandledPromiseRejection: .*The promise rejected with the reason (?P<text>.*)\.\]?")


def _of_node_js(lines: Sequence[str]) -> Iterator[Raised]:
    """Node.js says where something was thrown, shows that line with a caret below, and then what it was."""
    caret = next((n for n, line in enumerate(lines) if _CARET.match(line)), -1)
    at = next((n for n in range(caret + 1, len(lines)) if lines[n].strip()), -1)
    if at < 0:
        return
    text = lines[at]
    if match := _REASON.match(text.lstrip("[")):
        text = f"A promise was rejected and nobody caught it: {match['text']}"
    places = [
        *map(_AT.match, lines[at + 1 :]),
        *map(_THROWN_AT.match, lines[max(caret - 3, 0) : max(caret, 0)]),
    ]
    own = next((place for place in places if place and not _OF_ITS_LIBRARY.search(place["file"])), None)
    file = Frame(own["file"], 0, "").base if own else ""
    yield Raised(text.strip(), "the program", at, file, int(own["line"]) if own else None, "javascript")


def _own_line(form: _Form, begins: re.Match[str], below: Sequence[str]) -> tuple[str, int | None]:
    if "file" in form.begins.groupindex:
        return Frame(begins["file"], 0, "").base, int(begins["line"])
    for line in below:
        match = form.where.match(line) if form.where else None
        if match and not form.library.search(match.groupdict().get("library") or match["file"]):
            return Frame(match["file"], 0, "").base, int(match["line"])
    return "", None
