"""A learner's own cases against nodes with one known bug each: do they tell them from the right ones?"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from grader.notebook.exercises.lesson_files import LESSONS
from grader.notebook.exercises.lesson_files import load as load_lesson_file
from grader.notebook.exercises.outcomes import NotPlayed, Played, in_cases, in_schedules
from grader.notebook.exercises.paper import Judged
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
    from grader.grading.runner import submit

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


def catches(suite: str, *mutants: str, schedules: bool = False) -> Judged:
    """Whether the cases of this file catch each of these nodes, and accuse none of the reference's three.

    Each case is one conversation; with `schedules` it is a workload, run in all schedules. Where a node
    survives, the three are left alone: what catches nobody needs no defence.
    """
    try:
        came = _outcomes(suite, mutants, schedules)
        lines = [f"{name}: {outcome}" for name, outcome in came.items()]
        if not all(outcome.code for outcome in came.values()):
            return Judged(False, "\n".join(lines))
        accused = accusations(suite, schedules)
    except NotPlayed as refusal:
        return Judged(False, str(refusal))
    lines += [f"{name}, which is right: {outcome.code or 'not accused'}" for name, outcome in accused.items()]
    ok = not any(outcome.code for outcome in accused.values())
    if not ok:
        lines.append("A right node is accused: what do you expect that the protocol doesn't promise?")
    return Judged(ok, "\n".join(lines))


def withstands(node: str, workload: str) -> Judged:
    """Whether the explorer finds no schedule of this workload in which the node fails; and what it covered."""
    try:
        outcome = in_schedules(node, workload)
    except NotPlayed as refusal:
        return Judged(False, str(refusal))
    why = f"{node}: {outcome.code or 'nothing found'}; {outcome.note}"
    return Judged(not outcome.code, f'{why}\nSee it: race("{node}", "{workload}")' if outcome.code else why)


def accusations(suite: str, schedules: bool) -> dict[str, Played]:
    """What comes of the reference's three nodes, all of them right, in this suite. Raises NotPlayed."""
    try:
        files = [str(node_file(name)) for name in REFERENCE]
    except NoSuchNode as missing:
        raise NotPlayed(str(missing)) from missing
    return dict(zip(REFERENCE, _outcomes(suite, files, schedules).values(), strict=True))


def _outcomes(suite: str, nodes: Sequence[str], schedules: bool) -> dict[str, Played]:
    def each() -> Iterator[Played]:
        if schedules:  # each is given its time of the processor, so one after the other
            yield from (in_schedules(node, suite) for node in nodes)
        else:
            with ThreadPoolExecutor() as pool:
                yield from pool.map(lambda node: in_cases(node, suite), nodes)

    return dict(zip(nodes, each(), strict=True))
