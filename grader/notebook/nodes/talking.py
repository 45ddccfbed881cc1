"""Talk to a node by hand: it lives as long as the `with` block, and no longer, however that ends."""

import json
import time
from collections.abc import Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Any

from grader.conversation.pipes import Ended, Pump, Written
from grader.sandbox.run_folder import RunFolder

if TYPE_CHECKING:
    from grader.conversation.node_process import NodeProcess

PATIENCE_S = 2.0  # for a first line to come back
STARTING_S = 10.0  # the same for the first message: an interpreter takes its time to start
QUIET_S = 0.15  # once something has come: for what else there is
SHOWN = {"out": "← {}", "err": "  stderr: {}", "end": "  ({})"}
END_S = 1.0  # for the node to end by itself at the end of input


class talk:
    """A living node. Without a name it is the node that `grader new` writes.

    Raises NotGradable, with a text that says what to do, if the node can't be started by anybody.
    """

    def __init__(self, node: str | Sequence[str] | None = None) -> None:
        from grader.conversation.submission import from_command, from_file
        from grader.templates.new_node import TEMPLATE

        if node is None:
            node = str(TEMPLATE)
        self._submission = from_file(node) if isinstance(node, str) else from_command(node)
        self._process: NodeProcess | None = None

    def __enter__(self) -> "talk":
        from grader.conversation.node_process import begun, prepare

        prepare()
        self._came: SimpleQueue[Written | Ended] = SimpleQueue()
        self._has_spoken = self._has_ended = False
        self._folder = RunFolder()
        self._process = begun(self._submission, self._folder.name)
        self._pump = Pump(self._process, self._came.put)
        try:
            self._pump.read("out")
            self._pump.read("err")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._end()

    def say(self, message: dict[str, Any] | str) -> list[dict[str, Any]]:
        """Send one message, a dict or a line of text; print and return the messages that come back."""
        if self._process is None:
            raise RuntimeError('the node is not running: use with talk("my_node.py") as node:')
        line = message if isinstance(message, str) else json.dumps(message, ensure_ascii=False)
        print(f"→ {line}")
        try:
            self._pump.say_now(line.encode() + b"\n")
        except OSError:
            print("  (the node reads no more)")
        patience = PATIENCE_S if self._has_spoken else STARTING_S
        self._has_spoken = True
        lines = self._listen(patience)
        for kind, text in lines:
            print(SHOWN[kind].format(text))
        if not lines and not self._has_ended:
            print(f"  (nothing came back within {patience:g} s)")
        return [parsed for kind, text in lines if kind == "out" and (parsed := _parsed(text)) is not None]

    def _listen(self, patience: float) -> list[tuple[str, str]]:
        """What the node writes until it falls quiet: stdout first, then stderr, which keeps no step with it."""
        came: list[tuple[str, str]] = []
        until = time.monotonic() + (QUIET_S if self._has_ended else patience)
        with suppress(Empty):
            while True:
                item = self._came.get(timeout=max(until - time.monotonic(), 0))
                if isinstance(item, Written):
                    came += [(item.stream, _text(line)) for line in item.lines]
                    until = time.monotonic() + QUIET_S
                elif item.what == "stdout":
                    self._has_ended = True
                    came.append(("end", "the node has ended, or closed its output"))
                    until = min(until, time.monotonic() + QUIET_S)
        return sorted(came, key=lambda line: list(SHOWN).index(line[0]))

    def _end(self) -> None:
        """End of input, a second to end by itself, then by force; also if that is interrupted."""
        process, self._process = self._process, None
        if process is None:
            return
        try:
            process.close_stdin()
            process.wait(END_S)
        finally:
            process.end()
            process.wait()
            self._pump.close()
            self._show_late()
            self._folder.close()

    def _show_late(self) -> None:
        """What the node wrote, or let go of, only when its input had ended."""
        late: list[str] = []
        with suppress(Empty):
            while True:
                item = self._came.get_nowait()
                if isinstance(item, Written) and item.stream == "out":
                    late += map(_text, item.lines)
        if late:
            print("  (only now, at the end of its input, came)")
            for text in late:
                print(SHOWN["out"].format(text))


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip("\r")


def _parsed(line: str) -> dict[str, Any] | None:
    with suppress(ValueError):
        message = json.loads(line)
        if isinstance(message, dict):
            return message
    return None
