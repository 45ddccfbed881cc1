"""What a notebook needs of the kit: talk to a node, predict, grade, check an exercise, ask for a hint.

Nothing heavy is imported here; what runs or grades a node is loaded when it is first used.
"""

from grader.notebook.betting import bet, settle
from grader.notebook.comparison import compare, same_conversation
from grader.notebook.drawing import diagram
from grader.notebook.exercises import answer, check, grade
from grader.notebook.gonode import grade_go
from grader.notebook.hints import hint
from grader.notebook.kernel import arrange
from grader.notebook.locks import guarded
from grader.notebook.measuring import exchange
from grader.notebook.nodefiles import own_or_reference
from grader.notebook.paper import arranged, reasoned, shuffled
from grader.notebook.parts import begin, part
from grader.notebook.predictions import predict, predicted
from grader.notebook.shell import command
from grader.notebook.sidebyside import side_by_side
from grader.notebook.spacetime_diagram import spacetime
from grader.notebook.talking import talk

__all__ = [
    "answer",
    "arranged",
    "begin",
    "bet",
    "check",
    "command",
    "compare",
    "diagram",
    "exchange",
    "grade",
    "grade_go",
    "guarded",
    "hint",
    "own_or_reference",
    "part",
    "predict",
    "predicted",
    "reasoned",
    "same_conversation",
    "settle",
    "shuffled",
    "side_by_side",
    "spacetime",
    "talk",
]

arrange()
