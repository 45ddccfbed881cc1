"""What a run has written to a datum: anew for each message, or the value that it had. Pure functions."""

from grader.explorer.diagnosis.wording import is_reader
from grader.explorer.trace.model import Run, Step


def is_set_for_each_message(run: Run, datum: int) -> bool:
    """Whether who reads puts something else there for each message, and nobody else puts anything there."""
    writes = [step for step in run.steps if (step.op, step.datum) == ("write", datum)]
    served = {step.handler for step in writes if step.handler is not None}
    return len(served) > 1 and all(is_reader(run, step.worker) for step in writes)


def set_to_itself(run: Run) -> Step | None:
    """Where a handler gave a number that handlers count with the value that it had."""
    counted: set[int] = set()
    for step in run.steps:
        if step.op == "write" and step.handler is not None and step.written.isdigit():
            if step.value == step.written and step.datum in counted:
                return step
            counted.add(step.datum)
    return None
