"""Side by side: cutting parts out, laying them in rows, marking what differs; as text and as HTML."""

import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import pytest

from grader.notebook import own_or_reference, side_by_side
from grader.notebook.comparison.part_columns import ALL, ONE, PARTS, SOME, PartColumn, cut, lay, marks
from grader.notebook.exercises.lesson_files import HOMES
from grader.notebook.nodes.node_files import REFERENCE, go_file, node_file

LINES = HOMES[0] / "go" / "lines.toml"

NODE = """\
class Node:
    # --- read ---

    def run(self):
        for line in lines:

            self.dispatch(line)

    # --- drain ---
    def drain(self):
        pass


node = Node()
"""

PLAIN = """\
import sys
# --- read ---
def run():
    pass
# --- drain ---
drain = None
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Words(HTMLParser):
    """What a page shows where all styles are dropped."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_part_ends_at_the_next_mark_or_with_its_block() -> None:
    assert marks(NODE) == ["read", "drain"]
    assert cut(NODE, "read").splitlines()[0] == "def run(self):"
    assert cut(NODE, "read").endswith("\n\n        self.dispatch(line)")
    assert cut(NODE, "drain") == "def drain(self):\n    pass"
    assert cut(PLAIN, "read") == "def run():\n    pass"
    assert cut(PLAIN, "drain") == "drain = None"
    assert cut(NODE, "guard") == ""


@pytest.mark.parametrize("name", REFERENCE)
def test_the_parts_of_the_reference_are_all_that_is_marked(name: str) -> None:
    source = node_file(name).read_text("utf-8")
    assert marks(source) == list(PARTS)
    for part in PARTS:
        for line in cut(source, part).splitlines():
            assert line in source
        assert "node = Node()" not in cut(source, part)


def test_functions_that_all_have_begin_on_one_row_and_the_others_stand_between() -> None:
    one = PartColumn("a.py", ".py", "x = 1\n\ndef f():\n    1\n\ndef g():\n    2")
    two = PartColumn("b.py", ".py", "# about f\ndef f():\n    1\n\ndef h():\n    3\n\ndef g():\n    4")
    rows = [[[line.text for line in block] for block in row] for row in lay([one, two])]
    assert rows == [
        [["x = 1"], []],
        [["def f():", "    1"], ["# about f", "def f():", "    1"]],
        [[], ["def h():", "    3"]],
        [["def g():", "    2"], ["def g():", "    4"]],
    ]


def test_a_line_is_marked_by_who_else_has_it_in_its_row() -> None:
    a, b, c = (
        PartColumn(f"{n}.py", ".py", f"def f():\n    both\n    {n}\n    {t}") for n, t in ("ax", "bx", "cy")
    )
    [row] = lay([a, b, c])
    assert [line.mark for line in row[0]] == [ALL, ALL, ONE, SOME]
    assert [line.mark for line in row[2]] == [ALL, ALL, ONE, ONE]


def test_another_language_is_not_compared() -> None:
    go = PartColumn("n.go", ".go", "func (n *Node) f() {\n}")
    rows = lay([PartColumn("a.py", ".py", "def f():\n    1"), go])
    assert len(rows) == 1
    assert {line.mark for block in rows[0] for line in block} == {ALL}


@pytest.mark.parametrize("part", PARTS)
def test_every_line_of_the_files_is_shown_in_text_and_in_html_without_styles(part: str) -> None:
    shown = side_by_side(part, go=True)
    words = Words(shown.html).text
    for path in [*map(node_file, REFERENCE), go_file()]:
        for line in cut(path.read_text("utf-8"), part).splitlines():
            assert line.expandtabs(4) in shown.text
            assert line.expandtabs(4) in words
    assert "<script" not in shown.html
    assert "class=" not in shown.html


def test_columns_if_they_fit_else_one_below_the_other() -> None:
    wide, narrow = side_by_side("drain", width=400), side_by_side("drain")
    first = wide.text.splitlines()[0]
    assert [name for name in REFERENCE if name in first] == list(REFERENCE)
    assert first.count("│") == 2
    assert "── with_asyncio.py: drain ──" in narrow.text
    assert max(map(len, narrow.text.splitlines())) <= 100


def test_one_function_of_a_part() -> None:
    shown = side_by_side("guard.end_turn")
    assert shown.text.count("def end_turn(") == 3
    assert shown.text.count("    def ") == shown.text.count("def resume") == 0
    assert "── with_asyncio.py: guard.end_turn ──" in shown.text
    alone = side_by_side("dispatch.start")
    assert "eager_start" in alone.text
    assert alone.html.count("nothing here") == 2
    assert side_by_side("guard.sing").text == "There is no function sing in guard."


def test_what_is_the_same_is_not_marked_and_said_so() -> None:
    shown = side_by_side("init")
    assert shown.text.splitlines()[-1] == "the same in all"
    assert not re.search(r"^[~+]", shown.text, re.M)
    assert re.search(r"^\+", side_by_side("guard").text, re.M)


def test_it_works_for_any_number_of_files_of_ones_own(here: Path) -> None:
    (here / "my_node.py").write_text(NODE)
    (here / "other.py").write_text(PLAIN)
    assert "def run(self):" in side_by_side("read", "my_node.py").text
    assert "+ def run():" in side_by_side("read", "my_node.py", "other.py").text
    assert "with_queues.py" in side_by_side("read", "my_node.py", "with_queues.py").text


def test_what_cannot_be_shown_is_said_in_one_line(here: Path) -> None:
    (here / "bare.py").write_text("print()\n")
    (here / "some.py").write_text(PLAIN)
    assert side_by_side("raed").text == f"There is no part raed; a node has {', '.join(PARTS)}."
    assert side_by_side("read", "nowhere.py").text.startswith("nowhere.py: no such file")
    bare = 'bare.py: it has no marks; put the line "# --- read ---" above what belongs to read.'
    assert side_by_side("read", "bare.py").text == bare
    assert side_by_side("read", "bare.py", "some.py").text.endswith(bare)
    assert "it has marks for read, drain; " in side_by_side("guard", "some.py").text


def test_own_files_where_they_are_else_the_reference(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "my_asyncio.py").write_text(NODE)
    assert own_or_reference() == ["with_threads.py", "my_asyncio.py", "with_queues.py"]
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in said] == ["my_threads.py", "my_queues.py"]


def test_the_reference_is_read_and_never_imported() -> None:
    import subprocess
    import sys

    code = "import sys; from grader.notebook import *; side_by_side('read'); print('reference' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# The node in Go


def test_the_go_node_has_the_six_parts_in_order() -> None:
    assert [mark for mark in marks(go_file().read_text("utf-8")) if mark in PARTS] == list(PARTS)


def test_each_line_that_corresponds_is_exactly_one_line_of_its_part() -> None:
    alike = tomllib.loads(LINES.read_text("utf-8"))
    assert set(alike) == set(PARTS)
    for part, each in ((part, each) for part, entries in alike.items() for each in entries):
        assert set(each) == {"says", "node.go", *REFERENCE}
        for path in [*map(node_file, REFERENCE), go_file()]:
            lines = cut(path.read_text("utf-8"), part).splitlines()
            found = [line for line in lines if line.strip().startswith(each[path.name])]
            assert len(found) == 1, (part, path.name, each[path.name])


@pytest.mark.parametrize("part", PARTS)
def test_numbers_stand_beside_the_lines_that_correspond(part: str) -> None:
    alike = tomllib.loads(LINES.read_text("utf-8"))[part]
    text = side_by_side(part, go=True).text
    assert "①" not in side_by_side(part).text
    for sign, each in zip("①②③④", alike, strict=False):
        assert len(re.findall(rf"^.{sign} ", text, re.M)) == 4
        assert f"{sign} {each['says']}" in text
