"""The operator window as a program: ``station-window --bench demo --lang zh``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLibraryInfo, QLocale, Qt, QTimer, QTranslator
from PySide6.QtGui import QCloseEvent, QFont, QFontDatabase, QGuiApplication, QScreen
from PySide6.QtWidgets import QApplication, QMainWindow, QStyleFactory

from station.own_fonts import own_fonts
from station.ui.backend import Backend
from station.ui.client import connector, data_folder, engineer_client
from station.ui.crash import Reporter, install, keep_log
from station.ui.engineer.sides import Sides
from station.ui.headstart import HeadStart, warm
from station.ui.link import Link
from station.ui.onscreen import back_on_screen
from station.ui.page import OperatorPage
from station.ui.serialscanner import port_and_baud
from station.ui.single import OneWindow, window_key
from station.ui.style import BASE_HEIGHT, BASE_WIDTH, FONTS
from station.ui.texts import LANGUAGES, Texts
from station.ui.views import local

if TYPE_CHECKING:
    from station.service.client import ServiceClient
    from station.ui.training.card import TrainingCard
    from station.ui.training.link import Course, TrainingLink


class OperatorWindow(QMainWindow):
    """A frame for the page, and for the engineer's side behind it.

    ``full_screen`` None: once the bench is known, a real one covers the whole screen.
    """

    def __init__(
        self,
        connect: Callable[[], Backend],
        texts: Texts,
        engineer: Callable[[], ServiceClient] | None = None,
        course: Callable[[], Course] | None = None,
        *,
        scanner: str | None = None,
        full_screen: bool | None = False,
    ) -> None:
        super().__init__()
        self._full_screen = full_screen
        self.training: TrainingLink | None = None
        self._card: TrainingCard | None = None
        self.page = OperatorPage(Link(connect), texts, scanner=scanner)
        self.sides = Sides(self.page, engineer)
        self.setCentralWidget(self.sides)
        self.setMinimumSize(1024, 640)
        self.resize(BASE_WIDTH, BASE_HEIGHT)
        self.page.bench_known.connect(self._name)
        self._name()
        # After Qt has moved what it moves by itself.
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.timeout.connect(self._come_back)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.screenRemoved.connect(self._screens_changed)
            app.screenAdded.connect(self._screens_changed)
        if course is not None:
            self.page.bench_known.connect(lambda: self._add_training(course))

    def _add_training(self, course: Callable[[], Course]) -> None:
        """The course is for simulated benches: nothing of it is loaded before the bench is one."""
        bench = self.page.mirror.bench
        if bench is None or not bench.simulated:
            return
        if self._card is None or self.training is None:
            from station.ui.training.card import TrainingCard
            from station.ui.training.choice import TrainingChoice
            from station.ui.training.link import TrainingLink

            self.training = TrainingLink(course)
            self._card = TrainingCard(self.page, self.page.board, self.training, self.page.texts)
            self.page.host.free = self._card.free
            self.page.add_panel(TrainingChoice(self.page, self.training, self.page.texts), "training")
        self._card.set_sizes(self.page.sizes)
        self.training.open()

    def _screens_changed(self, _screen: QScreen) -> None:
        self._settle.start(0)

    def _come_back(self) -> None:
        back_on_screen(self)

    def _name(self) -> None:
        bench = self.page.mirror.bench
        lang = self.page.texts.lang
        title = (local(bench.title, lang) or bench.name) if bench else "…"
        self.setWindowTitle(self.page.texts("window.title", bench=title))
        if bench is not None and self._full_screen is None:
            self._full_screen = not bench.simulated
            if self._full_screen:
                self.showFullScreen()

    def come_forward(self) -> None:
        """In front of all others, as far as the system lets it."""
        if self.isMinimized():
            self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing the window ends no test: the service and its workers go on."""
        if self.training is not None:
            self.training.close()
        self.sides.shut()
        self.page.shut()
        super().closeEvent(event)


def application(arguments: Sequence[str]) -> QApplication:
    """The one Qt application, in the Fusion style with a font that has Chinese."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication([sys.argv[0], *arguments])
    app.setApplicationName("Pulse Station")
    # Figures look the same everywhere, with a point: Qt's own would follow the system's locale.
    QLocale.setDefault(QLocale.c())
    if not app.property("dressed"):  # once: a new style is worked into every widget there is
        app.setProperty("dressed", True)
        app.setStyle(QStyleFactory.create("Fusion"))
        for file in own_fonts():
            QFontDatabase.addApplicationFont(str(file))
        font = QFont()
        font.setFamilies(list(FONTS))
        app.setFont(font)
    return app


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window; returns the program's exit code."""
    parser = argparse.ArgumentParser(
        prog="station-window", description="The operator window of a test bench."
    )
    parser.add_argument("--bench", default="demo", help="bench file, or the name of one that ships")
    parser.add_argument("--data", type=Path, default=None, help="folder for records and runs")
    parser.add_argument("--lang", choices=LANGUAGES, default=None, help="language of the page")
    screen = parser.add_mutually_exclusive_group()
    screen.add_argument(
        "--fullscreen", action="store_const", const=True, dest="full_screen",
        help="cover the whole screen, as on a real bench without being told",
    )  # fmt: skip
    screen.add_argument("--windowed", action="store_const", const=False, dest="full_screen", help="a window")
    parser.add_argument(
        "--scanner",
        default=os.environ.get("STATION_SCANNER"),
        metavar="PORT[@BAUD]",
        help="serial port of a barcode scanner; goes before the bench file's; a keyboard scanner needs none",
    )
    options = parser.parse_args(argv)
    if options.scanner:
        try:
            port_and_baud(options.scanner)
        except ValueError as error:
            parser.error(f"--scanner: {error}")
    warm()
    app = application([])
    opened = open_window(app, options.bench, options.data, options.lang, options.scanner, options.full_screen)
    if opened is None:
        return 0
    try:
        return app.exec()
    finally:
        opened.only.release()


@dataclass(frozen=True)
class Opened:
    """The window on the screen, and what keeps it the only one of its bench."""

    window: OperatorWindow
    only: OneWindow


def open_window(
    app: QApplication,
    bench: str,
    data: Path | None = None,
    lang: str | None = None,
    scanner: str | None = None,
    full_screen: bool | None = None,
) -> Opened | None:
    """Shows the window and begins to follow the service; None where this bench has a window already."""
    data = data_folder(data)
    key = window_key(bench, data)
    only = OneWindow(key, data)
    if not only.claim():
        shown = "it was asked to come to the front" if only.knock() else "it does not answer"
        sys.stderr.write(f"already running: this bench has a window; {shown}\n")
        return None
    keep_log(data / "windows" / f"{key}.log")
    install(Reporter())
    connect = HeadStart(connector(bench, data))
    lang = lang or ("zh" if QLocale.system().language() == QLocale.Language.Chinese else "en")
    translator = QTranslator(app)
    if lang == "zh" and translator.load(
        "qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    ):
        app.installTranslator(translator)
    window = OperatorWindow(
        connect,
        Texts(lang),
        engineer_client(bench, data),
        _course(bench, data),
        scanner=scanner,
        full_screen=full_screen,
    )
    only.on_knock = window.come_forward
    if full_screen:
        window.showFullScreen()
    else:
        window.showMaximized()
    window.page.open()
    return Opened(window, only)


def _course(bench: str, data: Path) -> Callable[[], Course]:
    """Where the training on this bench is asked for; in a thread, and only when there is any."""

    def connect() -> Course:
        from station.ui.training.link import course_of

        return course_of(bench, data)()

    return connect


if __name__ == "__main__":
    sys.exit(main())
