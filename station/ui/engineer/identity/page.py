"""Identity: what a code says, what belongs together, second lives, corrections, conflicts."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QTabWidget, QVBoxLayout, QWidget

from station.service.client import ServiceClient
from station.ui.codes import BatteryCode, read_scan
from station.ui.engineer.fields import Choice
from station.ui.engineer.identity import content
from station.ui.engineer.identity.deed import Deed
from station.ui.engineer.identity.finder import Finder
from station.ui.engineer.identity.tree import PartsTree
from station.ui.engineer.page import EngineerPage
from station.ui.engineer.table import Table
from station.ui.style import Sizes
from station.ui.texts import Texts

TABS: Final = ("code", "parts", "links", "changes", "tests", "conflicts")
WIDE: Final = {"code": (1,), "links": (2, 3, 6), "changes": (3, 4, 6), "tests": (1,), "conflicts": (0, 1)}
COLUMNS: Final = {**{name: len(heads) for name, heads in content.HEADS.items()}, "tests": 6}
TEST_HEADS: Final = (
    "page.history.time", "page.history.battery", "page.history.profile", "page.history.verdict",
    "page.history.grade", "page.compare.soh",
)  # fmt: skip


class IdentityPage(EngineerPage):
    """On the left every code on record, on the right the one that is shown."""

    key = "identity"

    def __init__(self, client: ServiceClient, texts: Texts) -> None:
        super().__init__(client, texts)
        self.finder = Finder(texts)
        self.title = QLabel()
        self.title.setObjectName("page_title")
        self.title.setWordWrap(True)
        self.tables = {name: Table(columns, *WIDE[name]) for name, columns in COLUMNS.items()}
        self.tree = PartsTree()
        self.holder, self.new_code, self.value = QLineEdit(), QLineEdit(), QLineEdit()
        self.level, self.field = Choice(), Choice()
        self.deeds = {
            "code": Deed({"level": self.level}, ("put",), reason=False),
            "parts": Deed({"holder": self.holder}, ("link", "unlink")),
            "links": Deed({"new_code": self.new_code}, ("recode",)),
            "changes": Deed({"field": self.field, "value": self.value}, ("correct",)),
        }
        self.moved = self.deeds["parts"].add_check()
        self.notes = {name: QLabel() for name in ("parts", "changes", "conflicts")}
        self.tabs = QTabWidget()
        self.told_of: dict[str, Any] | None = None
        self._top: dict[str, Any] | None = None
        self._changes: list[dict[str, Any]] = []
        self._conflicts: list[dict[str, Any]] = []
        self._turn = 0
        self._build()
        self.finder.wanted.connect(self._find)
        self.finder.opened.connect(self.open_code)
        self.tree.opened.connect(self.open_code)
        self.tables["tests"].opened.connect(self._open_test)
        self.tables["conflicts"].opened.connect(self._open_conflict)
        for deed in self.deeds.values():
            deed.asked.connect(self._do)

    def _build(self) -> None:
        for name in TABS:
            sheet = QWidget()
            box = QVBoxLayout(sheet)
            if name in self.notes:
                self.notes[name].setWordWrap(True)
                box.addWidget(self.notes[name])
            box.addWidget(self.tree if name == "parts" else self.tables[name], 1)
            if name in self.deeds:
                box.addWidget(self.deeds[name])
            self.tabs.addTab(sheet, "")
        right = QVBoxLayout()
        right.addWidget(self.title)
        right.addWidget(self.tabs, 1)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.finder)
        whole.addLayout(right, 1)

    # -- asking --------------------------------------------------------------------------------

    def shown(self) -> None:
        """Codes, conflicts and corrections as they are now; what is shown is read anew."""
        self._find(self.finder.code.text().strip())
        self.ask(lambda: self.client.get("/api/identities/conflicts"), self._took_conflicts)
        if self.told_of is not None:
            self.open_code(self.told_of["code"])
        else:
            self.ask(lambda: self.client.get("/api/changes"), self._took_changes)

    def _find(self, text: str) -> None:
        self.ask(
            lambda: self.client.get("/api/identities", text=text or None),
            lambda answer: self.finder.show_codes(answer["codes"], more=answer["more"]),
        )

    def open_code(self, code: str) -> None:
        """Everything known of this code, and of what it sits in."""
        self._turn += 1
        turn = self._turn
        self.ask(lambda: self._fetch(code), lambda told: self._took(turn, *told))

    def _fetch(self, code: str) -> tuple[dict[str, Any], dict[str, Any]]:
        told = self.client.get(f"/api/identities/{quote(code, safe='')}")
        holders = told["holders"]
        top = self.client.get(f"/api/identities/{quote(holders[-1]['code'], safe='')}") if holders else told
        return told, {"code": top["code"], "level": top["level"], "parts": top["parts"]}

    def _took(self, turn: int, told: dict[str, Any], top: dict[str, Any]) -> None:
        if turn == self._turn:
            self.told_of, self._top, self._changes = told, top, told["changes"]
            self.finder.mark(told["code"])
            self._fill()

    def _took_changes(self, answer: dict[str, Any]) -> None:
        if self.told_of is None:
            self._changes = answer["changes"][::-1]
            self._fill()

    def _took_conflicts(self, answer: dict[str, Any]) -> None:
        self._conflicts = answer["conflicts"]
        self._fill()

    # -- doing ---------------------------------------------------------------------------------

    def _do(self, deed: str) -> None:
        told = self.told_of
        if told is None:
            self.told.emit("refusal", self.texts("ident.nothing"))
            return
        path, body = self._request(deed, told)
        if not body:
            self.told.emit("refusal", self.texts("ident.missing"))
            return
        self.ask(lambda: self.client.post(path, body), lambda _: self._done(deed, told["code"]))

    def _request(self, deed: str, told: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Where and what; nothing where something is missing."""
        code, why = told["code"], {key: part.why.text().strip() for key, part in self.deeds.items()}
        if deed == "put":
            return "/api/identities", {"code": code, "level": self.level.value()}
        if deed == "link":
            holder = self.holder.text().strip()
            body = {"holder": holder, "part": code, "move": self.moved.isChecked(), "why": why["parts"]}
            return "/api/identities/link", body if holder and why["parts"] else {}
        if deed == "unlink":
            return "/api/identities/unlink", {"part": code, "why": why["parts"]} if why["parts"] else {}
        if deed == "recode":
            new = self.new_code.text().strip()
            body = {"old": code, "new": new, "why": why["links"]}
            return "/api/identities/recode", body if new and why["links"] else {}
        field, value = self.field.value() or content.CORRECTABLE[0], self.value.text().strip()
        record = "battery" if told["battery"] else "identity"
        body = {"record": record, "key": code, "field": field, "value": value, "why": why["changes"]}
        return "/api/changes", body if value and why["changes"] else {}

    def _done(self, deed: str, code: str) -> None:
        for part in self.deeds.values():
            part.why.clear()
        for field in (self.holder, self.new_code, self.value):
            field.clear()
        self.moved.setChecked(False)
        self.told.emit("info", self.texts("ident.put_done" if deed == "put" else "ident.done", code=code))
        self.shown()

    def _open_test(self, row: int) -> None:
        if self.told_of is not None and row < len(self.told_of["tests"]):
            self.wants_page.emit("history", self.told_of["tests"][row]["run_id"])

    def _open_conflict(self, row: int) -> None:
        if row < len(self._conflicts):
            self.open_code(self._conflicts[row]["batteries"][0])

    def scanned(self, text: str) -> bool:
        """A battery's code: show it."""
        read = read_scan(text)
        if not isinstance(read, BatteryCode):
            return False
        self.finder.code.setText(read.code)
        self.open_code(read.code)
        return True

    def given(self, what: object) -> None:
        """Another page has sent a code."""
        if isinstance(what, str):
            self.open_code(what)

    # -- showing -------------------------------------------------------------------------------

    def _fill(self) -> None:
        texts, told = self.texts, self.told_of
        tables = self.tables
        self.title.setText(content.title(told, texts) if told else texts("ident.nothing"))
        tables["code"].fill(content.code_rows(told, texts, self.say) if told else [])
        tables["links"].fill(content.link_rows(told, texts) if told else [])
        tables["tests"].fill(content.test_rows(told, texts) if told else [])
        tables["changes"].fill(content.change_rows(self._changes, texts))
        tables["conflicts"].fill(
            [[self.say(one["code"], one["params"]), "\n".join(one["batteries"])] for one in self._conflicts]
        )
        self.tree.clear()
        if told is not None and self._top is not None:
            self.tree.show_top(self._top, told["codes"], texts)
        notes = {
            "parts": told is not None and not told["holders"] and not told["parts"] and "ident.alone",
            "changes": ("ident.all_changes" if told is None else "") if self._changes else "ident.no_changes",
            "conflicts": "" if self._conflicts else "ident.no_conflicts",
        }
        for name, key in notes.items():
            self.notes[name].setText(texts(key) if key else "")
            self.notes[name].setVisible(bool(key))
        count = len(self._conflicts)
        self.tabs.setTabText(TABS.index("conflicts"), texts("ident.tab_conflicts", count=count))
        for deed in self.deeds.values():
            deed.setEnabled(told is not None)
        known = told is not None and told["on_record"] and told["level"] is not None
        put = self.deeds["code"].buttons["put"]
        if known and put.hasFocus():
            tables["code"].setFocus()  # else the focus goes on by itself
        put.setEnabled(not known)

    def set_texts(self) -> None:
        """Words."""
        texts = self.texts
        self.finder.set_texts()
        self.tree.set_texts(texts)
        for number, name in enumerate(TABS[:-1]):
            self.tabs.setTabText(number, texts(f"ident.tab_{name}"))
        for name, heads in content.HEADS.items():
            label = texts("ident.conflicts" if name == "conflicts" else f"ident.tab_{name}")
            self.tables[name].set_heads(label, [texts(f"ident.{head}") for head in heads])
        self.tables["tests"].set_heads(texts("ident.tab_tests"), [texts(head) for head in TEST_HEADS])
        self.level.offer([(one, texts(f"ident.{one}")) for one in content.LEVELS], texts("ident.no_level"))
        self.field.offer(
            [(one, content.field_word(one, texts)) for one in content.CORRECTABLE[1:]],
            content.field_word(content.CORRECTABLE[0], texts),
        )
        for deed in self.deeds.values():
            deed.set_texts(texts, "ident")
        self.moved.setText(texts("ident.moved"))
        self._fill()

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit to the window."""
        super().set_sizes(sizes)
        self.finder.set_sizes(sizes)
        for table in self.tables.values():
            table.set_sizes(sizes)
