"""The bench: what is wired, who answers, what the file warns of; discovery; the bench file to edit."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QPlainTextEdit, QSplitter, QTabWidget, QVBoxLayout, QWidget

from station.service.client import Role, ServiceClient
from station.ui.engineer.checked_text import CheckedText
from station.ui.engineer.work_page import Answer, Table, WorkPage, field, row
from station.ui.engineer.yaml_text import DiffView
from station.ui.texts import Texts, say_code

KINDS = ("visa", "serial", "can")


class SetupPage(WorkPage):
    """Changes are written to the file; the service goes on with what it was started with."""

    key: ClassVar[str] = "setup"
    needs: ClassVar[Role] = "engineer"

    def __init__(self, client: ServiceClient, texts: Texts) -> None:
        super().__init__(client, texts)
        self.setup: Answer = {}
        self.asked: dict[str, Answer] = {}
        self.found: list[Answer] = []
        self.lines: list[str] = []
        self.head = QLabel()
        self.head.setWordWrap(True)
        self.instruments = Table(["place_name", "driver", "address", "expected", "answer"], wide=4)
        self.limits = Table(["channel", "limits", "warnings"], wide=2)
        self.addresses, self.reason = field("lan"), field("why")
        self.kinds = {kind: QCheckBox() for kind in KINDS}
        self.things = Table(["kind", "address", "state", "identity", "driver"], wide=3)
        self.entries = QPlainTextEdit()
        self.entries.setReadOnly(True)
        self.entries.setTabChangesFocus(True)
        self.text, self.diff = CheckedText(), DiffView()
        self.tabs = QTabWidget()
        self._build()
        self.text.wants_check.connect(self.check_now)
        self.set_texts()

    def _build(self) -> None:
        wired = QWidget()
        listed = QVBoxLayout(wired)
        listed.addWidget(self.head)
        listed.addWidget(self.instruments, 3)
        listed.addWidget(self.limits, 2)
        listed.addLayout(row(1, self.button("ask", self._ask)))
        look = QWidget()
        down = QVBoxLayout(look)
        for box in self.kinds.values():
            box.setChecked(True)
        down.addLayout(row(self.addresses, *self.kinds.values(), self.button("discover", self._discover)))
        down.addWidget(self.things, 2)
        down.addWidget(self.entries, 1)
        file = QWidget()
        written = QVBoxLayout(file)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.text)
        split.addWidget(self.diff)
        split.setChildrenCollapsible(False)
        split.setSizes([600, 400])
        written.addWidget(split, 1)
        self.write = self.button("write", self._write)
        written.addLayout(row(self.reason, self.write))
        for part in (wired, look, file):
            self.tabs.addTab(part, "")
        self.body.addWidget(self.tabs, 1)

    def shown(self) -> None:
        """The page comes into view."""
        self.call(lambda: self.client.get("/api/setup"), self._came)

    def retext(self) -> None:
        """Every word anew."""
        self.relabel()
        for number, name in enumerate(("wired", "discovery", "file")):
            self.tabs.setTabText(number, self.word(name))
        for kind, box in self.kinds.items():
            box.setText(self.word(f"kind_{kind}"))
        for part, name in (
            (self.instruments, "wired"), (self.limits, "limits"), (self.things, "discovery"),
            (self.entries, "entries"), (self.diff, "differences"),
        ):  # fmt: skip
            part.setAccessibleName(self.word(name))
        self.text.name(self.word("file"), self.word("problems"))
        self._show()
        self._show_found()
        if self.text.text():
            self.text.pause.start()

    # -- wired ---------------------------------------------------------------------------------

    def _came(self, answer: Answer) -> None:
        self.tell("")
        self.setup = answer
        shown = answer["file"]
        if shown is not None and not self.text.text():
            self.text.put(shown["text"])
        self._show()

    def _show(self) -> None:
        told = self.setup
        if not told:
            return
        kind = self.word("simulated") if told["simulated"] else self.word("real")
        file = told["file"] or {}
        name = file.get("path", "").rpartition("/")[2]
        lines = [f"{self.local(told['title'])} ({told['name']}) · {kind} · {name}"]
        self.head.setToolTip(file.get("path", ""))
        if file.get("pending"):
            lines.append(f"△ {self.word('pending')}")
        lines += [f"△ {self.said(one).partition(' → ')[0]}" for one in told["warnings"] if not self._of(one)]
        self.head.setText("\n".join(lines))
        rows = []
        for one in told["instruments"]:
            expect = ", ".join(one["expect"].values())
            rows.append(
                (
                    self._place_name(one["place"]),
                    one["driver"],
                    one["address"] or "",
                    expect,
                    self._answer(one["place"]),
                )
            )
        heads = [self.word(name) for name in self.instruments.columns]
        self.instruments.fill(heads, rows)
        self._show_limits(told)

    def _show_limits(self, told: Answer) -> None:
        rows = []
        for channel, limits in told["limits"].items():
            level, cells = told["levels"][channel]
            name = (
                f"{channel} · {self.local(told['names'][channel])} ({self.word(f'level_{level}')}, {cells}S)"
            )
            span = (
                f"{limits['voltage_min_V']:g}–{limits['voltage_max_V']:g} V, "
                f"+{limits['charge_current_max_A']:g}/−{limits['discharge_current_max_A']:g} A, "
                f"{limits['power_max_W']:g} W, "
                f"{limits['temperature_min_degC']:g}–{limits['temperature_max_degC']:g} °C"
            )
            told_here = [
                self.said(one).partition(" → ")[0] for one in told["warnings"] if self._of(one) == channel
            ]
            rows.append((name, span, "\n".join(f"△ {text}" for text in told_here)))
        self.limits.fill([self.word(name) for name in self.limits.columns], rows)

    def _place_name(self, place: str) -> str:
        """``channel 1 power`` in the page's language."""
        where, _, part = place.rpartition(" ")
        kind, _, number = where.partition(" ")
        if kind == "printer":
            return self.word("part_printer", part=part)
        return self.word(f"part_{kind}", channel=number, part=self.word(f"part_{part}"))

    @staticmethod
    def _of(warning: Answer) -> str:
        return str(warning["params"].get("channel", ""))

    def _answer(self, place: str) -> str:
        """Who answered there, with firmware and protections."""
        told = self.asked.get(place)
        if told is None:
            return self.word("not_asked")
        if told["state"] in ("in_use", "joined"):
            return self.word(f"state_{told['state']}")
        who = told.get("identity") or {}
        name = " ".join(filter(None, (who.get(key) for key in ("manufacturer", "model", "serial"))))
        if told["state"] == "silent":
            return f"✕ {self.word('state_silent')}"
        if told["state"] == "wrong":
            return f"✕ {self.word('state_wrong')}: {name}"
        firmware = who.get("firmware")
        parts = [f"✓ {name}", self.word("firmware", value=firmware) if firmware else ""]
        able = told.get("protections")
        if able:
            watch = able["watchdog_s"] or able["load_on_timer_s"]
            parts.append(
                self.word("watchdog", value=f"{watch[0]:g}–{watch[1]:g}")
                if watch
                else self.word("no_watchdog")
            )
            parts.append(f"{able['current_A'][0]:g} … {able['current_A'][1]:g} A")
        return " · ".join(filter(None, parts))

    def _ask(self) -> None:
        self.call(lambda: self.client.post("/api/setup/ask", None), self._answered)

    def _answered(self, answer: Answer) -> None:
        self.asked = {one["place"]: one for one in answer["instruments"]}
        bad = [one for one in answer["instruments"] if one["state"] in ("silent", "wrong")]
        self.tell(
            self.word("all_answer") if not bad else self.word("some_silent", count=len(bad)),
            "warn" if bad else "good",
        )
        self._show()

    # -- discovery -----------------------------------------------------------------------------

    def _discover(self) -> None:
        body = {
            "lan": [part for part in self.addresses.text().replace(",", " ").split() if part],
            "kinds": [kind for kind, box in self.kinds.items() if box.isChecked()],
        }
        self.call(lambda: self.client.post("/api/setup/discover", body), self._looked)

    def _looked(self, answer: Answer) -> None:
        self.found = answer["found"]
        self.lines = answer["entries"].split("\n")
        self.tell(self.word("found", count=len(self.found)), "good")
        self._show_found()

    def _show_found(self) -> None:
        rows = []
        for one in self.found:
            who = " ".join(filter(None, (one["identity"] or {}).values())) or self._note(one)
            kind = self.word(f"kind_{one['kind']}")
            rows.append((kind, one["address"], self.word(f"state_{one['state']}"), who, one["driver"] or ""))
        self.things.fill([self.word(name) for name in self.things.columns], rows)
        # The service's own word on where the lines are from is English: the page says it in its language.
        own = [line for line in self.lines if not line.startswith("#")]
        self.entries.setPlainText("\n".join([f"# {self.word('by_asking')}", *own]) if self.lines else "")

    def _note(self, one: Answer) -> str:
        """Why nobody answered, or what the place says of itself, in the reader's language."""
        problem = one.get("problem")
        if problem:
            return say_code(
                problem["code"], problem["params"], self.texts.lang, message=problem["message"]
            ).text
        note: str = one["note"]
        return self.word(f"note_{note}") if note in ("modbus", "can") else note

    # -- the file ------------------------------------------------------------------------------

    def check_now(self) -> None:
        """Ask for a check of the text."""
        body = {"text": self.text.text()}
        self.call(lambda: self.client.post("/api/setup/check", body), self._checked, key="check", quiet=True)

    def _checked(self, answer: Answer) -> None:
        self.show_checked(self.text, answer)
        self.diff.setPlainText(self.difference(answer["diff"]))
        self.write.setEnabled(answer["ok"] and bool(answer["diff"]))

    def _write(self) -> None:
        body = {"text": self.text.text(), "why": self.reason.text()}
        self.call(lambda: self.client.post("/api/setup/file", body), self._written)

    def _written(self, answer: Answer) -> None:
        self.reason.clear()
        self.tell(self.word("written", path=answer["path"]), "good")
        self.check_now()
