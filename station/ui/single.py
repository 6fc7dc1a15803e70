"""One window per bench: a second one shows the first and leaves.

Who holds the lock file is the window; the system frees it with the process, however that ends. The local
socket only carries the wish to come to the front, so a socket file left by a killed window blocks nobody.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout
from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalServer, QLocalSocket

log = logging.getLogger(__name__)

KNOCK_MS: Final = 500


def window_key(bench: str, data: Path) -> str:
    """Tells the windows of one computer apart: bench (name or file) and data folder."""
    file = Path(bench)
    named = str(file.resolve()) if file.exists() else bench
    return hashlib.sha256(f"{named}\n{data.resolve()}".encode()).hexdigest()[:16]


class OneWindow(QObject):
    """``claim`` once; while it is held, ``on_knock`` is called when a second window was started."""

    def __init__(self, key: str, data: Path) -> None:
        super().__init__()
        self._name = f"pulse-station-{key}"
        self._path = data / "windows" / f"{key}.lock"
        self._lock = FileLock(self._path, timeout=0, thread_local=False)
        self._server: QLocalServer | None = None
        self.on_knock: Callable[[], None] | None = None

    def claim(self) -> bool:
        """True when this is the only window now. A folder that cannot be written stops no window."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout:
            return False
        except OSError as error:
            log.warning("no lock for the window: %s", error)
            return True
        QLocalServer.removeServer(self._name)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._knocked)
        if not self._server.listen(self._name):
            log.warning("a second window cannot ask for this one: %s", self._server.errorString())
        return True

    def knock(self) -> bool:
        """Ask the window that is there to come to the front; True when it heard."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        heard = socket.waitForConnected(KNOCK_MS)
        socket.abort()
        return heard

    def release(self) -> None:
        """Give it up."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._lock.release()

    def _knocked(self) -> None:
        assert self._server is not None  # it called
        while self._server.hasPendingConnections():
            visitor = self._server.nextPendingConnection()
            visitor.abort()
            visitor.deleteLater()
        if self.on_knock is not None:
            self.on_knock()
