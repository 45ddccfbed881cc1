"""Small runs written by hand: what the recorder would have noted, step by step.

run(step("T1", "read", "n", value="1"), step("T2", "write", "n", value="1", written="2"), …)
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from grader.checks.findings import Finding
from grader.conversation.transcript import Event
from grader.explorer.runtime.resources import Resource
from grader.explorer.trace.model import Awaited, Crash, Found, Op, Request, Run, Stand, Step

NODE = "node.py"
C1, C2 = Request("c1", "echo", 1), Request("c2", "echo", 2)
INIT = Request("c0", "init", 1)
SERVED = {"T1": C1, "T2": C2, "T0": INIT}


def step(worker: str, op: Op, place: str = "", line: int = 1, **more: Any) -> Step:
    """A step; a datum's number comes from its name, and T1 serves c1, T2 c2, T0 init."""
    more.setdefault("handler", SERVED.get(worker))
    more.setdefault("datum", sum(map(ord, place)) if place else -1)
    return Step(0, worker, more.pop("handler"), NODE, line, op, place, **more)


def lock(worker: str, op: Op, name: str, line: int = 1, **more: Any) -> Step:
    """A step at a lock."""
    return step(worker, op, name, line, kind=Resource.LOCK, **more)


def stand(worker: str, kind: Resource | None = None, name: str = "", line: int = 1, **more: Any) -> Stand:
    """Who waits for this; without a kind: who could go on."""
    awaited = Awaited(kind, name, put=more.pop("put", False)) if kind else None
    state = "waits" if kind else "ready"
    more.setdefault("handler", SERVED.get(worker))
    return Stand(worker, more.pop("handler"), NODE, line, "serve", state, awaited, **more)  # type: ignore[arg-type]


def came(n: int, request: Request) -> Event:
    """A request as the node was sent it."""
    body = {"type": request.type, "msg_id": request.msg_id}
    return Event(n, float(n), "in", json.dumps({"src": request.src, "dest": "n1", "body": body}))


def went(n: int, request: Request, **body: object) -> Event:
    """An answer of the node's to this request."""
    body = {"type": f"{request.type}_ok", "in_reply_to": request.msg_id, **body}
    return Event(n, float(n), "out", json.dumps({"src": "n1", "dest": request.src, "body": body}))


def run(
    *steps: Step,
    outcome: str = "",
    events: tuple[int, ...] = (),
    transcript: tuple[Event, ...] = (came(0, C1), came(1, C2)),
    stands: Sequence[Stand] = (),
    crashes: Sequence[Crash] = (),
    source: str = "",
) -> Run:
    """A run that fails by this outcome, which concerns these events; without one it passes."""
    findings = (Finding(outcome, f"It fails by {outcome}.", max(events, default=0), events),) if outcome else ()
    return Run(
        NODE,
        "two-echoes",
        0,
        tuple(replace(one, n=n) for n, one in enumerate(steps)),
        (),
        transcript,
        findings,
        tuple(stands),
        tuple(one.worker for one in stands if one.state == "waits"),
        tuple(crashes),
        ((NODE, tuple(source.split("\n"))),),
    )


def found(failing: Run, *races: tuple[int, int], passes: bool = True) -> Found:
    """What was found; `passes`: there is a schedule that passes."""
    return Found(failing, run() if passes else None, races)
