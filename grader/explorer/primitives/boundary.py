"""The system's calls that have no stand-in: while a node runs, each of them ends the exploration as an escape.

None is played with the real thing while time is virtual. What is let through looks at what no run changes, or
is what Python itself needs to import modules; the lists are data, with the reason.
"""

import functools
import socket
import sys
import types
import weakref
from collections.abc import Callable
from typing import Any

from grader.explorer.runtime import originals
from grader.explorer.runtime.context import is_running, scheduler

ESCAPES = "it calls {name}, which has no stand-in here"
MODULES = ("posix", "select", "signal", "_signal", "_socket", "fcntl", "mmap", "_multiprocessing",
           "_posixshmem", "_posixsubprocess", "resource", "termios", "tty", "pty", "_thread")  # fmt: skip
LET_THROUGH = {
    "posix": {
        # They look at the file system, as an import does.
        "stat", "lstat", "fstat", "listdir", "scandir", "access", "readlink", "getcwd", "getcwdb", "fspath",
        "statvfs", "get_inheritable", "set_inheritable", "isatty", "device_encoding", "get_terminal_size",
        "get_blocking", "lseek", "DirEntry",
        # They look at what is the same all the time.
        "getpid", "getppid", "getuid", "geteuid", "getgid", "getegid", "getgroups", "getlogin", "uname",
        "sysconf", "confstr", "cpu_count", "sched_getaffinity", "getpgid", "getpgrp", "getsid", "ctermid",
        "getloadavg", "times", "umask", "strerror", "fsencode", "fsdecode", "getxattr", "sched_yield",
        "register_at_fork", "getenv", "putenv", "unsetenv", "WEXITSTATUS", "WIFEXITED", "getrandom",
        "urandom", "stat_result", "terminal_size", "times_result", "uname_result", "statvfs_result",
        "sched_param", "waitstatus_to_exitcode", "error",
        # Files: what is kept in them is looked for after each run. See also LEAVES_BEHIND.
        "open", "close", "read", "write", "pipe", "pipe2",  # of these, see `stdio`
        "fsync", "fdatasync",
        # Stand-ins look after them.
        "_exit", "abort",
    },
    "signal": {"signal", "getsignal", "default_int_handler", "strsignal", "valid_signals", "Signals",
               "Handlers", "Sigmasks", "siginterrupt", "struct_siginfo", "set_wakeup_fd"},
    "_signal": {"signal", "getsignal", "default_int_handler", "strsignal", "valid_signals", "siginterrupt",
                "struct_siginfo", "set_wakeup_fd"},
    "select": {"select", "poll", "epoll", "error"},
    "_socket": {"gethostname", "getdefaulttimeout", "error", "timeout", "herror", "gaierror", "inet_aton",
                "inet_ntoa", "inet_pton", "inet_ntop", "htons", "htonl", "ntohs", "ntohl", "CAPI"},
    "_thread": {"allocate_lock", "allocate", "get_ident", "start_new_thread", "start_new", "RLock", "LockType",
                "lock", "error", "_local", "_count", "stack_size", "exit", "exit_thread", "interrupt_main",
                "_set_sentinel", "_excepthook", "_ExceptHookArgs", "_is_main_interpreter",
                "daemon_threads_allowed", "_shutdown", "_make_thread_handle", "_get_main_thread_ident",
                "_ThreadHandle", "set_name"},
    "resource": {"getrusage", "getrlimit", "getpagesize", "error", "struct_rusage"},
    "fcntl": set(),
    "termios": {"error", "tcgetattr"},
    "mmap": {"error"},
    "_multiprocessing": {"SemLock", "sem_unlink"},
}  # fmt: skip

# Let through, but they leave something behind, which is no part of a start that all runs share.
LEAVES_BEHIND = {"mkdir", "rmdir", "unlink", "remove", "rename", "replace", "chmod", "utime", "ftruncate",
                 "truncate", "link", "symlink"}  # fmt: skip


def escape(name: str) -> Callable[..., Any]:
    """A function that ends the exploration, since this has been called."""

    def call(*_: object, **__: object) -> Any:
        run = scheduler()
        run.finish(run, ESCAPES.format(name=name))

    return call


def _guarded(module: str, name: str, real: Any) -> Any:
    whole = f"{'os' if module == 'posix' else module.removeprefix('_')}.{name}"
    if isinstance(real, type):

        class Guarded(real):  # type: ignore[misc]
            def __new__(cls, *args: Any, **kwargs: Any) -> Any:
                if is_running():
                    escape(whole)()
                return super().__new__(cls, *args, **kwargs)

        Guarded.__name__, Guarded.__qualname__, Guarded.__module__ = real.__name__, real.__qualname__, module
        return Guarded

    if module == "posix" and name in LEAVES_BEHIND:
        return _settling(real)

    def call(*args: Any, **kwargs: Any) -> Any:
        if is_running():
            escape(whole)()
        return real(*args, **kwargs)

    return call


def _settling(real: Any) -> Any:
    @functools.wraps(real)
    def call(*args: Any, **kwargs: Any) -> Any:
        if is_running():
            scheduler().settle()
        return real(*args, **kwargs)

    return call


def install() -> None:
    """Guard each function of these modules that is neither a stand-in nor let through."""
    for module_name in MODULES:
        try:
            module = __import__(module_name)
        except ImportError:  # not every system has each
            continue
        allowed = LET_THROUGH.get(module_name, set())
        for name, real in list(vars(module).items()):
            if name.startswith("__") or name in allowed or not _is_system_s(real, name):
                continue
            guarded = _guarded(module_name, name, real)
            _put_everywhere(module_name, name, real, guarded)
    for name in ("getweakrefcount", "getweakrefs"):  # how many there are is nobody's datum here
        originals.put(weakref, **{name: _guarded("weakref", name, getattr(weakref, name))})
    originals.put(socket.socket, __init__=_guarded("socket", "socket", socket.socket.__init__))


def _is_system_s(real: object, name: str) -> bool:
    """Whether it is a function in C, or a class whose objects are the system's."""
    if isinstance(real, types.BuiltinFunctionType):
        return True
    is_class = isinstance(real, type) and not issubclass(real, BaseException | int | tuple)
    return is_class and name in ("socket", "SocketType", "SemLock", "mmap", "kqueue", "devpoll")


def _put_everywhere(module_name: str, name: str, real: object, guarded: object) -> None:
    """Put it into the module, and into the modules in Python that re-export it."""
    faces = {"posix": ("posix", "os"), "_socket": ("_socket",), "_signal": ("_signal", "signal")}
    for face in faces.get(module_name, (module_name,)):
        module = sys.modules.get(face)
        if module is not None and vars(module).get(name) is real:
            originals.put(module, **{name: guarded})
