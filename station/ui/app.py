"""The operator window as a program: ``station-window --bench demo --lang zh``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLocale, Qt, QTranslator
from PySide6.QtGui import QCloseEvent, QFont, QFontDatabase
from PySide6.QtWidgets import QApplication, QMainWindow, QStyleFactory

from station.own_fonts import own_fonts
from station.service.client import ServiceClient
from station.ui.backend import Backend
from station.ui.crash import Reporter, install, keep_log
from station.ui.engineer.sides import Sides
from station.ui.link import Link
from station.ui.page import OperatorPage
from station.ui.single import OneWindow, window_key
from station.ui.style import BASE_HEIGHT, BASE_WIDTH, FONTS
from station.ui.texts import LANGUAGES, Texts
from station.ui.training.card import TrainingCard
from station.ui.training.link import Course, TrainingLink, course_of
from station.ui.views import local


class OperatorWindow(QMainWindow):
    """A frame for the page, and for the engineer's side behind it."""

    def __init__(
        self,
        connect: Callable[[], Backend],
        texts: Texts,
        engineer: Callable[[], ServiceClient] | None = None,
        course: Callable[[], Course] | None = None,
        *,
        scanner: str | None = None,
    ) -> None:
        super().__init__()
        self.training: TrainingLink | None = None
        self.page = OperatorPage(Link(connect), texts, scanner=scanner)
        self.sides = Sides(self.page, engineer)
        self.setCentralWidget(self.sides)
        self.setMinimumSize(1024, 640)
        self.resize(BASE_WIDTH, BASE_HEIGHT)
        self.page.bench_known.connect(self._name)
        self._name()
        if course is not None:
            self._add_training(course)

    def _add_training(self, course: Callable[[], Course]) -> None:
        link = self.training = TrainingLink(course)
        card = TrainingCard(self.page, self.page.tiles_widget, link, self.page.texts)

        def begin() -> None:
            card.set_sizes(self.page.sizes)
            bench = self.page.mirror.bench
            if bench is not None and bench.simulated:
                link.open()

        self.page.bench_known.connect(begin)

    def _name(self) -> None:
        bench = self.page.mirror.bench
        lang = self.page.texts.lang
        title = (local(bench.title, lang) or bench.name) if bench else "…"
        self.setWindowTitle(self.page.texts("window.title", bench=title))

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
    parser.add_argument("--fullscreen", action="store_true", help="cover the whole screen")
    parser.add_argument(
        "--scanner",
        default=os.environ.get("STATION_SCANNER"),
        metavar="PORT[@BAUD]",
        help="serial port of a barcode scanner; a keyboard scanner needs none",
    )
    options = parser.parse_args(argv)
    from station.ui.client import connector, data_folder, engineer_client

    app = application([])
    data = data_folder(options.data)
    key = window_key(options.bench, data)
    only = OneWindow(key, data)
    if not only.claim():
        shown = "it was asked to come to the front" if only.knock() else "it does not answer"
        sys.stderr.write(f"already running: this bench has a window; {shown}\n")
        return 0
    keep_log(data / "windows" / f"{key}.log")
    install(Reporter())
    lang = options.lang or ("zh" if QLocale.system().language() == QLocale.Language.Chinese else "en")
    translator = QTranslator(app)
    if lang == "zh" and translator.load(
        "qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    ):
        app.installTranslator(translator)
    window = OperatorWindow(
        connector(options.bench, data),
        Texts(lang),
        engineer_client(options.bench, data),
        course_of(options.bench, data),
        scanner=options.scanner,
    )
    only.on_knock = window.come_forward
    if options.fullscreen:
        window.showFullScreen()
    else:
        window.showMaximized()
    window.page.open()
    try:
        return app.exec()
    finally:
        only.release()


if __name__ == "__main__":
    sys.exit(main())
