"""All runs of a search go on from one start of the node's; what a start leaves behind is made by each run."""

from pathlib import Path

import pytest

from tests.explorer.nodes import AT_ONCE, GUARDED, THREAD, write_node
from tests.explorer.search.test_engine import within
from tests.explorer.test_race import explore

SEARCH = """
from grader.explorer.search import engine, starting
from grader.explorer.search.starting import search_from_one_start

starts, count = originals.pipe()
run = program.run
def counted():
    originals.write(count, b"1")
    run()
type(program).run = lambda self: counted()

told, telling = originals.pipe()
def found():
    cases = [case("two-echoes"), case("start")]
    searched = engine.search(program, cases, 60, top=1)
    return sorted((s.case.id, s.explored.complete_to, s.explored.schedules) for s in searched)
"""


def test_it_is_made_once_and_covers_the_same(tmp_path: Path) -> None:
    code = """
def search():
    originals.write(telling, json.dumps(found()).encode())

started = search_from_one_start(program, search, originals.pipe()[0])
once = len(originals.read(starts, 1 << 16))
known = json.loads(originals.read(told, 1 << 16))
anew = json.loads(json.dumps(found()))
tell([started, once, known, anew, len(originals.read(starts, 1 << 16))])
"""
    with within(write_node(tmp_path, GUARDED, THREAD), SEARCH + code) as (_, said):
        started, once, known, anew, starts = said
    assert started
    assert once == 1
    assert known == anew
    assert starts > len(known)


@pytest.mark.parametrize(
    "start", ["import ctypes; ctypes.CDLL(None).abort()", "sum(range(10**13))"], ids=["ends", "is stuck"]
)
def test_nothing_comes_of_a_start_that_is_never_over(tmp_path: Path, start: str) -> None:
    node = write_node(tmp_path, GUARDED, THREAD)
    text = Path(node).read_text("utf-8")
    Path(node).write_text(f"{start}\n{text}", "utf-8")
    code = 'tell(search_from_one_start(program, lambda: tell("started"), originals.pipe()[0]))'
    with within(node, SEARCH + code) as (process, said):
        assert said is False
        assert process.children() == []


@pytest.mark.parametrize(
    "reset",
    ["open(COUNT, 'w').close()", "os.close(os.open(COUNT, os.O_CREAT | os.O_TRUNC | os.O_WRONLY))",
     "with contextlib.suppress(OSError): os.remove(COUNT)", "io.FileIO(COUNT, 'w').close()"],
    ids=["open", "os.open", "os.remove", "FileIO"],
)  # fmt: skip
def test_files_that_a_start_makes_anew_are_new_in_each_run(tmp_path: Path, reset: str) -> None:
    send = f"""
import contextlib, io, os

COUNT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "count")
{reset}

def send(dest, body):
    with open(COUNT, "a+") as file:
        file.write("x")
        write(dest, {{**body, "msg_id": file.tell()}})
"""
    [result] = explore(write_node(tmp_path, send, AT_ONCE), "start")
    assert result.status == "passed", result.note
