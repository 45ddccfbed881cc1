"""Case files: what is read, and what is said of one that is broken."""

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.cases import schema
from grader.cases.model import Close, Expect, Send, SendRaw, Silence
from grader.cases.parser import BUILT_IN, CaseFileError, built_in_names, load, parse
from grader.cases.rename import rename
from grader.protocol.json_values import dumps

ECHO = '{"src": "c1", "dest": "n1", "body": {"type": "echo", "msg_id": 1, "echo": "x"}}'
SCHEMA = json.loads((Path(schema.__file__).parent / "case.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)


def problems(*lines: str) -> list[str]:
    with pytest.raises(CaseFileError) as caught:
        parse("\n".join(lines), "mine", "mine.jsonl")
    return [str(problem) for problem in caught.value.problems]


def test_a_case_becomes_typed_data() -> None:
    suite = parse(
        "\n".join(
            [
                '{"case": "a", "title": "T", "timeout_ms": 70, "points": 2, "lesson": "07", "hints": ["h"],'
                ' "order": "exact", "msg_ids": "ignored", "match": "subset"}',
                f'{{"send": {ECHO}}}',
                '{"send_raw": "half a li"}',
                '{"silence_ms": 5}',
                '{"close": "stdin"}',
                f'{{"expect": [{ECHO}], "optional": true}}',
            ]
        ),
        "mine",
        "mine.jsonl",
    )
    (case,) = suite.cases
    assert (case.id, case.suite, case.title, case.timeout_ms, case.points) == ("a", "mine", "T", 70, 2)
    assert (case.lesson, case.hints) == ("07", ("h",))
    assert (case.order, case.msg_ids, case.match) == ("exact", "ignored", "subset")
    message = json.loads(ECHO)
    assert case.steps == (
        Send((message,)),
        SendRaw("half a li"),
        Silence(5),
        Close(),
        Expect((message,), optional=True),
    )


def test_a_header_has_defaults() -> None:
    (case,) = parse('{"case": "a"}\n{"close": "stdin"}\n', "mine", "mine.jsonl").cases
    assert (case.timeout_ms, case.points, case.order, case.msg_ids, case.match) == (
        5000,
        1,
        "any",
        "unique",
        "exact",
    )
    assert case.title == "a"


def test_a_repeat_puts_in_the_number() -> None:
    step = {
        "expect": [
            {"src": "c$i", "dest": "n1", "body": {"n": "$i", "t": "$$i", "in": "$ix", "b": {"$bind": "m$i"}}}
        ],
        "repeat": 2,
    }
    use = {"send": {"src": "c1", "dest": "n1", "body": {"in_reply_to": "$m$i"}}, "repeat": 2}
    lines = ['{"case": "a"}', json.dumps(step).replace("$ix", "x $ix"), json.dumps(use)]
    (case,) = parse("\n".join(lines), "mine", "mine.jsonl").cases
    expect, send = case.steps
    assert isinstance(expect, Expect)
    assert isinstance(send, Send)
    assert [p["src"] for p in expect.patterns] == ["c0", "c1"]
    assert expect.patterns[1]["body"] == {"n": 1, "t": "$$i", "in": "x $ix", "b": {"$bind": "m1"}}
    assert [m["body"]["in_reply_to"] for m in send.messages] == ["$m0", "$m1"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nonsense", "mine.jsonl:2: expected one JSON object a line"),
        ("[]", "mine.jsonl:2: expected a JSON object"),
        ('{"sent": {}}', "expected a step with exactly one of the keys send, send_raw, expect"),
        ('{"send": {}, "expect": {}}', "exactly one of the keys"),
        ('{"send": {"src": "c1"}}', "“send” in the step send: expected a message {src, dest, body}"),
        ('{"send": []}', "expected a message"),
        ('{"send_raw": 3}', "“send_raw” in the step send_raw: expected a text, got 3"),
        ('{"silence_ms": 0}', "expected a number of milliseconds above 0"),
        ('{"close": "stdout"}', "expected one of stdin"),
        ('{"close": "stdin", "why": 1}', "unknown key “why” in the step close"),
        (f'{{"send": {ECHO}, "repeat": 0}}', "expected a whole number from 1 to"),
        ('{"expect": {"body": {"x": "$y"}}}', "“$y”: no earlier group binds the name y"),
        ('{"expect": {"body": {"x": {"$bind": "a"}}}, "optional": true}', "it can't bind a name"),
        ('{"expect": {"body": {"type": "error", "text": {"$bind": "a"}}}}', "only its ids and its code"),
        ('{"expect": {"body": {"x": "$5"}}}', "write $$5 for the text itself"),
        ('{"send": {"src": "c", "dest": "n", "body": {"x": "$any"}}}', "“$any” belongs in an expect"),
        ('{"expect": {"body": {"x": {"$times": [1, 2]}}}}', 'expected {"$times": [text, number]}'),
        ('{"expect": {"body": {"x": {"$bind": "a", "b": 1}}}}', "expected nothing beside “$bind”"),
        (
            '{"case": "b", "order": "sorted"}',
            "“order” in a case's header: expected one of exact, per_client, any",
        ),
        ('{"case": "b", "timeout": 3}', "unknown key “timeout” in a case's header; it may have case, title"),
        ('{"case": "a"}', "the case a stands at line 1 already"),
        ('{"case": "b c"}', "expected an identifier"),
    ],
)
def test_a_problem_names_the_line_and_what_was_expected(line: str, said: str) -> None:
    found = problems('{"case": "a"}', line, '{"close": "stdin"}')
    assert any(said in text and text.startswith("mine.jsonl:2: ") for text in found), found


def test_all_problems_are_told_in_the_order_of_the_lines() -> None:
    found = problems('{"case": "a"}', "x", '{"close": 1}', '{"case": "b"}')
    assert [text.split(":")[1] for text in found] == ["2", "3", "4"]


@pytest.mark.parametrize("line", [f'{{"send": {ECHO}}}', '{"send_raw": "x"}', '{"close": "stdin"}'])
def test_nothing_can_be_sent_after_the_end_of_input(line: str) -> None:
    found = problems('{"case": "a"}', '{"close": "stdin"}', '{"silence_ms": 1}', line)
    assert [text.split(":")[1] for text in found] == ["4"]
    assert "the input was closed before" in found[0]
    parse("\n".join(['{"case": "a"}', '{"close": "stdin"}', '{"case": "b"}', line]), "mine", "mine.jsonl")


def test_a_name_can_be_used_only_after_its_group() -> None:
    lines = [
        '{"case": "a"}',
        '{"expect": {"body": {"x": {"$bind": "m"}}}}',
        '{"expect": {"body": {"x": "$m"}}}',
    ]
    assert "no earlier group binds the name m" in problems(*lines)[0]
    parse("\n".join([*lines[:2], '{"silence_ms": 1}', lines[2]]), "mine", "mine.jsonl")


def test_a_step_before_any_header_and_an_empty_file() -> None:
    assert "expected a case's header first" in problems('{"close": "stdin"}')[0]
    assert "expected a case" in problems("")[0]
    assert "has no steps" in problems('{"case": "a"}')[0]


def test_a_missing_file_says_what_could_stand_there(tmp_path: Path) -> None:
    with pytest.raises(CaseFileError, match=r"async-handler.*No such file"):
        load(tmp_path / "none.jsonl")


@pytest.mark.parametrize("name", built_in_names())
def test_built_in_suites_are_sound_and_keep_to_what_every_language_can_carry(name: str) -> None:
    suite = load(name)
    assert suite.name == name
    for case in suite.cases:
        assert case.title != case.id, f"{case.id} has no title"
        assert case.hints, f"{case.id} has no hints"
        assert case.lesson, f"{case.id} has no lesson"
    text = (BUILT_IN / f"{name}.jsonl").read_text("utf-8")
    for line in text.rstrip("\n").split("\n"):
        VALIDATOR.validate(json.loads(line))
        json.loads(line, object_pairs_hook=_no_key_twice, parse_int=_safe_int)


def _no_key_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    assert len(dict(pairs)) == len(pairs), pairs
    return dict(pairs)


def _safe_int(text: str) -> int:
    assert abs(int(text)) <= 2**53
    return int(text)


def test_no_two_built_in_cases_have_the_same_id() -> None:
    ids = [case.id for name in built_in_names() for case in load(name).cases]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_built_in_clients_never_use_a_msg_id_for_two_requests(seed: int) -> None:
    """A request is known by its sender and msg_id: a node may take a second one for a repeat."""
    for case in (case for name in built_in_names() for case in load(name).cases):
        sent = [m for step in rename(case, seed).steps if isinstance(step, Send) for m in step.messages]
        requests = [m for m in sent if "in_reply_to" not in m["body"] and "msg_id" in m["body"]]
        keys = [(m["src"], dumps(m["body"]["msg_id"])) for m in requests]
        assert len(keys) == len(set(keys)), case.id


def test_the_published_schema_is_the_one_of_the_table() -> None:
    assert schema.schema() == SCHEMA


lines = st.fixed_dictionaries(
    {},
    optional={
        "case": st.sampled_from(["a", "a b", 3]),
        "title": st.sampled_from(["t", 1]),
        "timeout_ms": st.sampled_from([1, 0, "1"]),
        "points": st.sampled_from([0, -1]),
        "hints": st.sampled_from([["h"], [""], "h"]),
        "order": st.sampled_from(["any", "none"]),
        "send": st.sampled_from([json.loads(ECHO), [json.loads(ECHO)], [], {"src": "c1"}]),
        "expect": st.sampled_from([{"body": {}}, [], {"dest": "n1"}, {"body": {}, "scr": 1}]),
        "send_raw": st.sampled_from(["x", 1]),
        "optional": st.sampled_from([True, 1]),
        "repeat": st.sampled_from([1, 0, 1.5, "1"]),
        "silence_ms": st.sampled_from([5, 0, True]),
        "close": st.sampled_from(["stdin", "stdout"]),
    },
)


@given(lines)
def test_parser_and_schema_agree(line: dict[str, object]) -> None:
    by_schema = jsonschema.Draft202012Validator(SCHEMA).is_valid(line)
    text = json.dumps(line)
    whole = f'{text}\n{{"close": "stdin"}}' if "case" in line else f'{{"case": "a"}}\n{text}'
    try:
        parse(whole, "mine", "mine.jsonl")
    except CaseFileError:
        assert not by_schema, line
    else:
        assert by_schema, line
