"""A learner's own cases against nodes with one known bug each: do they tell them from the right ones?"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

from grader.notebook.exercises.lesson_files import LESSONS
from grader.notebook.exercises.lesson_files import load as load_lesson_file
from grader.notebook.exercises.outcomes import NotPlayed, Played, in_cases, in_schedules
from grader.notebook.exercises.paper import Judged
from grader.notebook.exercises.planted import right_ones
from grader.notebook.nodes.node_files import REFERENCE, NoSuchNode, node_file


def told_apart(ex: str, suite: str, nodes: Mapping[str, Sequence[str]]) -> Judged:
    """Whether the cases of this file pass with the right node and fail with each of the others.

    `nodes` are commands by name; which of them is right is known for each exercise, and not shown in the
    notebook. What each node did is said in a line.
    """
    right = load_lesson_file(f"{LESSONS}/puzzles.toml")[ex]["right"]
    return judged_apart(suite, nodes, right)


def judged_apart(suite: str, nodes: Mapping[str, Sequence[str]], right: str) -> Judged:
    """The same, for a node that is known to be right."""
    from grader.cases.parser import CaseFileError, load
    from grader.conversation.submission import NotGradable
    from grader.grading.submitting import submit

    def outcome(command: Sequence[str]) -> str:
        grade = submit(command, [suite])
        codes = [result.findings[0].code for result in grade.results if result.findings]
        return ", ".join(codes) or "passed"

    try:
        load(suite)
        with ThreadPoolExecutor() as pool:
            outcomes = dict(zip(nodes, pool.map(outcome, nodes.values()), strict=True))
    except (CaseFileError, NotGradable) as refusal:
        return Judged(False, str(refusal))
    ok = all((came == "passed") == (name == right) for name, came in outcomes.items())
    return Judged(ok, "\n".join(f"{name}: {came}" for name, came in outcomes.items()))


def catches(suite: str, *mutants: str, schedules: bool = False, ex: str = "") -> Judged:
    """Whether the cases of this file catch each of these nodes, and accuse none that is right.

    Right are the reference's three; with `ex`, an exercise with a job of its own, those that do this job.
    Each case is one conversation; with `schedules` it is a workload, run in all schedules. Where a node
    survives, the right ones are left alone: what catches nobody needs no defence.
    """
    with right_ones(ex) if ex else nullcontext() as right:
        return caught(suite, mutants, schedules, right)[0]


def caught(
    suite: str, mutants: Sequence[str], schedules: bool, right: Mapping[str, str] | None = None
) -> tuple[Judged, dict[str, Played]]:
    """The same, and what came of each of these nodes. `right` are files, by the names that are shown."""
    came: dict[str, Played] = {}
    try:
        came = _outcomes(suite, mutants, schedules)
        lines = [f"{name}: {outcome}" for name, outcome in came.items()]
        if survivors := [name for name, outcome in came.items() if not outcome.code]:
            return Judged(False, "\n".join([*lines, *_of_survivors(survivors, came, schedules)])), came
        accused = accusations(suite, schedules, right)
    except NotPlayed as refusal:
        return Judged(False, str(refusal)), came
    lines += [f"{name}, which is right: {outcome.code or 'not accused'}" for name, outcome in accused.items()]
    ok = not any(outcome.code for outcome in accused.values())
    if not ok:
        lines += _of_accused(accused)
    return Judged(ok, "\n".join(lines)), came


def _of_survivors(survivors: Sequence[str], came: Mapping[str, Played], schedules: bool) -> Iterator[str]:
    """What to do where nodes survive; and how far the explorer came, which may not have been to the end."""
    they = " and ".join(survivors)
    if schedules:
        yield from (f"{name}: {came[name].note}" for name in survivors)
        yield f"None of these schedules shows what {they} does wrong. Which two of its threads must be"
        yield "at work at once? Send in one list what sets both to work; what both then write you expect in"
        yield "one list, too."
        return
    do = "does it" if len(survivors) == 1 else "do they"
    yield f"{they} answered as a right node does. What {do} do wrong, and to whom? Ask for just that,"
    yield "and expect what a right node would answer."


def _of_accused(accused: Mapping[str, Played]) -> Iterator[str]:
    """What is held against a node that is right, in words: there the case expects too much."""
    name, outcome = next((name, outcome) for name, outcome in accused.items() if outcome.code)
    result = outcome.failed[0]
    finding = result.findings[0]
    yield f"A right node is accused. Your case {result.case.id!r} says of {name}: {finding.message}"
    if finding.expected:
        yield from (f"You expect   {line}" for line in finding.expected.splitlines()[:3])
        yield from (f"and it says  {line}" for line in finding.actual.splitlines()[:3])
    yield "What do you expect there that the protocol doesn't promise? What may come in any order stands in"
    yield "one list; of a number that the node may choose, nothing is said."


def withstands(node: str, workload: str) -> Judged:
    """Whether the explorer finds no schedule of this workload in which the node fails; and what it covered."""
    try:
        outcome = in_schedules(node, workload)
    except NotPlayed as refusal:
        return Judged(False, str(refusal))
    why = f"{node}: {outcome.code or 'nothing found'}; {outcome.note}"
    if not outcome.code:
        return Judged(True, why)
    finding = outcome.failed[0].findings[0]
    told = f"A schedule was found in which it fails: {finding.message}"
    return Judged(False, f'{why}\n{told}\nWhat to do: {finding.hint}\nSee it: race("{node}", "{workload}")')


def accusations(suite: str, schedules: bool, right: Mapping[str, str] | None = None) -> dict[str, Played]:
    """What comes of nodes that are right, the reference's three or others, in this suite. Raises NotPlayed."""
    try:
        nodes = right or {name: str(node_file(name)) for name in REFERENCE}
    except NoSuchNode as missing:
        raise NotPlayed(str(missing)) from missing
    return dict(zip(nodes, _outcomes(suite, list(nodes.values()), schedules).values(), strict=True))


def _outcomes(suite: str, nodes: Sequence[str], schedules: bool) -> dict[str, Played]:
    def each() -> Iterator[Played]:
        if schedules:  # each is given its time of the processor, so one after the other
            yield from (in_schedules(node, suite) for node in nodes)
        else:
            with ThreadPoolExecutor() as pool:
                yield from pool.map(lambda node: in_cases(node, suite), nodes)

    return dict(zip(nodes, each(), strict=True))
