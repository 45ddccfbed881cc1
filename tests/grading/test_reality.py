"""Where no schedule passes and a real run does, nobody is accused."""

from pathlib import Path

from grader.cases.select import select
from grader.conversation.submission import from_file
from grader.explorer.coverage import Explored
from grader.explorer.search.engine import Searched
from grader.grading.reality import OURS, Reality
from tests.explorer.races import RACES
from tests.explorer.recordings import load

[START] = select(["interleaving"], ["start"])
SILENT = "import sys\nfor line in sys.stdin: pass\n"


def searched(*, none_passes: bool) -> Searched:
    explored = Explored(complete_to=0, schedules=3, stopped="found")
    return Searched(START, explored, load("global_ids"), (), 0.0, None, none_passes)


def test_a_node_that_passes_for_real_is_not_accused() -> None:
    reality = Reality(from_file(str(RACES / "right" / "actor.py")))
    told = reality.confirmed(searched(none_passes=True))
    assert told.found is None
    assert told.explored.escaped == (OURS,)
    assert told.explored.complete_to == -1


def test_a_node_of_which_a_schedule_passes_is_not_run() -> None:
    one = searched(none_passes=False)
    assert Reality(from_file(str(RACES / "right" / "actor.py"))).confirmed(one) is one


def test_a_node_that_fails_for_real_is_accused_and_not_run_again(tmp_path: Path) -> None:
    file = tmp_path / "node.py"
    file.write_text(SILENT, "utf-8")
    reality, one = Reality(from_file(str(file))), searched(none_passes=True)
    assert reality.confirmed(one) is one
    file.write_text((RACES / "right" / "actor.py").read_text("utf-8"), "utf-8")
    assert reality.confirmed(one) is one
