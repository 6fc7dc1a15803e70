"""Starts workers fast: a process that has everything imported and forks one for each connection.

The fork is the real worker, with a process id of its own that can be killed and stopped; only its imports
were done beforehand. Its standard input and output are the connection.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import struct
import sys
import time
from importlib import import_module
from pathlib import Path
from types import FrameType

CLOCK_SIGNAL = signal.SIGUSR1
"""Makes the worker's wall clock jump, by the seconds found in the file ``clock`` beside its log."""
_shift_s = 0.0


def main(address: str, sabotage: str = "") -> None:
    """Listen on the Unix socket ``address`` until standard input closes; all workers with that defect."""
    _make_clock_movable()  # before anything binds time.time
    _import_all()
    if sabotage:
        from tests.campaign.sabotage import SABOTAGE

        SABOTAGE[sabotage]()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system reaps the workers
    server = socket.socket(socket.AF_UNIX)
    server.bind(address)
    server.listen(16)
    print("ready", flush=True)
    _end_with_stdin()
    while True:
        client, _ = server.accept()
        length = struct.unpack("!I", _exactly(client, 4))[0]
        log = _exactly(client, length).decode()
        pid = os.fork()
        if pid == 0:
            server.close()
            _become_worker(client, log)
        client.sendall(struct.pack("!I", pid))
        client.close()


def _import_all() -> None:
    import station.engine.worker  # noqa: F401
    from drivers.catalogue import catalogue

    catalogue()
    # What a worker imports only once it opens an instrument of that kind.
    for package in ("drivers", "drivers.transports"):
        folder = Path(str(import_module(package).__file__)).parent
        for file in sorted(folder.glob("*.py")):
            import_module(f"{package}.{file.stem}")
    for name in ("can.interfaces.socketcand", "pymodbus.client", "pyvisa_py"):
        import_module(name)

    # Inherited as it is by every worker, which then has little to look through.
    gc.collect()
    gc.freeze()


def _end_with_stdin() -> None:
    """A child waits for the end of input and then ends the nursery; the parent stays without threads."""
    parent = os.getpid()
    if os.fork() == 0:
        while os.read(0, 4096):
            pass
        if os.getppid() == parent:
            os.kill(parent, signal.SIGKILL)
        os._exit(0)


def _exactly(link: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = link.recv(count - len(data))
        if not piece:
            raise EOFError("the campaign hung up")
        data += piece
    return data


def _become_worker(client: socket.socket, log: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    stderr = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(stderr, 2)
    os.dup2(client.fileno(), 0)
    os.dup2(client.fileno(), 1)
    client.close()
    _let_the_clock_jump(Path(log).with_name("clock"))
    from station.engine.worker import main as worker

    code = 70
    try:
        code = worker()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _make_clock_movable() -> None:
    real = time.time
    time.time = lambda: real() + _shift_s


def _let_the_clock_jump(file: Path) -> None:
    """The wall clock of this process alone jumps on a signal; the machine's clock is not ours to turn."""

    def jump(_signal: int, _frame: FrameType | None) -> None:
        global _shift_s
        _shift_s = float(file.read_text())

    signal.signal(CLOCK_SIGNAL, jump)


if __name__ == "__main__":
    main(*sys.argv[1:])
