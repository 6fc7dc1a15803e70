"""Rule sets and prices: versions, text with a check, differences, and what a change would mean."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSpinBox, QSplitter, QTabWidget, QVBoxLayout, QWidget

from station.service.client import Role, ServiceClient
from station.ui.engineer.checked_text import CheckedText
from station.ui.engineer.work_page import Answer, Table, WorkPage, caption, choice, field, row
from station.ui.engineer.yaml_text import DiffView
from station.ui.texts import Texts

KINDS = ("rules", "prices")


class RulesPage(WorkPage):
    """Nothing is installed before the table has shown what it changes: trying comes first."""

    key: ClassVar[str] = "rules"
    needs: ClassVar[Role] = "engineer"

    def __init__(self, client: ServiceClient, texts: Texts) -> None:
        super().__init__(client, texts)
        self.known: Answer = {}
        self.tried: Answer = {}
        self._tried_text: tuple[str, str] | None = None
        self.kind, self.versions = choice(), choice()
        self.kind.addItems(["", ""])
        self.head = QLabel()
        self.head.setWordWrap(True)
        self.text, self.diff = CheckedText(), DiffView()
        self.runs = QSpinBox(minimum=1, maximum=1000, value=50)
        self.results = Table(["run", "battery", "before", "after", "changes"], wide=4)
        self.reason = field("why")
        self.tabs = QTabWidget()
        self._build()
        self.kind.activated.connect(lambda _: self._open(None))
        self.versions.activated.connect(lambda _: self._open(self.versions.currentData()))
        self.text.wants_check.connect(self.check_now)
        self.text.edit.textChanged.connect(self._must_try)
        self.set_texts()

    def _build(self) -> None:
        self.attempt = self.button("try", self._try)
        self.install = self.button("install", self._install)
        self.back = self.button("use_again", self._use)
        self.body.addLayout(
            row(
                caption("kind", self.kind),
                self.kind,
                caption("version", self.versions),
                self.versions,
                self.back,
                1,
            )
        )
        self.body.addWidget(self.head)
        meaning = QWidget()
        down = QVBoxLayout(meaning)
        down.addLayout(row(caption("last_runs", self.runs), self.runs, self.attempt, 1))
        down.addWidget(self.results, 1)
        self.tabs.addTab(meaning, "")
        self.tabs.addTab(self.diff, "")
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.text)
        split.addWidget(self.tabs)
        split.setChildrenCollapsible(False)
        split.setSizes([440, 600])
        self.body.addWidget(split, 1)
        self.body.addLayout(row(self.reason, self.install))

    def shown(self) -> None:
        """The page comes into view."""
        self.call(lambda: self.client.get("/api/rules"), self._came)

    def retext(self) -> None:
        """Every word anew."""
        self.relabel()
        for number, kind in enumerate(KINDS):
            self.kind.setItemText(number, self.word(f"kind_{kind}"))
        for number, name in enumerate(("meaning", "differences")):
            self.tabs.setTabText(number, self.word(name))
        self.text.name(self.word("text"), self.word("problems"))
        self.results.setAccessibleName(self.word("meaning"))
        self.diff.setAccessibleName(self.word("differences"))
        self._show()
        self._show_results()
        if self.text.text():
            self.text.pause.start()

    @property
    def chosen(self) -> str:
        """``rules`` or ``prices``."""
        return KINDS[max(self.kind.currentIndex(), 0)]

    def _came(self, answer: Answer) -> None:
        self.known = answer
        self._show()
        if not self.text.text():
            self._open(None)
        elif not self.status.startswith("✓"):
            self.tell("")

    def _show(self) -> None:
        if not self.known:
            return
        here = self.known[self.chosen]
        self.versions.clear()
        self.versions.addItem(self.word("shipped"), 0)
        for line in reversed({line["number"]: line for line in here["versions"]}.values()):
            if line["number"]:
                self.versions.addItem(
                    f"v{line['number']} · {line['t_utc'][:10]} · {line['who']}", line["number"]
                )
        self.versions.setCurrentIndex(max(self.versions.findData(here["in_use"]), 0))
        if self.chosen == "prices" and not here["in_use"]:
            lines = [self.word("no_prices")]
        else:
            about = here["about"] or {"name": "", "version": "", "sha256": ""}
            number = f"v{here['in_use']}" if here["in_use"] else self.word("shipped")
            name = f"{about['name']} {about['version']} ({number})"
            lines = [self.word("in_use", name=name, sha=about["sha256"][:16])]
            last = here["versions"][-1] if here["versions"] else None
            if last:
                lines.append(f"{last['t_utc'][:16].replace('T', ' ')} · {last['who']}: {last['why']}")
        self.head.setText("\n".join(lines))
        self._must_try()

    def _open(self, number: int | None) -> None:
        path = f"/api/rules/{self.chosen}" + ("" if number is None else f"?version={number}")
        self.call(lambda: self.client.get(path), self._opened)
        if number is None:
            self._show()

    def _opened(self, answer: Answer) -> None:
        self.tell("")
        self.text.put(answer["text"])

    # -- checking and trying -------------------------------------------------------------------

    def check_now(self) -> None:
        """Ask for a check of the text."""
        body, path = {"text": self.text.text()}, f"/api/rules/{self.chosen}/check"
        self.call(lambda: self.client.post(path, body), self._checked, key="check", quiet=True)

    def _checked(self, answer: Answer) -> None:
        self.show_checked(self.text, answer)
        self.diff.setPlainText(self.difference(answer["diff"], self._in_use()))
        self.attempt.setEnabled(answer["ok"])

    def _in_use(self) -> str:
        """What texts are compared with: the set or table in use, else the one that ships."""
        number = self.known.get(self.chosen, {}).get("in_use") or 0
        version = f"v{number}" if number else self.word("shipped")
        return f"{self.word(f'kind_{self.chosen}')} {version}"

    def _must_try(self) -> None:
        """What stands there may be installed once it was tried as it stands."""
        self.install.setEnabled(self._tried_text == (self.chosen, self.text.text()))

    def _try(self) -> None:
        body = {self.chosen: self.text.text(), "runs": self.runs.value()}
        tried = (self.chosen, self.text.text())

        def done(answer: Answer) -> None:
            self._tried_text, self.tried = tried, answer
            self.tell(self.word("tried", changed=answer["changed"], count=len(answer["runs"])), "good")
            self.tabs.setCurrentIndex(0)
            self._show_results()
            self._must_try()

        self.call(lambda: self.client.post("/api/rules/try", body), done)

    def _show_results(self) -> None:
        rows = []
        found = sorted(self.tried.get("runs", []), key=lambda one: not one["changes"])
        for one in found:
            changes = ", ".join(self.word(f"change_{name}") for name in one["changes"])
            problem = self.word("not_decided_again") if one["problem"] else ""
            text = problem or changes or self.word("no_change")
            sign = "✕" if one["problem"] else "△" if one["changes"] else "✓"
            rows.append(
                (
                    one["run_id"].replace("-", "-\u200b"),
                    one["battery"],
                    self._short(one["before"]),
                    self._short(one["after"]),
                    f"{sign} {text}",
                )
            )
        self.results.fill([self.word(name) for name in self.results.columns], rows)

    def _short(self, told: Answer | None) -> str:
        if told is None:
            return "–"
        parts = [self.texts(f"verdict.{told['verdict']}"), told.get("grade") or ""]
        value = told.get("value")
        if value:
            parts.append(f"{value['value']:.0f} [{value['low']:.0f}, {value['high']:.0f}]")
        return " ".join(filter(None, parts))

    # -- installing ----------------------------------------------------------------------------

    def _install(self) -> None:
        body = {"text": self.text.text(), "why": self.reason.text()}
        path = f"/api/rules/{self.chosen}"
        self.call(lambda: self.client.post(path, body), self._installed)

    def _use(self) -> None:
        body = {"version": self.versions.currentData() or 0, "why": self.reason.text()}
        path = f"/api/rules/{self.chosen}/use"
        self.call(lambda: self.client.post(path, body), self._installed)

    def _installed(self, answer: Answer) -> None:
        self.reason.clear()
        number = f"v{answer['number']}" if answer["number"] else self.word("shipped")
        self.tell(self.word("installed", what=self.word(f"kind_{answer['name']}"), version=number), "good")
        self.call(lambda: self.client.get("/api/rules"), self._came, quiet=True)
        self.check_now()
