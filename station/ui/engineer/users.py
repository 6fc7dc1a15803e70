"""People: who may log in, as what; only for administrators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout

from station.messages.catalogue import value
from station.service.client import Role, ServiceClient
from station.ui.engineer.fields import Captioned, Choice, small_button
from station.ui.engineer.figures import local_time
from station.ui.engineer.page import EngineerPage
from station.ui.engineer.table import Table
from station.ui.style import Sizes
from station.ui.texts import Texts

ROLES: Final[tuple[Role, ...]] = ("operator", "engineer", "admin")
COLUMNS = ("name", "role", "active", "pin", "badge", "changed", "by")


class UsersPage(EngineerPage):
    """A list above, below it the fields: they make a new person, or change the chosen one."""

    key = "users"
    needs = "admin"

    def __init__(self, client: ServiceClient, texts: Texts) -> None:
        super().__init__(client, texts)
        self.table = Table(len(COLUMNS), 0, 6)
        self.persons: list[dict[str, Any]] = []
        self.name, self.pin, self.badge = QLineEdit(), QLineEdit(), QLineEdit()
        self.role = Choice()
        self.name.setMaxLength(40)
        for field in (self.pin, self.badge):
            field.setEchoMode(QLineEdit.EchoMode.Password)
            field.setMaxLength(80)
        self._parts = {key: Captioned(getattr(self, key)) for key in ("name", "role", "pin", "badge")}
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        self._buttons = {
            key: small_button(key)
            for key in ("add", "set_role", "set_pin", "set_badge", "no_badge", "toggle")
        }
        fields = QHBoxLayout()
        for part in self._parts.values():
            fields.addWidget(part, 1)
        row = QHBoxLayout()
        for button in self._buttons.values():
            row.addWidget(button)
        row.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.table, 1)
        box.addWidget(self.hint)
        box.addLayout(fields)
        box.addLayout(row)
        acts: dict[str, Callable[[], None]] = {
            "add": self.add,
            "set_role": lambda: self.change(role=self.role.value() or ROLES[0]),
            "set_pin": lambda: self._set("pin", self.pin.text()),
            "set_badge": lambda: self._set("badge", self.badge.text()),
            "no_badge": lambda: self.change(badge=None),
            "toggle": self.toggle,
        }
        for key, act in acts.items():
            self._buttons[key].clicked.connect(act)
        self.table.currentCellChanged.connect(lambda *_: self._mark())

    def shown(self) -> None:
        """Read the list."""
        self.ask(self.client.persons, self._took)

    def _took(self, persons: list[dict[str, Any]]) -> None:
        self.persons = persons
        self._fill()

    def add(self) -> None:
        """Put the person in the fields on record."""
        name, role = self.name.text().strip(), self.role.value()
        pin, badge = self.pin.text() or None, self.badge.text() or None
        self._forget()
        known = next((one for one in ROLES if one == role), ROLES[0])
        self.ask(
            lambda: self.client.add_person(name, known, pin=pin, badge=badge),
            lambda row: self._done("page.users.added", row),
        )

    def change(self, **wanted: Any) -> None:
        """Change the chosen person."""
        row = self.table.currentRow()
        self._forget()
        if 0 <= row < len(self.persons):
            number = self.persons[row]["id"]
            self.ask(
                lambda: self.client.change_person(number, **wanted),
                lambda changed: self._done("page.users.changed_", changed),
            )

    def toggle(self) -> None:
        """Let the chosen person log in no more, or again."""
        row = self.table.currentRow()
        if 0 <= row < len(self.persons):
            self.change(active=not self.persons[row]["active"])

    def scanned(self, text: str) -> bool:
        """A badge or any code that is scanned here goes into the badge field."""
        self.badge.setText(text)
        return True

    def _set(self, field: str, value: str) -> None:
        if value:
            self.change(**{field: value})
        else:
            self.told.emit("refusal", self.texts("page.users.missing"))

    def _forget(self) -> None:
        """Nothing of a PIN or a badge stays in a field."""
        self.pin.clear()
        self.badge.clear()

    def _done(self, key: str, row: dict[str, Any]) -> None:
        self.name.clear()
        self.told.emit("info", self.texts(key, name=row["name"]))
        self.shown()

    def leaving(self) -> bool:
        """PINs typed and not used are gone."""
        self._forget()
        return True

    def _fill(self) -> None:
        texts = self.texts
        yes, no = texts("page.yes"), "–"
        row = self.table.currentRow()
        self.table.fill(
            [
                [
                    person["name"],
                    texts(f"page.role.{person['role']}"),
                    texts("page.users.on" if person["active"] else "page.users.off"),
                    yes if person["pin"] else no,
                    yes if person["badge"] else no,
                    local_time(person["changed_utc"]),
                    value(person["changed_by"], self.texts.lang),
                ]
                for person in self.persons
            ]
        )
        if 0 <= row < len(self.persons):
            self.table.setCurrentCell(row, 0)
        self._mark()

    def _mark(self) -> None:
        row = self.table.currentRow()
        person = self.persons[row] if 0 <= row < len(self.persons) else None
        for key, button in self._buttons.items():
            button.setEnabled(key == "add" or person is not None)
        active = person is None or person["active"]
        self._buttons["toggle"].setText(self.texts("page.users.disable" if active else "page.users.enable"))

    def set_texts(self) -> None:
        """Words."""
        texts = self.texts
        self.table.set_heads(texts("page.users"), [texts(f"page.users.{name}") for name in COLUMNS])
        for key, part in self._parts.items():
            part.set_name(texts(f"page.users.{key}"))
        self.role.offer(
            [(role, texts(f"page.role.{role}")) for role in ROLES[1:]], texts("page.role.operator")
        )
        self.hint.setText(texts("page.users.hint"))
        for key, button in self._buttons.items():
            if key != "toggle":
                button.setText(texts(f"page.users.{key}"))
        self._fill()

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit to the window."""
        super().set_sizes(sizes)
        self.table.set_sizes(sizes)
