"""A window that measures itself: ``start`` (until usable), ``serial`` or ``keyboard`` (scan until painted).

Prints a JSON list of milliseconds as its last line. Four channels are under test while scans are measured.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import tty
from collections.abc import Callable

BEGUN = "STATION_BENCH_BEGUN"
"""When this process was started, by ``time.time()`` of who started it: what the system says of it is a whole
second's boot time and ticks since, up to a second off."""


def _start(arguments: list[str]) -> list[float]:
    """From the order to start this process to a page with its channels painted that takes scans."""
    from pathlib import Path

    from station.ui.app import application, open_window  # first, as in the program
    from station.ui.headstart import warm

    from PySide6.QtCore import QTimer  # isort: skip

    bench, data = arguments[arguments.index("--bench") + 1], arguments[arguments.index("--data") + 1]
    warm()
    app = application([])
    opened = open_window(app, bench, Path(data), lang="zh", full_screen=True)
    assert opened is not None
    window = opened.window
    taken: list[float] = []

    def look() -> None:
        page = window.page
        if page.mirror.connected and page.mirror.guard.relay_ok is not None and page.tiles:
            page.repaint()
            page.desk.scan("04QCB76G88201JD1A0000017")
            if page.desk.code is not None:
                taken.append((time.time() - float(os.environ[BEGUN])) * 1e3)
                app.quit()

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(5)
    app.exec()
    window.close()
    opened.only.release()
    return taken


def _scans(kind: str, count: int) -> list[float]:
    """From the last byte on the wire, or the key Enter, to the new words painted."""
    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtWidgets import QLabel

    from station.ui.app import OperatorWindow, application
    from station.ui.painting import feed
    from station.ui.texts import Texts

    near, far = os.openpty()
    tty.setraw(far)
    app = application([])
    port = os.ttyname(far) if kind == "serial" else None
    window = OperatorWindow(lambda: feed(4), Texts("zh"), scanner=port)
    window.resize(1920, 1080)
    window.show()
    window.page.open()
    page = window.page
    label = window.findChild(QLabel, "prompt_more")
    sent, times, waiting = [0.0], [], [False]

    class Painted(QObject):
        def eventFilter(self, _: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and waiting[0] and f"%{len(times)}%" in label.text():
                waiting[0] = False
                QTimer.singleShot(0, done)
            return False

    painted = Painted()
    label.installEventFilter(painted)

    def done() -> None:
        times.append((time.perf_counter() - sent[0]) * 1e3)
        QTimer.singleShot(150, send) if len(times) < count else app.quit()

    def send() -> None:
        waiting[0] = True
        text = f"%{len(times)}%%%"  # no code of a battery: refused by name, and the name is painted
        sender[kind](text)

    def by_serial(text: str) -> None:
        sent[0] = time.perf_counter()
        os.write(near, f"{text}\r".encode())

    def by_keyboard(text: str) -> None:
        subprocess.run(["xdotool", "type", "--delay", "2", text], check=True)
        sent[0] = time.perf_counter()
        subprocess.Popen(["xdotool", "key", "Return"])

    sender: dict[str, Callable[[str], None]] = {"serial": by_serial, "keyboard": by_keyboard}
    if kind == "keyboard":
        subprocess.run(["xdotool", "windowfocus", str(int(window.winId()))], check=True)
    QTimer.singleShot(2000, send)
    QTimer.singleShot(100_000, app.quit)
    app.exec()
    page.shut()
    window.close()
    return times


def main(arguments: list[str]) -> int:
    """Measure one part."""
    part = arguments[0]
    times = _start(arguments) if part == "start" else _scans(part, int(arguments[1]))
    print(json.dumps(times))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
