"""What a notebook needs of the kit: talk to a node, predict, grade, check an exercise, ask for a hint.

Nothing heavy is imported here; what runs or grades a node is loaded when it is first used.
"""

from grader.notebook.ceding import marked, numbered, watch
from grader.notebook.drawing import diagram
from grader.notebook.exercises import answer, check, grade
from grader.notebook.flood import flooded
from grader.notebook.hints import hint
from grader.notebook.kernel import arrange
from grader.notebook.locks import guarded
from grader.notebook.mutants import told_apart
from grader.notebook.paper import arranged, shuffled
from grader.notebook.parts import begin, part
from grader.notebook.predictions import predict, predicted
from grader.notebook.shell import command
from grader.notebook.spacetime_diagram import spacetime
from grader.notebook.talking import talk

__all__ = [
    "answer",
    "arranged",
    "begin",
    "check",
    "command",
    "diagram",
    "flooded",
    "grade",
    "guarded",
    "hint",
    "marked",
    "numbered",
    "part",
    "predict",
    "predicted",
    "shuffled",
    "spacetime",
    "talk",
    "told_apart",
    "watch",
]

arrange()  # the one thing done here: a notebook's first cell imports from this module, and then it must be done
