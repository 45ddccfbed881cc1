"""JSON by value: what is the same and what is not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.protocol.json_values import is_integer, loads, same, shorten

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_a_value_is_the_same_however_it_is_written(value: object) -> None:
    compact = json.dumps(value, separators=(",", ":"), sort_keys=True)
    escaped = json.dumps(value, ensure_ascii=True, indent=1)
    assert same(loads(compact), loads(escaped))


scalars = st.none() | st.booleans() | st.integers(-1, 2) | st.sampled_from(["", "0", "1", "true", "null"])


@given(scalars, scalars)
def test_of_simple_values_only_equal_ones_of_one_kind_are_the_same(a: object, b: object) -> None:
    assert same(a, b) == (type(a) is type(b) and a == b)
    assert same([a], [b]) == same(a, b)


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        ("3", "3.0", True),
        ("0.0", "-0.0", True),
        ("1", "true", False),
        ("0", "false", False),
        ("null", "false", False),
        ("9007199254740993", "9007199254740992", False),
        ("0.1", "0.10000000000000001", True),
        ("0.1", "0.2", False),
        ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}', True),
        ("[1, 2]", "[2, 1]", False),
        ('"\\u00fc"', '"ü"', True),
        ('"1"', "1", False),
        ("[]", "{}", False),
        ("[[1]]", "[1]", False),
    ],
)
def test_examples(a: str, b: str, equal: bool) -> None:
    assert same(loads(a), loads(b)) is equal


@pytest.mark.parametrize("text", ["NaN", "Infinity", "[-Infinity]", "", "{", "'a'", "[" * 100_000])
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        loads(text)


@pytest.mark.parametrize(
    ("value", "integer"), [(3, True), (3.0, True), (3.5, False), (True, False), ("3", False)]
)
def test_integers(value: object, integer: bool) -> None:
    assert is_integer(value) is integer


@given(st.text(max_size=300), st.integers(60, 200))
def test_shortened_text_fits_and_says_so(text: str, width: int) -> None:
    short = shorten(text, width)
    assert len(short) <= width
    assert short == text or "more characters" in short
