"""The canonical exchange, over and over: every run must give the same bytes.

    python tests/bench/determinism.py [--runs 1000] [--python PATH]

Each version runs so often plainly, with threads switched as often as Python can
(`sys.setswitchinterval(1e-6)`), and while other processes keep every core busy. The exit status is
0 if no run differed.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from tests.reference.conftest import MODELS, REFERENCE
from tests.reference.test_canonical import INPUT, OUTPUT, SWITCHING


def right(command: list[str]) -> bool:
    done = subprocess.run(command, input=INPUT, capture_output=True, timeout=120)
    if (done.returncode, done.stdout) == (0, OUTPUT):
        return True
    print(f"status {done.returncode}:\n{done.stdout.decode()}{done.stderr.decode()}")
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--python", default=sys.executable)
    options = parser.parse_args()
    cores = os.cpu_count() or 1
    wrong = 0
    for how in ("plain", "switching", "busy"):
        spinners = []
        if how == "busy":
            spin = [options.python, "-c", "while True: pass"]
            spinners = [subprocess.Popen(spin) for _ in range(cores)]
        try:
            for model in MODELS:
                file = str(REFERENCE / f"{model}.py")
                tail = ["-c", SWITCHING.format(file)] if how == "switching" else [file]
                began = time.monotonic()
                with ThreadPoolExecutor(cores) as pool:
                    results = list(pool.map(right, [[options.python, *tail]] * options.runs))
                wrong += results.count(False)
                took = time.monotonic() - began
                same = f"{results.count(True)} of {options.runs}"
                print(f"{how:10} {model:13} {same} the same, {took:.0f} s", flush=True)
        finally:
            for spinner in spinners:
                spinner.kill()
                spinner.wait()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
