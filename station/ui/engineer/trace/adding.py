"""A message is put in the queue: which template, which battery, and what only a person knows."""

from __future__ import annotations

from datetime import date
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from station.ui.engineer.choosing import Chooser
from station.ui.engineer.fields import Captioned, small_button
from station.ui.engineer.table import Table
from station.ui.engineer.trace.content import given_fields, given_name
from station.ui.style import Sizes
from station.ui.texts import Texts


class Adding(QWidget):
    """``wanted`` gives the body of the request, ``wrong`` the key of a text that says what is missing."""

    wanted = Signal(object)
    wrong = Signal(str)

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self._templates: list[dict[str, Any]] = []
        self.template = Chooser()
        self.battery, self.run, self.on = QLineEdit(), QLineEdit(), QLineEdit()
        self._parts = {name: Captioned(getattr(self, name)) for name in ("template", "battery", "run", "on")}
        self.add = small_button("add")
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.fields = Table(2, 1)
        self.fields.setEditTriggers(
            QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.SelectedClicked
        )
        self.fields.opened.connect(self._edit)
        row = QHBoxLayout()
        for name, part in self._parts.items():
            row.addWidget(part, 2 if name == "battery" else 1)
        row.addWidget(self.add, 0, Qt.AlignmentFlag.AlignBottom)
        box = QVBoxLayout(self)
        box.addLayout(row)
        box.addWidget(self.note)
        box.addWidget(self.fields, 1)
        self.template.activated.connect(lambda _: self._fill())
        self.add.clicked.connect(self._ask)

    def show_templates(self, templates: list[dict[str, Any]]) -> None:
        """What there is to choose from; what was typed stays while the templates are the same."""
        if templates != self._templates:
            self._templates = templates
            self.set_texts()

    def clear(self) -> None:
        """It is queued: empty fields for the next one."""
        for field in (self.battery, self.run, self.on):
            field.clear()
        self._fill()

    def _chosen(self) -> dict[str, Any] | None:
        name = self.template.currentData()
        return next((one for one in self._templates if one["name"] == name), None)

    def _fill(self) -> None:
        texts, template = self._texts, self._chosen()
        wanted = given_fields(template) if template else []
        names = [(given_name(name, texts), must) for name, must in wanted]
        self.fields.fill([[texts("trace.must", field=name) if must else name, ""] for name, must in names])
        for row in range(len(wanted)):
            item = self.fields.item(row, 0) or QTableWidgetItem()
            item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
        if wanted:
            self.fields.setCurrentCell(0, 1)
        self.fields.setVisible(bool(wanted))
        self.note.setText("" if wanted else texts("trace.no_fields"))
        self.note.setVisible(not wanted)
        self._parts["run"].setVisible(bool(template and template["needs_run"]))

    def _edit(self, row: int) -> None:
        self.fields.setCurrentCell(row, 1)
        item = self.fields.item(row, 1)
        if item is not None:
            self.fields.editItem(item)

    def _ask(self) -> None:
        template = self._chosen()
        if template is None:
            return
        battery, run, on = (field.text().strip() for field in (self.battery, self.run, self.on))
        if not battery and not (template["needs_run"] and run):
            self.wrong.emit("trace.no_battery")
            return
        if on:
            try:
                date.fromisoformat(on)
            except ValueError:
                self.wrong.emit("page.history.bad_day")
                return
        values = [row[1].strip() for row in self.fields.texts()]
        given = {
            name: value for (name, _), value in zip(given_fields(template), values, strict=True) if value
        }
        body: dict[str, Any] = {"template": template["name"], "battery": battery or None, "fields": given}
        if on:
            body["on"] = on
        if template["needs_run"] and run:
            body["run_id"] = run
        self.wanted.emit(body)

    def set_texts(self) -> None:
        """Words."""
        texts, before = self._texts, self.template.currentData()
        for name, part in self._parts.items():
            part.set_name(texts(f"trace.{name}"))
        self.on.setPlaceholderText(texts("page.day"))
        self.add.setText(texts("trace.add"))
        self.template.clear()
        for template in self._templates:
            self.template.addItem(template["title"].get(texts.lang) or template["name"], template["name"])
        self.template.setCurrentIndex(max(self.template.findData(before), 0))
        self.fields.set_heads(texts("trace.tab_add"), [texts("trace.field"), texts("trace.value")])
        self._fill()

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit to the window."""
        self.fields.set_sizes(sizes)
