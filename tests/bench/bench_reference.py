"""How fast are the three nodes, and how much memory do they take? One run, one table.

    python tests/bench/bench_reference.py [--rounds 9] [--messages 60000] [--python PATH]

Every figure is the median of several rounds, and beside it the worst of them. The floor is the fastest
sequential node: it reads big chunks, splits them into lines, and writes once a chunk. It runs before and
after each of the others, which are compared with the mean of the two: a machine that is slower for a second
is so for both. `cat` is what the pipes allow.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from statistics import median

from rich.console import Console
from rich.table import Table

HERE = pathlib.Path(__file__).parent
REFERENCE = HERE.parent.parent / "reference"
TITLES = (
    "",
    "flood\nmsg/s",
    "of the floor\nmedian, worst",
    "round trip\nµs",
    "of the floor\nmedian, worst",
    "p99\nµs",
    "stalled, +MiB\nmedian, worst",
)

FLOOR = """
import json, os
tail, number = b"", 0
while chunk := os.read(0, 65536):
    *lines, tail = (tail + chunk).split(b"\\n")
    out = []
    for line in lines:
        message = json.loads(line)
        body = message["body"]
        if body["type"] == "init":
            name, answer = body["node_id"], {"type": "init_ok"}
        else:
            answer = {"type": "echo_ok", "echo": body["echo"]}
        answer["in_reply_to"] = body["msg_id"]
        answer["msg_id"] = number
        number += 1
        out.append(json.dumps({"src": name, "dest": message["src"], "body": answer}) + "\\n")
    data = memoryview("".join(out).encode())
    while data:
        data = data[os.write(1, data):]
"""

INIT = b'{"src":"c0","dest":"n1","body":{"type":"init","msg_id":1,"node_id":"n1","node_ids":["n1","n2"]}}\n'


def echo(number: int) -> bytes:
    body = f'{{"type":"echo","msg_id":{number},"echo":"please echo {number}"}}'
    return f'{{"src":"c{number % 7}","dest":"n1","body":{body}}}\n'.encode()


def start(command: list[str]) -> subprocess.Popen[bytes]:
    """The node, ready: it has answered `init`."""
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, close_fds=True
    )
    process.stdin.write(INIT)
    process.stdout.readline()
    return process


def finish(process: subprocess.Popen[bytes]) -> None:
    process.stdin.close()
    process.stdout.read()
    process.wait()
    process.stdout.close()


def pour(process: subprocess.Popen[bytes], data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[process.stdin.write(view) :]


def flood(command: list[str], messages: int) -> float:
    """Messages a second that come back, when they are sent without waiting."""
    process = start(command)
    data = b"".join(map(echo, range(messages)))
    began = time.perf_counter()
    writer = threading.Thread(target=pour, args=(process, data))
    writer.start()
    lines = 0
    while lines < messages:
        lines += process.stdout.read(1 << 16).count(b"\n")
    took = time.perf_counter() - began
    writer.join()
    finish(process)
    return messages / took


def round_trips(command: list[str], messages: int) -> tuple[float, float]:
    """Median and 99th percentile of the time until an answer, one at a time, in microseconds.

    Driver and node are bound to a core each: left to the system, they share one or they don't,
    and the figure says which of the two it was.
    """
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    process = start(command)
    if len(cores) > 1:
        os.sched_setaffinity(0, {cores[0]})
        for task in os.listdir(f"/proc/{process.pid}/task"):
            os.sched_setaffinity(int(task), {cores[1]})
    times = []
    for number in range(messages):
        data = echo(number)
        began = time.perf_counter()
        process.stdin.write(data)
        process.stdout.read(4096)
        times.append(time.perf_counter() - began)
    if cores:
        os.sched_setaffinity(0, cores)
    finish(process)
    times.sort()
    return times[len(times) // 2] * 1e6, times[len(times) * 99 // 100] * 1e6


def stalled(command: list[str], messages: int, seconds: float) -> tuple[float, float]:
    """MiB of memory when idle, and at the peak of a flood whose answers nobody reads at first."""
    process = start(command)
    time.sleep(0.2)
    idle, _ = memory(process.pid)
    data = b"".join(map(echo, range(messages)))
    writer = threading.Thread(target=pour, args=(process, data))
    writer.start()
    time.sleep(seconds)
    lines = 0
    while lines < messages:
        lines += process.stdout.read(1 << 16).count(b"\n")
    writer.join()
    _, peak = memory(process.pid)
    finish(process)
    return idle, peak


def memory(pid: int) -> tuple[float, float]:
    """Resident memory now, and at its peak (Linux)."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    sizes = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith("Vm")}
    return int(sizes["VmRSS"]) / 1024, int(sizes["VmHWM"]) / 1024


def beside_the_floor(
    measure: Callable[[list[str]], tuple[float, ...]], commands: dict[str, list[str]]
) -> Iterator[tuple[str, tuple[float, ...], float]]:
    """Each one's name and figures, and how many times the floor's the first is: of just before and after."""
    before = measure(commands["floor"])
    yield "floor", before, 1.0
    for name, command in commands.items():
        if name != "floor":
            figures = measure(command)
            after = measure(commands["floor"])
            yield name, figures, 2 * figures[0] / (before[0] + after[0])
            before = after


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--messages", type=int, default=60_000)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--only", nargs="*", help="names of rows")
    options = parser.parse_args()
    commands = {"cat": ["cat"], "floor": [options.python, "-c", FLOOR]}
    for name in "with_threads", "with_queues", "with_asyncio":
        commands[name] = [options.python, str(REFERENCE / f"{name}.py")]
    if options.only:
        commands = {name: commands[name] for name in ["floor", *options.only]}
    linux = sys.platform == "linux"

    rates: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    trips: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    tails: dict[str, list[float]] = {name: [] for name in commands}
    grown: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(options.rounds):
        for name, (rate,), ratio in beside_the_floor(
            lambda command: (flood(command, options.messages),), commands
        ):
            rates[name].append((rate, ratio))
        for name, (middle, tail), ratio in beside_the_floor(
            lambda command: round_trips(command, 3000), commands
        ):
            trips[name].append((middle, ratio))
            tails[name].append(tail)
        for name, command in commands.items():
            if linux and name != "cat":
                idle, peak = stalled(command, 200_000, 3.0)
                grown[name].append(peak - idle)

    pinned = "driver and node on a core each" if linux else "not pinned: Linux only"
    version = subprocess.check_output([options.python, "--version"], text=True).strip()
    print(f"{version}; median and worst of {options.rounds} rounds; flood of {options.messages} echoes;")
    print(f"round trip, one at a time, {pinned}; memory in a flood of 200,000 stalled for 3 s\n")
    table = Table(box=None)
    for title in TITLES:
        table.add_column(title, justify="right" if title else "left")
    for name in commands:
        rate, of_rate = zip(*rates[name], strict=True)
        middle, of_middle = zip(*trips[name], strict=True)
        table.add_row(
            name,
            f"{median(rate):.0f}",
            f"{median(of_rate):.2f}x {min(of_rate):5.2f}x",
            f"{median(middle):.1f}",
            f"{median(of_middle):.2f}x {max(of_middle):5.2f}x",
            f"{median(tails[name]):.1f}",
            f"{median(grown[name]):.1f} {max(grown[name]):6.1f}" if grown[name] else "",
        )
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
