"""Suites from `.jsonl` files: text in, typed cases out, or every problem with its file and line.

Repeats are written out here, so that nothing later knows of them.
"""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.cases.model import Case, CaseStep, Close, Expect, Send, SendRaw, Silence, Suite
from grader.cases.schema import HEADER, STEPS, Field
from grader.protocol.json_values import dumps, loads, shorten

BUILT_IN = Path(__file__).parent / "suites"

BOM = "\ufeff"  # a byte order mark, which some editors put first; it is read over

# In JSON text: an escaped dollar, the string "$i" alone (but as a key), `$i` within a string.
_INDEX = re.compile(r'(\$\$|(?<!\\)"\$i"(?!\s*:)|\$i(?![A-Za-z0-9_]))')
_NAME = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one line of a case file (counted from 1)."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class CaseFileError(Exception):
    """A case file that can't be used; `problems` says why, in the order of its lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def built_in_names() -> list[str]:
    """The names of the suites that come with the grader."""
    return sorted(path.stem for path in BUILT_IN.glob("*.jsonl"))


def load(name_or_file: str | Path) -> Suite:
    """A built-in suite by its name, or the suite in a file.

    Raises CaseFileError if there is no such suite or file, or if it is broken.
    """
    built_in = BUILT_IN / f"{name_or_file}.jsonl"
    path = built_in if str(name_or_file) in built_in_names() else Path(name_or_file)
    try:
        text = path.read_text("utf-8").removeprefix(BOM)
    except UnicodeDecodeError:
        raise CaseFileError([Problem(str(path), 1, "expected UTF-8 text")]) from None
    except OSError as error:
        known = ", ".join(built_in_names())
        reason = f"neither a suite of the grader's ({known}) nor a file to read: {error.strerror}"
        raise CaseFileError([Problem(str(path), 1, reason)]) from None
    return parse(text, path.stem, str(path))


def parse(text: str, suite: str, file: str) -> Suite:
    """The suite in `text`. Raises CaseFileError with all problems of all lines."""
    reader = _SuiteReader(suite, file)
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            reader.read(number, line)
    reader.end_case()
    if not reader.cases and not reader.problems:
        reader.wrong(1, 'expected a case, {"case": "…"}; the file has none')
    if reader.problems:
        raise CaseFileError(sorted(reader.problems, key=lambda problem: problem.line))
    return Suite(suite, tuple(reader.cases))


class _SuiteReader:
    """Takes a file line by line; keeps the case that is open and the names bound in it."""

    def __init__(self, suite: str, file: str) -> None:
        self.suite, self.file = suite, file
        self.problems: list[Problem] = []
        self.cases: list[Case] = []
        self.ids: dict[str, int] = {}
        self.header: dict[str, Any] | None = None
        self.opened_at = 0
        self.steps: list[CaseStep] = []
        self.source: list[str] = []
        self.bound: set[str] = set()  # by earlier groups
        self.binding: set[str] = set()  # by the group that is open

    def wrong(self, line: int, text: str) -> None:
        self.problems.append(Problem(self.file, line, text))

    def read(self, number: int, line: str) -> None:
        try:
            value = loads(line)
        except ValueError as error:
            self.wrong(number, f"expected one JSON object a line; this is not JSON ({error})")
            return
        if not isinstance(value, dict):
            self.wrong(number, "expected a JSON object: a case's header or a step")
        elif "case" in value:
            self.end_case()
            self.begin_case(number, value)
            self.source = [line]
        elif self.header is None:
            self.wrong(number, 'expected a case\'s header first, {"case": "…"}')
        else:
            self.read_step(number, value)
            self.source.append(line)

    def begin_case(self, number: int, value: dict[str, Any]) -> None:
        self.header, self.opened_at, self.steps = value, number, []
        self.bound, self.binding = set(), set()
        self.check(number, value, HEADER, "a case's header")
        name = value["case"] if isinstance(value["case"], str) else ""
        if name in self.ids:
            self.wrong(number, f"the case {name} stands at line {self.ids[name]} already")
        elif name:
            self.ids[name] = number

    def end_case(self) -> None:
        if self.header is None:
            return
        if not self.steps and not any(problem.line >= self.opened_at for problem in self.problems):
            self.wrong(self.opened_at, f"the case {self.header['case']} has no steps")
        if not self.problems:
            header = {**self.header, "hints": tuple(self.header.get("hints", ()))}
            name = header.pop("case")
            title = header.pop("title", name)
            file = self.suite if Path(self.file).parent == BUILT_IN else self.file
            steps, source = tuple(self.steps), tuple(self.source)
            self.cases.append(Case(name, self.suite, title, steps, file=file, source=source, **header))
        self.header = None

    def check(self, number: int, value: dict[str, Any], fields: dict[str, Field], where: str) -> bool:
        sound = True
        for key, item in value.items():
            if key not in fields:
                text = f"unknown key “{key}” in {where}; it may have {', '.join(fields)}"
                self.wrong(number, text + _meant(key, fields))
                sound = False
            elif not fields[key].accepts(item):
                got = shorten(dumps(item), 60)
                self.wrong(number, f"“{key}” in {where}: expected {fields[key].expected}, got {got}")
                sound = False
        return sound

    def read_step(self, number: int, value: dict[str, Any]) -> None:
        names = [name for name in STEPS if name in value]
        if len(names) != 1:
            self.wrong(number, _no_step(value, names))
            return
        name = names[0]
        if not self.check(number, value, STEPS[name], f"the step {name}"):
            return
        if name != "expect":
            self.bound |= self.binding
            self.binding = set()
        items = value[name] if isinstance(value[name], list) else [value[name]]
        if name in ("send", "send_raw", "close") and Close() in self.steps:
            self.wrong(number, f"the input was closed before: no {name} can follow")
            return
        try:
            self.steps.append(self.step(name, value, items))
        except ValueError as error:
            self.wrong(number, str(error))

    def step(self, name: str, value: dict[str, Any], items: list[Any]) -> CaseStep:
        """The step of this name. Raises ValueError for what can't be said in it."""
        match name:
            case "send":
                return Send(tuple(self.written_out(items, value, name)))
            case "expect":
                return self.expectation(value, items)
            case "send_raw":
                return SendRaw(value[name])
            case "silence_ms":
                return Silence(value[name])
        return Close()

    def expectation(self, value: dict[str, Any], items: list[Any]) -> Expect:
        patterns = tuple(self.written_out(items, value, "expect"))
        if "$bind" in dumps(items):
            if value.get("optional"):
                raise ValueError("an optional message may not come: it can't bind a name")
            if any(_binds_beside_the_code(item["body"]) for item in items):
                raise ValueError("of an error only its ids and its code can be bound")
            self.binding |= {bound for item in patterns for bound in _bound_in(item)}
        return Expect(patterns, value.get("optional", False))

    def written_out(self, items: list[Any], step: dict[str, Any], name: str) -> list[Any]:
        """The items with the repeat done. Raises ValueError for a `$` that means nothing here."""
        turns = int(step["repeat"]) if "repeat" in step else None
        written = items if turns is None else _turns(items, turns)
        # The turns of a repeat differ in their number only: the first and the last speak for all.
        for item in written[: len(items)] + written[-len(items) :]:
            for value in _walk(item):
                self.check_dollar(value, name)
        return written

    def check_dollar(self, value: Any, step: str) -> None:
        if isinstance(value, dict):
            _check_special(value, step)
        elif isinstance(value, str) and value.startswith("$") and not value.startswith("$$"):
            if value in ("$any", "$int"):
                if step == "send":
                    raise ValueError(f"“{value}” belongs in an expect; a send needs a value")
            elif not (name := _NAME.fullmatch(value)):
                raise ValueError(f"“{value}” begins with $; write $${value[1:]} for the text itself")
            elif name[1] not in self.bound:
                raise ValueError(f"“{value}”: no earlier group binds the name {name[1]}")


def _no_step(value: dict[str, Any], names: list[str]) -> str:
    """Why an object is no step."""
    wanted = f"expected a step with exactly one of the keys {', '.join(STEPS)}"
    if names:
        return f"{wanted}; this has {' and '.join(names)}"
    for key in value:
        if meant := _meant(key, STEPS):
            return f"{wanted}; this has “{key}”{meant}"
    return f"{wanted}; this has {', '.join(f'“{key}”' for key in value) or 'none'}"


def _meant(key: str, known: Iterable[str]) -> str:
    """What somebody meant who wrote this key, if that can be told."""
    near = difflib.get_close_matches(key.lower(), list(known), 1, 0.6)
    return f"; did you mean “{near[0]}”?" if near else ""


def _check_special(value: dict[str, Any], step: str) -> None:
    """An object with `$bind` or `$times` has that one key, and says there what it must."""
    key = next((key for key in value if key in ("$bind", "$times")), None)
    if key is None:
        return
    if len(value) != 1:
        raise ValueError(f"expected nothing beside “{key}” in its object")
    if key == "$bind":
        if step == "send":
            raise ValueError("“$bind” belongs in an expect; a send can use the name, “$name”")
        if not (isinstance(value[key], str) and _NAME.fullmatch("$" + value[key])):
            raise ValueError("expected a name of letters, digits and _ under “$bind”")
    elif not _is_times(value[key]):
        raise ValueError('expected {"$times": [text, number]}')


def _is_times(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and type(value[1]) is int
        and 0 <= value[1] <= 1 << 26
    )


def _walk(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, dict):
        if "$bind" in value or "$times" in value:
            return
        for item in value.values():
            yield from _walk(item)
    elif isinstance(value, list):
        for item in value:
            yield from _walk(item)


def _binds_beside_the_code(body: dict[str, Any]) -> bool:
    """Of an error nothing else is compared, so that nothing else would be bound."""
    others = {k: v for k, v in body.items() if k not in ("type", "msg_id", "in_reply_to", "code")}
    return body.get("type") == "error" and "$bind" in dumps(others)


def _bound_in(pattern: Any) -> Iterator[str]:
    for value in _walk(pattern):
        if isinstance(value, dict) and "$bind" in value:
            yield value["$bind"]


def _turns(items: list[Any], n: int) -> list[Any]:
    """All items n times, with `$i` put in: the string "$i" alone becomes the number, else its digits.

    On the JSON text, since walking every value of a burst of thousands takes too long.
    """
    text = dumps(items)[1:-1]
    pieces = _INDEX.split(text)
    for place in range(1, len(pieces), 2):
        if pieces[place] not in ('"$i"', "$i"):  # an escaped dollar
            pieces[place - 1] += pieces[place]
            pieces[place] = ""
    turns = []
    for i in range(n):
        pieces[1::2] = [str(i) if piece else "" for piece in pieces[1::2]]
        turns.append("".join(pieces))
    return loads(f"[{','.join(turns)}]")  # type: ignore[no-any-return]
