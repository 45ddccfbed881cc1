"""What a case file says that cannot be meant: told by line. All shipped suites mean what they say."""

import pytest

from grader.cases.meaning import doubtful
from grader.cases.parser import built_in_names, load, parse

HEADER = '{"case": "mine", "title": "Mine"}'
INIT = (
    '{"send": {"src": "c0", "dest": "n1", "body": '
    '{"type": "init", "msg_id": 1, "node_id": "n1", "node_ids": ["n1"]}}}'
)


def echo(msg_id: int, src: str = "c1") -> str:
    return f'{{"src": "{src}", "dest": "n1", "body": {{"type": "echo", "msg_id": {msg_id}, "echo": "x"}}}}'


def echoed(msg_id: int, dest: str = "c1") -> str:
    body = f'{{"type": "echo_ok", "in_reply_to": {msg_id}, "echo": "x"}}'
    return f'{{"expect": {{"src": "n1", "dest": "{dest}", "body": {body}}}}}'


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([INIT, f'{{"send": {echo(1)}}}', echoed(1)], []),
        ([f'{{"send": {echo(1)}}}', echoed(1)], ["1: the case mine begins without init"]),
        ([INIT, f'{{"send": {echo(1)}}}', echoed(2)], ["4: a reply to c1 with in_reply_to 2"]),
        ([INIT, echoed(1)], ["3: a reply to c1 with in_reply_to 1"]),
        (
            [INIT, '{"expect": {"src": "n1", "dest": "n2", "body": {"type": "echo", "msg_id": 1}}}'],
            ['3: nothing was sent that makes a node write "echo"'],
        ),
        ([INIT, f'{{"send": [{echo(1)}, {echo(1)}]}}'], ["3: c1 has two requests with the msg_id 1"]),
        (
            [INIT, f'{{"send": {echo(1)}}}', echoed(1), f'{{"send": {echo(1)}}}', echoed(1)],
            ["5: c1 has two requests with the msg_id 1"],
        ),
        ([INIT, f'{{"send": [{echo(1)}, {echo(1, "c2")}]}}'], []),
        ([INIT, f'{{"send": {echo(1, "c0")}}}'], ["3: c0 has two requests with the msg_id 1"]),
    ],
)
def test_what_cannot_be_meant_is_told_by_line(steps: list[str], told: list[str]) -> None:
    lines = [HEADER, *steps]
    problems = [
        f"{one.line}: {one.text}" for one in doubtful(parse("\n".join(lines), "mine", "f").cases, lines, "f")
    ]
    assert len(problems) == len(told), problems
    assert all(problem.startswith(start) for problem, start in zip(problems, told, strict=True)), problems


@pytest.mark.parametrize("name", built_in_names())
def test_the_shipped_suites_mean_what_they_say(name: str) -> None:
    suite = load(name)
    lines = [line for case in suite.cases for line in case.source]
    assert list(doubtful(suite.cases, lines, name)) == []
