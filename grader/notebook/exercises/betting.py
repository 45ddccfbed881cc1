"""Bets on a comparison: points put on the winner of each workload, paid out by what was measured."""

from grader.notebook.comparison.compare import Compared
from grader.notebook.comparison.loads import WORKLOADS
from grader.notebook.course.record import record
from grader.notebook.exercises.predictions import predict

POINTS = 10
NOBODY = "nobody"
MODELS = ("threads", "asyncio", "queues", NOBODY)

Bet = tuple[str, int]


def bet(name: str, **bets: Bet | None) -> None:
    """Put ten points on the winners of the workloads, each as (model, points); stored as a prediction.

    "nobody" wins where all are alike. What is no bet, or not ten points in all, stores nothing and says so.
    """
    placed = {workload: each for workload, each in bets.items() if each is not None}
    if set(placed) != set(WORKLOADS):
        print(f'Nothing stored yet: bet on each of {", ".join(WORKLOADS)}, like flood=("threads", 2).')
        return
    wrong = [f"{workload}={each!r}" for workload, each in placed.items() if not _is_bet(each)]
    if wrong:
        print(f'Nothing stored yet: {", ".join(wrong)} should be a pair, like ("threads", 2).')
        print(f"You can bet on {', '.join(MODELS)}.")
        return
    total = sum(points for _, points in placed.values())
    if total != POINTS:
        print(f"Nothing stored yet: you have put in {total} points, and it must be {POINTS}.")
        return
    record().add("bet", name=name, placed=placed)
    predict(name, ", ".join(f"{workload}: {model} ({n})" for workload, (model, n) in placed.items()))


def _is_bet(given: object) -> bool:
    match given:
        case (str(model), int(points)):
            return model in MODELS and points >= 0
    return False


def settle(compared: Compared | None, name: str = "06.bets") -> None:
    """Say who won what, and what your points have become: doubled on a winner, else gone.

    A bet is void, and its points come back, where there was one round only, or the rounds disagree: who pays
    for noise learns nothing from it.
    """
    bets = record().last("bet", name=name)
    if compared is None or compared.measured is None or bets is None:
        missing = "You have not bet yet: fill in" if bets is None else "Nothing is measured yet: run"
        which = "the cell with bet(…)" if bets is None else "the cell with compare(…)"
        print(f"{missing} {which} above, then this one.")
        return
    total = 0
    nodes = compared.measured.nodes
    for workload, (model, points) in bets["placed"].items():
        quantity = compared.measured.quantities.get(workload)
        if quantity is None or not quantity.is_settled:
            why = "not measured" if quantity is None else quantity.why_void
            print(f"{workload}: {why}; your {points} come back")
            total += points
            continue
        won = [nodes[n] for n in quantity.winners]
        hit = any(model in node for node in won) if won else model == NOBODY
        total += 2 * points * hit
        who = " and ".join(won) or NOBODY
        print(f"{workload}: {who} ({quantity.name}); {points} on {model}: {2 * points * hit}")
    print(f"You put in {POINTS} points and have {total}.")
