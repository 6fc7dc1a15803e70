"""From a run on record to the facts that papers show. Plain data in, plain data out; nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from station.messages.reasons import reason_of
from station.papers.instruments import InstrumentRow, instruments_of

Told = tuple[str, dict[str, Any]]
"""A code and its params."""


@dataclass(frozen=True)
class Soh:
    """State of health as fractions; ``coverage`` of the interval is 0.9."""

    estimate: float
    low: float
    high: float
    coverage: float = 0.9


@dataclass(frozen=True)
class Use:
    """A second-life use: ``fits``, ``conditional`` or ``blocked``, and what stands against it."""

    status: str
    title: dict[str, str]
    against: tuple[Told, ...] = ()


@dataclass(frozen=True)
class PulseRow:
    """One pulse: when (s), how long (s), current (A), resistance (Ω) by time into the pulse (s, as text)."""

    start_s: float
    duration_s: float
    current_A: float
    resistance_ohm: dict[str, float]


@dataclass(frozen=True)
class RunFacts:
    """What is known of one run; None where the record does not say."""

    run_id: str
    battery: str
    bench: str
    channel: str
    profile: str
    plan_digest: str
    simulated: bool
    speed: float
    started: datetime
    duration_s: float | None
    nominal_capacity_Ah: float | None
    chemistry: str | None
    chemistry_found: tuple[str, float] | None
    level: str | None
    series_cells: int | None
    verdict: str
    grade: str | None
    best_grade: str | None
    worst_grade: str | None
    soh: Soh | None
    measured_soh: float | None
    reason: Told | None
    fault: Told | None
    uses: tuple[Use, ...]
    rules: tuple[str, str, str] | None
    model_id: str | None
    recipes: tuple[str, ...]
    version: str
    pulses: tuple[PulseRow, ...]
    instruments: tuple[InstrumentRow, ...]
    files: tuple[tuple[str, str, str], ...]
    warnings: tuple[Told, ...]
    outcome: str
    resumes: int = 0
    uncertainty: tuple[tuple[str, float | None, str, float, bool, str], ...] = ()
    """Quantity, value, unit, expanded uncertainty (k = 2), whether that is a lower bound, its largest
    component."""
    joined: bool = False
    """Whether the SOH joins what was known of the battery before this run."""
    cells: Mapping[str, Any] | None = None
    memory: Mapping[str, float] | None = None
    """What the pack's own controller remembers of its life."""
    """Every cell of a pack, as the result has them."""

    @property
    def kind(self) -> str:
        """What the verdict is called: ``pass``, ``fail``, ``quarantine``, ``no_verdict`` or ``fault``."""
        return "fault" if self.fault is not None and self.verdict == "no_verdict" else self.verdict

    @property
    def evidence(self) -> tuple[str, str] | None:
        """Kind and SHA-256 of the file that the papers' code names: the result, else the run file."""
        known = {kind: digest for kind, _, digest in self.files}
        return next(((kind, known[kind]) for kind in ("result", "run", "journal") if kind in known), None)

    @property
    def code_text(self) -> str:
        """What the QR code says: run and hash, readable by anybody."""
        evidence = self.evidence
        return f"PULSE-STATION RUN {self.run_id}" + (
            f" {evidence[0]} SHA256 {evidence[1]}" if evidence else ""
        )


def facts_of(row: Mapping[str, Any], header: Mapping[str, Any] | None = None) -> RunFacts:
    """From ``show_run``'s row and the run file's description (None when there is no run file).

    A run without a result (a fault before the first sample) has a paper, too: it says so.
    """
    result: Mapping[str, Any] = row.get("result") or {}
    header = header or {}
    decision = result.get("decision") or {}
    outcome = decision.get("outcome") or {}
    rules = decision.get("rules") or {}
    found = result.get("chemistry") or {}
    error = row.get("error")
    abstained = bool(result.get("abstained", True))
    return RunFacts(
        run_id=row["run_id"],
        battery=row["battery"],
        bench=row["bench"],
        channel=row["channel"],
        profile=row["profile"],
        plan_digest=row.get("plan_digest") or "",
        simulated=bool(row["simulated"]),
        speed=float(row.get("speed") or 1.0),
        started=datetime.fromisoformat(row["started_utc"]),
        duration_s=row.get("duration_s"),
        nominal_capacity_Ah=row.get("nominal_capacity_Ah"),
        chemistry=row.get("chemistry"),
        chemistry_found=(found["label"], found["confidence"]) if found.get("label") else None,
        level=result.get("level") or (header.get("battery") or {}).get("level"),
        series_cells=result.get("series_cells") or (header.get("battery") or {}).get("series_cells"),
        verdict=row.get("verdict") or "no_verdict",
        grade=row.get("grade"),
        best_grade=outcome.get("best"),
        worst_grade=outcome.get("worst"),
        soh=_soh(result.get("soh")),
        measured_soh=result.get("measured_soh"),
        reason=_reason(result) if abstained or row.get("verdict") == "no_verdict" else None,
        fault=(error["code"], {**(error.get("params") or {}), "message": error.get("message", "")})
        if error
        else None,
        uses=_uses(outcome, rules.get("content") or {}),
        rules=(rules["name"], str(rules["version"]), rules["sha256"]) if rules else None,
        model_id=result.get("model_id"),
        recipes=tuple(dict.fromkeys(b["recipe"] for b in result.get("blocks") or [] if b.get("recipe"))),
        version=result.get("version") or "",
        pulses=_pulses(result),
        instruments=instruments_of(header.get("channel") or {}, row.get("events") or []),
        files=tuple((file["kind"], file["path"], file["sha256"]) for file in row.get("files") or []),
        warnings=_warnings(row.get("events") or []),
        outcome=row.get("outcome") or row.get("state") or "",
        resumes=int(row.get("resumes") or 0),
        uncertainty=_uncertainty(result),
        joined=bool(result.get("history")),
        cells=result.get("cells"),
        memory=result.get("bms_memory"),
    )


def _uncertainty(result: Mapping[str, Any]) -> tuple[tuple[str, float | None, str, float, bool, str], ...]:
    quantities = (result.get("uncertainty") or {}).get("quantities") or {}
    return tuple(
        (
            name,
            q["value"],
            q["unit"],
            q["expanded"],
            q["lower_bound"],
            max(q["components"], key=lambda c: c["standard"], default={"name": ""})["name"],
        )
        for name, q in quantities.items()
    )


def _soh(soh: Mapping[str, float] | None) -> Soh | None:
    return Soh(soh["estimate"], soh["low90"], soh["high90"]) if soh else None


def _reason(result: Mapping[str, Any]) -> Told | None:
    found = reason_of(result)
    return None if found is None else (found.code, {**found.params, "message": found.text})


def _uses(outcome: Mapping[str, Any], content: Mapping[str, Any]) -> tuple[Use, ...]:
    titles = {use["use"]: use["title"] for use in content.get("uses") or []}
    return tuple(
        Use(
            use["status"],
            dict(titles.get(use["use"], {"zh": use["use"], "en": use["use"]})),
            tuple(
                (step["code"], {"value": step["value"], "limit": step["limit"], **step["params"]})
                for step in use["steps"]
                if step["outcome"] != "met"
            ),
        )
        for use in outcome.get("uses") or []
    )


def _pulses(result: Mapping[str, Any]) -> tuple[PulseRow, ...]:
    return tuple(
        PulseRow(
            pulse["start_s"],
            pulse["duration_s"],
            pulse["current_A"],
            {at: value for at, value in pulse["resistance_ohm"].items() if value is not None},
        )
        for block in result.get("blocks") or []
        for pulse in block.get("pulses") or []
        if "start_s" in pulse
    )


def _warnings(events: list[Mapping[str, Any]]) -> tuple[Told, ...]:
    """Warnings and alarms of the run, each kind once, in their order."""
    found: dict[str, dict[str, Any]] = {}
    for event in events:
        if event["level"] in ("warning", "alarm") and not str(event["code"]).startswith("paper."):
            found.setdefault(event["code"], dict(event["params"]))
    return tuple(found.items())
