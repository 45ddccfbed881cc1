"""What a notebook needs of the kit: talk to a node, predict, grade, check an exercise, ask for a hint.

Nothing heavy is imported here; what runs or grades a node is loaded when it is first used.
"""

from grader.notebook.betting import bet, settle
from grader.notebook.ceding import marked, numbered, watch
from grader.notebook.comparison import compare, same_conversation
from grader.notebook.drawing import diagram
from grader.notebook.exercises import answer, check, grade
from grader.notebook.flood import flooded
from grader.notebook.gonode import grade_go
from grader.notebook.hints import hint
from grader.notebook.kernel import arrange
from grader.notebook.locks import guarded
from grader.notebook.measuring import exchange
from grader.notebook.mutants import told_apart
from grader.notebook.nodefiles import own_or_reference
from grader.notebook.paper import arranged, reasoned, shuffled
from grader.notebook.parts import begin, part
from grader.notebook.predictions import predict, predicted
from grader.notebook.shell import command
from grader.notebook.sidebyside import side_by_side
from grader.notebook.talking import talk
from grader.spacetime.diagram import spacetime

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
    "flooded",
    "grade",
    "grade_go",
    "guarded",
    "hint",
    "marked",
    "numbered",
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
    "told_apart",
    "watch",
]

arrange()  # the one thing done here: a notebook's first cell imports from this module, and then it must be done
