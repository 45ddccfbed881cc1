"""What a notebook needs of the kit: talk to a node, predict, grade, check an exercise, ask for a hint.

Nothing heavy is imported here; what runs or grades a node is loaded when it is first used.
"""

from grader.diagrams.diagram import spacetime
from grader.notebook.comparison.asking import exchange
from grader.notebook.comparison.compare import compare, same_conversation
from grader.notebook.comparison.flood import flooded
from grader.notebook.comparison.side_by_side import side_by_side
from grader.notebook.course.anew import reset, solution
from grader.notebook.course.glossary import glossary
from grader.notebook.course.progress import course, progress
from grader.notebook.course.setting_up import lesson
from grader.notebook.exercises.betting import bet, settle
from grader.notebook.exercises.board import board
from grader.notebook.exercises.ceding import marked, numbered, watch
from grader.notebook.exercises.claims import breaks, defended, sentence, sentences
from grader.notebook.exercises.crowds import crowds, jams
from grader.notebook.exercises.grading import answer, check, grade
from grader.notebook.exercises.hints import hint
from grader.notebook.exercises.keeping import keep
from grader.notebook.exercises.lock_table import guarded
from grader.notebook.exercises.mutants import catches, told_apart, withstands
from grader.notebook.exercises.paper import arranged, reasoned, shuffled
from grader.notebook.exercises.planted import planted
from grader.notebook.exercises.predictions import predict, predicted, revealed
from grader.notebook.exercises.schedules import points_to, reaches, unbreakable
from grader.notebook.kernel import arrange
from grader.notebook.nodes.at_the_seat import seat
from grader.notebook.nodes.drawing import diagram
from grader.notebook.nodes.go_node import grade_go
from grader.notebook.nodes.listing import listing
from grader.notebook.nodes.node_files import own_or_reference
from grader.notebook.nodes.parts import begin, part
from grader.notebook.nodes.raced import race
from grader.notebook.nodes.talking import talk
from grader.notebook.shell import command

__all__ = [
    "answer",
    "arranged",
    "begin",
    "bet",
    "board",
    "breaks",
    "catches",
    "check",
    "command",
    "compare",
    "course",
    "crowds",
    "defended",
    "diagram",
    "exchange",
    "flooded",
    "glossary",
    "grade",
    "grade_go",
    "guarded",
    "hint",
    "jams",
    "keep",
    "lesson",
    "listing",
    "marked",
    "numbered",
    "own_or_reference",
    "part",
    "planted",
    "points_to",
    "predict",
    "predicted",
    "progress",
    "race",
    "reaches",
    "reasoned",
    "reset",
    "revealed",
    "same_conversation",
    "seat",
    "sentence",
    "sentences",
    "settle",
    "shuffled",
    "side_by_side",
    "solution",
    "spacetime",
    "talk",
    "told_apart",
    "unbreakable",
    "watch",
    "withstands",
]

arrange()  # the one thing done here: a notebook's first cell imports from this module, and then it must be done
