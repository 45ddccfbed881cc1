"""What the grader does in order to look at a node is not told as if the node had done it."""

from dataclasses import replace
from pathlib import Path

from grader.cases.model import Case
from grader.checks.findings import Cause, Finding
from grader.conversation.submission import Submission
from grader.conversation.thread_dumps import LOOKED, ROW, STOOD
from grader.conversation.transcript import Event
from grader.grading.results import Result
from grader.grading.told import as_told

COPY = Path("/tmp/grader-run-x/work/ada")
NODE = Submission("node.py", ("python", f"{COPY}/node.py"), COPY, original=Path("/home/ada"))
TRACE = f'  File "{COPY}/node.py", line 7'
RESULT = Result(
    Case("held", "rpc", "Held", ()),
    "failed",
    (
        Finding(
            "crashed", f"{TRACE} in f", 1, actual=f"at main ({COPY}/wire.js:3:1)", stands=(TRACE,),
            cause=Cause("exception", f"file://{COPY}/node.mjs", f"{COPY}/node.py", 7),
        ),
    ),
    tuple(
        Event(n, 0.0, "err", line) for n, line in enumerate((TRACE, LOOKED, f"{ROW}{{'who': 'main'}}", STOOD))
    ),
)  # fmt: skip


def test_where_the_node_stood_is_no_line_of_its_own() -> None:
    assert [event.line for event in as_told(RESULT, replace(NODE, original=None)).transcript] == [TRACE]


def test_a_file_of_the_copy_is_named_as_in_the_submission() -> None:
    told = as_told(RESULT, NODE)
    [finding] = told.findings
    assert [event.line for event in told.transcript] == ['  File "node.py", line 7']
    assert (finding.message, finding.actual) == ('  File "node.py", line 7 in f', "at main (wire.js:3:1)")
    assert finding.stands == ('  File "node.py", line 7',)
    assert finding.cause == Cause("exception", "node.mjs", "node.py", 7)
    assert str(COPY) not in repr(told)
