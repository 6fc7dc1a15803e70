"""What every engineer page is: a widget with a key, a role, and a way to ask the service without waiting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from station.errors import StationError
from station.service.client import Role, ServiceClient
from station.ui.engineer.work import Work
from station.ui.style import Sizes
from station.ui.texts import Texts, say_code


class EngineerPage(QWidget):
    """Derive, set ``key`` and ``needs``, build the widgets in ``__init__``, and register in ``pages.py``.

    The texts ``page.<key>`` name it in the list. Every widget that takes the focus has an accessible name.
    """

    key: ClassVar[str]
    needs: ClassVar[Role] = "engineer"

    told = Signal(str, str)
    """Level (``info`` or ``refusal``) and a sentence for the line at the bottom."""
    failed = Signal(object)
    """A StationError; the shell says it, and locks when the session is over."""
    wants_page = Signal(str, object)
    """Open the page of this key and hand it something by ``given``."""

    def __init__(self, client: ServiceClient, texts: Texts) -> None:
        super().__init__()
        self.client, self.texts = client, texts
        self.sizes = Sizes()
        self.work: Work | None = None
        """The shell gives its own; a page that stands alone makes one."""

    def ask(
        self,
        work: Callable[[], Any],
        then: Callable[[Any], None],
        failed: Callable[[StationError], None] | None = None,
    ) -> None:
        """Do ``work`` in a thread (it may block: client, files), then ``then`` with its value."""
        if self.work is None:
            self.work = Work(self)
        self.work.ask(self, work, then, failed or self.failed.emit)

    def say(self, code: str, params: dict[str, Any], message: str = "") -> str:
        """A message of the station in the reader's language."""
        return say_code(code, params, self.texts.lang, message=message).text

    def set_texts(self) -> None:
        """Every word in the current language."""

    def set_sizes(self, sizes: Sizes) -> None:
        """The window has another size; the shell's style sheet has changed already."""
        self.sizes = sizes

    def shown(self) -> None:
        """The page is in front now: read what may have changed."""

    def leaving(self) -> bool:
        """Whether another page may come to the front; say why not by ``told``."""
        return True

    def scanned(self, text: str) -> bool:
        """A scan has come while this page is in front. False: not for this page."""
        del text
        return False

    def given(self, what: object) -> None:
        """Another page has sent this."""
        del what
