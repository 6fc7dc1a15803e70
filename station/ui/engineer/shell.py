"""The engineer's side of the window: the door, the list of pages, the strip with the stop, the lock."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from station.errors import StationError
from station.service.client import Person, ServiceClient
from station.ui.buttons import big_button
from station.ui.engineer.badge import is_badge
from station.ui.engineer.gate import Gate
from station.ui.engineer.page import EngineerPage
from station.ui.engineer.page_list import PageList
from station.ui.engineer.pages import PAGES, PageInfo
from station.ui.engineer.sheet import engineer_sheet
from station.ui.engineer.strip import Strip
from station.ui.engineer.work import Work
from station.ui.mirror import Mirror
from station.ui.scanner import ScanFilter
from station.ui.style import Sizes
from station.ui.texts import Texts, say_code

IDLE_S: Final = 300.0
"""Without a key or a press for so long the pages lock themselves; what is on them stays behind the door."""
PERIOD_MS: Final = 500


class EngineerShell(QWidget):
    """Shown in place of the operator's page. ``connect`` gives a client of the service and may block."""

    left = Signal()
    stop_all = Signal()
    command = Signal(str)
    """A command barcode that came while the pages were in front: the operator's desk acts on it."""

    def __init__(
        self,
        connect: Callable[[], ServiceClient],
        texts: Texts,
        mirror: Mirror,
        tick: Callable[[], float],
        pages: list[PageInfo] | None = None,
        idle_s: float = IDLE_S,
    ) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setProperty("hands", "bare")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._connect, self.texts, self._mirror, self._tick = connect, texts, mirror, tick
        self._infos = {info.key: info for info in (PAGES if pages is None else pages)}
        self._idle_s = idle_s
        self.sizes = Sizes()
        self.client: ServiceClient | None = None
        self._connecting = threading.Lock()
        self.person: Person | None = None
        self._last_person: int | None = None
        self.pages: dict[str, EngineerPage] = {}
        self.current: str | None = None
        self.work = Work(self)
        self._used_s = tick()
        self._open = False
        self._build()
        self.scanner = ScanFilter(self, self.scan)
        self.scanner.on_input = self._used
        self.scanner.commands = {
            Qt.Key.Key_Escape: self._stop_all,
            Qt.Key.Key_F2: self.leave,
            Qt.Key.Key_F11: lambda: self._pass_on("alarms", None),
        }
        self._timer = QTimer(self)
        self._timer.setInterval(PERIOD_MS)
        self._timer.timeout.connect(self.look)
        self.set_texts()
        self.set_sizes(self.sizes)

    def _build(self) -> None:
        self.strip = Strip()
        self.strip.stop_all.clicked.connect(self.stop_all)
        self.gate = Gate(self.texts)
        self.gate.badge_given.connect(lambda badge: self._login(badge=badge))
        self.gate.pin_given.connect(lambda name, pin: self._login(name=name, pin=pin))
        self.gate.left.connect(self.leave)
        self.back, self.lock_button = big_button("page_back"), big_button("page_lock")
        self.back.setProperty("hands", "gloves")
        self.back.clicked.connect(self.leave)
        self.lock_button.clicked.connect(lambda: self.lock())
        self.who, self.said = QLabel(), QLabel()
        self.who.setObjectName("page_who")
        self.said.setObjectName("page_said")
        self.said.setWordWrap(True)
        self._page_list = PageList(self._infos)
        self._page_list.chosen.connect(self.show_page)
        self._buttons = self._page_list.buttons
        self._list = QWidget()
        self._list_box = QVBoxLayout(self._list)
        self._list_box.addWidget(self._page_list, 1)
        self._list_box.addWidget(self.back)
        self.strip.put_below(self.who, self.lock_button)
        self._show_who()
        self._stack = QStackedWidget()
        self._inside = QWidget()
        inside = QHBoxLayout(self._inside)
        inside.setContentsMargins(0, 0, 0, 0)
        column = QVBoxLayout()
        column.addWidget(self._stack, 1)
        column.addWidget(self.said)
        inside.addWidget(self._list)
        inside.addLayout(column, 1)
        self._outside = QWidget()
        outside = QVBoxLayout(self._outside)
        outside.addWidget(self.gate, 0, Qt.AlignmentFlag.AlignCenter)
        self._door = QStackedWidget()
        self._door.addWidget(self._outside)
        self._door.addWidget(self._inside)
        self._box = QVBoxLayout(self)
        self._box.addWidget(self.strip)
        self._box.addWidget(self._door, 1)

    # -- in and out ----------------------------------------------------------------------------

    def enter(self, badge: str | None = None) -> None:
        """In front now; ``badge`` opens the door at once."""
        if not self._open:
            self._open = True
            self.scanner.install()
            self._timer.start()
        self._used_s = self._tick()
        self.look()
        if badge is not None:
            self._login(badge=badge)
        elif self.person is None:
            self._knock()
        else:
            self._let_in()

    def leave(self) -> None:
        """Back to the operator's page, unless the page in front has something that would be lost."""
        page = self.pages.get(self.current or "")
        if self.person is not None and page is not None and not page.leaving():
            return
        self._going()
        self.left.emit()

    def _going(self) -> None:
        self._open = False
        self._timer.stop()
        self.scanner.remove()
        self.lock(knock=False)

    def shut(self) -> None:
        """The window closes."""
        self._going()
        self.work.close(last=lambda: _end(self.client))

    def lock(self, *, knock: bool = True) -> None:
        """Log out. The pages stay as they are behind the door, for the same person only."""
        self.person = None
        self._show_who()
        self._door.setCurrentWidget(self._outside)
        client = self.client
        if client is not None and client.person is not None:
            self.work.ask(self, client.logout, lambda _: None, lambda _: None)
        self.gate.say("")
        if knock:
            self._knock()

    def _knock(self) -> None:
        self._door.setCurrentWidget(self._outside)
        self.gate.pin.setFocus()
        self.work.ask(
            self, self._names, self.gate.show_names, lambda error: self.gate.say(self._words(error))
        )

    def _names(self) -> list[str]:
        return self._client().person_names()

    def _client(self) -> ServiceClient:
        """In a thread: a client that reaches the service, wherever it is by now."""
        with self._connecting:
            return self._reached()

    def _reached(self) -> ServiceClient:
        client = self.client
        if client is not None:
            try:
                client.state()
            except StationError:
                client = None
        if client is None:
            fresh = self._connect()
            if self.client is None:
                self.client = fresh
            else:  # the pages hold the old object: it goes on with the new address
                self.client.follow(fresh)
        assert self.client is not None
        return self.client

    def _login(self, *, badge: str | None = None, name: str | None = None, pin: str | None = None) -> None:
        self.gate.say(self.texts("page.gate.wait"))
        self.work.ask(
            self,
            lambda: self._client().login(badge=badge, name=name, pin=pin),
            self._known,
            self._refused,
        )

    def _refused(self, error: StationError) -> None:
        self.gate.say(self._words(error))

    def _known(self, person: Person) -> None:
        if not person.may("engineer"):
            self.gate.say(self.texts("page.gate.not_for", name=person.name))
            if self.client is not None:
                self.work.ask(self, self.client.logout, lambda _: None, lambda _: None)
            return
        self.person = person
        if person.id != self._last_person:
            self._forget_pages()
            self._last_person = person.id
        self.gate.say("")
        self._used_s = self._tick()
        self._let_in()

    def _let_in(self) -> None:
        person = self.person
        assert person is not None
        self._door.setCurrentWidget(self._inside)
        self._show_who()
        for key, button in self._buttons.items():
            button.setVisible(person.may(self._infos[key].needs))
        allowed = [key for key, info in self._infos.items() if person.may(info.needs)]
        wanted = self.current if self.current in allowed else allowed[0] if allowed else None
        self.current = None
        if wanted is not None:
            self.show_page(wanted)
            self._buttons[wanted].setFocus()

    def _show_who(self) -> None:
        """In the strip: who is logged in, and the way to log out."""
        person = self.person
        if person is not None:
            self.who.setText(f"{person.name} · {self.texts(f'page.role.{person.role}')}")
        self.who.setVisible(person is not None)
        self.lock_button.setVisible(person is not None)

    def _forget_pages(self) -> None:
        for page in self.pages.values():
            self._stack.removeWidget(page)
            page.deleteLater()
        self.pages, self.current = {}, None

    # -- pages ---------------------------------------------------------------------------------

    def show_page(self, key: str) -> bool:
        """Bring the page of this key to the front. False: the one in front will not leave."""
        info = self._infos[key]
        before = self.pages.get(self.current or "")
        if self.person is None or self.client is None or not self.person.may(info.needs):
            return False
        if before is not None and key != self.current and not before.leaving():
            self._mark()
            return False
        if key not in self.pages:
            page = info.factory(self.client, self.texts)
            page.work, page.mirror = self.work, self._mirror
            page.told.connect(self._tell)
            page.failed.connect(self._failed)
            page.wants_page.connect(self._pass_on)
            self.pages[key] = page
            self._stack.addWidget(page)
            page.set_texts()
            page.set_sizes(self.sizes)
        self.current = key
        self._stack.setCurrentWidget(self.pages[key])
        self._mark()
        self._tell("info", "")
        self.pages[key].shown()
        return True

    def _mark(self) -> None:
        for key, button in self._buttons.items():
            button.setChecked(key == self.current)

    def _pass_on(self, key: str, what: object) -> None:
        if key in self._infos and self.show_page(key):
            self.pages[key].given(what)

    def _tell(self, level: str, text: str) -> None:
        self.said.setText(text)
        self.said.setProperty("level", level)
        self.said.style().unpolish(self.said)
        self.said.style().polish(self.said)

    def _failed(self, error: StationError) -> None:
        if error.code == "person.session" and self.person is not None:
            self.lock()
            self.gate.say(self._words(error))
        else:
            self._tell("refusal", self._words(error))

    def _words(self, error: StationError) -> str:
        said = say_code(error.code, error.params, self.texts.lang, message=error.message, remedy=error.remedy)
        return f"{said.text} · {said.remedy}" if said.remedy else said.text

    # -- what comes in -------------------------------------------------------------------------

    def scan(self, raw: str) -> None:
        """A scan has come, by keys or from a serial scanner."""
        text = raw.strip()
        if text.upper().startswith("#CMD#"):
            self.command.emit(text)
        elif self.person is None or is_badge(text):
            if self.person is None:
                self._login(badge=text)
        else:
            page = self.pages.get(self.current or "")
            if page is not None and not page.scanned(text):
                self._tell("refusal", self.texts("page.scan_unused"))

    def _stop_all(self) -> None:
        """Esc is what it is on the operator's page; an open list in front of all is closed."""
        self.stop_all.emit()
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()

    def _used(self) -> None:
        self._used_s = self._tick()

    def look(self) -> None:
        """Twice a second: the strip, and whether anybody is still there."""
        self.strip.show_mirror(self._mirror, self.texts)
        if self.person is not None and self.current is not None:
            self.pages[self.current].look()
        if self.person is not None and self._tick() - self._used_s > self._idle_s:
            self.lock()
            self.gate.say(self.texts("page.gate.idle"))

    # -- sizes and words -----------------------------------------------------------------------

    def set_texts(self) -> None:
        """Every word in the current language."""
        texts = self.texts
        self.strip.set_texts(texts)
        self.gate.set_texts()
        self.back.setText(f"{texts('page.back')}\nF2")
        self.back.setAccessibleName(f"{texts('page.back')}, F2")
        self.lock_button.setText(texts("page.lock"))
        for key, button in self._buttons.items():
            button.setText(texts(f"page.{key}"))
            button.setAccessibleName(texts("page.open", page=texts(f"page.{key}")))
        if self.person is not None:
            self.who.setText(f"{self.person.name}\n{texts(f'page.role.{self.person.role}')}")
        for page in self.pages.values():
            page.set_texts()

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit everything to the window."""
        self.sizes = sizes
        self.setStyleSheet(engineer_sheet(sizes))
        self._box.setContentsMargins(*[sizes.px(10)] * 4)
        self._box.setSpacing(sizes.px(8))
        self._list_box.setContentsMargins(0, 0, 0, 0)
        self._list_box.setSpacing(sizes.px(4))
        self._page_list.set_sizes(sizes)
        self._list.setFixedWidth(sizes.px(190))
        self.strip.set_sizes(sizes)
        self.gate.set_sizes(sizes)
        for page in self.pages.values():
            page.set_sizes(sizes)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fonts and spacing follow the window."""
        super().resizeEvent(event)
        sizes = Sizes.of(self.width(), self.height(), self.screen().physicalDotsPerInch())
        if sizes != self.sizes:
            self.set_sizes(sizes)


def _end(client: ServiceClient | None) -> None:
    """In a thread: nobody is logged in on it any more, and its connections are closed."""
    if client is not None:
        with contextlib.suppress(StationError):  # a service that is gone has forgotten the session anyway
            client.logout()
        client.close()
