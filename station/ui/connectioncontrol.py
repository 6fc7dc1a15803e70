"""Brings guided connection to life on the page: when it is asked, and what is carried to the service."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QObject, QRect, QTimer
from PySide6.QtWidgets import QWidget

from station.errors import StationError
from station.ui.connection import ConnectionPanel
from station.ui.desk import Desk
from station.ui.errand import Errand
from station.ui.link import Link
from station.ui.mirror import Mirror
from station.ui.style import Sizes
from station.ui.texts import Texts

RENEW_MS: Final = 5000
"""While the panel is open the service is asked to go on looking, and for new photos."""
BARCODES: Final = {"#CMD#YES#": "yes", "#CMD#NO#": "no", "#CMD#START#": "start"}


class ConnectionControl(QObject):
    """``area`` says where on ``parent`` the form may lie; ``complain`` shows what the service refused;
    ``start`` asks for the test, ``confirm`` confirms an open panel: that is what a start means first."""

    def __init__(
        self,
        parent: QWidget,
        link: Link,
        mirror: Mirror,
        desk: Desk,
        *,
        area: Callable[[], QRect],
        complain: Callable[[StationError], None],
        start: Callable[[], None],
        confirm: Callable[[], bool],
    ) -> None:
        super().__init__(parent)
        self._link, self._mirror, self._desk = link, mirror, desk
        self._area, self._complain, self._start, self._confirm = area, complain, start, confirm
        self.panel = ConnectionPanel(parent)
        self._channel, self._battery = "", ""
        self._answers: dict[str, str] = {}
        self._offer: str | None = None
        self.panel.answered.connect(self._answered)
        self.panel.dropped.connect(self._attach)
        self.panel.photo.connect(lambda: self._attach(self._offer or ""))
        self.panel.go.connect(self.take_start)
        self.panel.left.connect(self.close)
        self._timer = QTimer(self)
        self._timer.setInterval(RENEW_MS)
        self._timer.timeout.connect(self._renew)

    # -- from the page -------------------------------------------------------------------------

    def take_start(self) -> bool:
        """A start was asked for: True when it is dealt with here, False when it may go its way.

        With the form open the start goes on once everything is answered; else the form is opened first, or,
        where the bench is content with one word, the start itself is that word.
        """
        if self.panel.isVisible():
            if self.panel.ready:
                self.close()
                self._start()
            return True
        slot = self._mirror.slots.get(self._desk.selected or "")
        battery = self._desk.code
        # Without a battery, or where a test cannot begin, the desk has its own words.
        if slot is None or battery is None or not self._desk.free(slot) or self._mirror.silent:
            return False
        channel, mode = slot.info.id, slot.info.checklist
        if mode == "full":
            self._ask(lambda b: b.service.connection(channel), lambda form: self._open(form, battery))
            return True
        if mode == "short":
            self._ask(
                lambda b: b.service.answer_connection(channel, battery, confirmed=True),
                lambda _: self._start(),
            )
            return True
        return False

    def prompt(self) -> str | None:
        """What the line at the top says while the form is open and a start would do nothing."""
        if not self.panel.isVisible() or self.panel.ready:
            return None
        return "prompt.form_no" if self.panel.barred else "prompt.form"

    def scanned(self, raw: str) -> bool:
        """A command barcode that means the form: yes, no, start. True when it was one."""
        text = unicodedata.normalize("NFKC", raw).strip().upper()
        word = BARCODES.get(text.removesuffix("CMD#") if text.endswith("#CMD#") else text)
        if word == "start":
            return self._confirm() or self.take_start()
        if word is None or not self.panel.isVisible():
            return False
        self.panel.answer(word)
        return True

    def heard(self, message: dict[str, Any]) -> None:
        """A live message that is the form's."""
        if message.get("channel") != self._channel or not self.panel.isVisible():
            return
        kind = message.get("type")
        if kind == "connection":
            self.panel.show_form(message["connection"])
        elif kind == "look":
            self.panel.show_look(message)
        elif kind == "look_ended":
            self.panel.show_look(None)

    def close(self) -> None:
        """Put the form away; what was answered stays with the service."""
        self._timer.stop()
        if self.panel.isVisible():
            self.panel.hide()
            channel = self._channel
            self._ask(lambda b: b.service.look_stop(channel))

    def set_texts(self, texts: Texts) -> None:
        """Words."""
        self.panel.set_texts(texts)

    def set_sizes(self, sizes: Sizes) -> None:
        """Sizes; and the place over the tiles."""
        self.panel.set_sizes(sizes)
        self.place()

    def place(self) -> None:
        """Over the tiles and nothing else: the stop buttons stay free."""
        area = self._area()
        if area.width() > 0 and self.panel.geometry() != area:
            self.panel.setGeometry(area)

    # -- inside --------------------------------------------------------------------------------

    def _open(self, form: dict[str, Any], battery: str) -> None:
        if self._desk.code != battery or self._desk.selected != form["channel"]:
            return  # another battery has been scanned meanwhile
        self._channel, self._battery, self._offer = str(form["channel"]), battery, None
        mine = form.get("battery") == battery
        self._answers = dict(form.get("answers") or {}) if mine else {}
        self.place()
        self.panel.open(form, battery)
        self._renew()
        self._timer.start()

    def _answered(self, key: str, word: str) -> None:
        self._answers[key] = word
        channel, battery, said = self._channel, self._battery, dict(self._answers)
        self._ask(lambda b: b.service.answer_connection(channel, battery, said), self.panel.show_form)

    def _attach(self, path: str) -> None:
        if path:
            channel, battery = self._channel, self._battery
            self._ask(lambda b: b.service.attach_photo(channel, battery, path), self.panel.show_form)

    def _renew(self) -> None:
        channel = self._channel
        known = self._desk.known or {}
        chemistry = known.get("chemistry")
        self._ask(lambda b: b.service.look(channel, chemistry))
        self._ask(lambda b: b.service.photos(channel), self._offered)

    def _offered(self, photos: list[dict[str, Any]]) -> None:
        self._offer = str(photos[0]["path"]) if photos else None
        self.panel.offer(
            str(photos[0]["name"]) if photos else None, camera=bool(photos and photos[0].get("camera"))
        )

    def _ask(self, call: Callable[[Any], Any], then: Callable[[Any], Any] = lambda _: None) -> None:
        def done(value: Any) -> None:
            if isinstance(value, StationError):
                self._complain(value)
            elif value is not None or then is not self.panel.show_form:
                then(value)

        self._link.ask(Errand(call, done))
