"""Labels and PDFs of the bench's runs. Nothing here is on the way of a test: what fails is told, no more."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from drivers.contracts.printer import REMEDIES, Bitmap, LabelPrinter, PrinterState
from drivers.errors import DriverError
from station.bench import PrinterRef
from station.errors import StationError, UsageError, told
from station.papers.facts import RunFacts
from station.papers.label import LabelSize, LabelText, draw_label, own_id_label, packed, png, run_label
from station.papers.own_id import new_own_id
from station.service.config import ServiceConfig
from station.service.ending import in_thread
from station.service.keeper import Keeper
from station.service.paper_source import label_facts, run_facts

log = logging.getLogger(__name__)

Tell = Callable[[str, str, dict[str, Any]], None]


class PrintFailed(StationError):
    """A label did not come, or nobody knows whether it did (``paper.print_uncertain``)."""

    code = "paper.print_failed"
    exit_code = 4


class Papers:
    """One bench's printers. All methods run on the service's event loop; printers are asked in threads."""

    def __init__(
        self,
        config: ServiceConfig,
        keeper: Callable[[], Keeper],
        tell: Tell,
        publish: Callable[[dict[str, Any]], None],
    ) -> None:
        self._config, self._keeper, self._tell, self._publish = config, keeper, tell, publish
        self._printers = {printer.id: printer for printer in config.bench.printers}
        # A printer serves one job at a time, and a second one must not be sent into the first.
        self._locks = {name: asyncio.Lock() for name in self._printers}
        self._states: dict[str, dict[str, Any]] = {}
        self._printed: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    # -- printing ------------------------------------------------------------------------------

    def after_verdict(self, run_id: str, channel: str, result: dict[str, Any]) -> None:
        """Print the label of a run that has just been judged, where the bench says so. Never raises."""
        verdict = result.get("verdict")
        for printer in self._printers.values():
            if verdict in printer.automatic and _serves(printer, channel):
                if result.get("outcome") == "completed":
                    task = asyncio.create_task(self._quietly(run_id, printer), name=f"label {run_id}")
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
                return

    async def _quietly(self, run_id: str, printer: PrinterRef) -> None:
        try:
            await self._print_run(run_id, printer)
        except StationError:
            pass  # told already
        except Exception:
            log.exception("label of run %s", run_id)
            self._tell("paper.print_failed", "alarm", {"run_id": run_id, "reason": "internal"})

    async def print_label(self, run_id: str | None, channel: str | None) -> dict[str, Any]:
        """The label of ``run_id``, else of the channel's newest run. Raises UsageError, PrintFailed."""
        if run_id is None:
            run_id = await in_thread(self._newest, channel)
        row = await in_thread(self._keeper().records.find_run, run_id)
        return await self._print_run(run_id, self._printer_of(row["channel"]))

    def _newest(self, channel: str | None) -> str:
        bench = self._config.bench.name
        for row in self._keeper().records.list_runs(limit=200):
            if row["bench"] == bench and row["channel"] == channel and row["state"] == "ended":
                return str(row["run_id"])
        raise UsageError(
            f"there is no ended run on channel {channel!r}",
            remedy="name a run: station records list",
            code="paper.no_run",
            channel=channel,
        )

    async def own_id(self, *, print_it: bool, channel: str | None) -> dict[str, Any]:
        """A new code for a battery without one, printed before its test. Raises UsageError, PrintFailed."""
        today = datetime.now().astimezone().date()
        code = new_own_id(today)
        simulated = self._config.bench.simulation is not None
        printed = {"code": code, "printer": None, "copy": 0}
        if print_it:
            printer = self._printer_of(channel)
            await self._print(printer, own_id_label(code, today, simulated=simulated), code, None)
            printed |= {"printer": printer.id, "copy": 1}
        self._keeper().event("paper.own_id", {"battery": code, "printer": printed["printer"]})
        return printed

    async def _print_run(self, run_id: str, printer: PrinterRef) -> dict[str, Any]:
        row = await in_thread(self._keeper().records.show_run, run_id)
        facts = label_facts(row)
        await self._print(printer, run_label(facts), facts.battery, run_id)
        before = sum(event["code"] == "paper.printed" for event in row["events"])
        self._printed[run_id] = max(self._printed[run_id], before) + 1
        done = {"battery": facts.battery, "printer": printer.id, "copy": self._printed[run_id]}
        self._keeper().event("paper.printed", done, run_id=run_id)
        self._tell("paper.printed", "info", {**done, "run_id": run_id})
        return {**done, "run_id": run_id}

    async def _print(self, ref: PrinterRef, text: LabelText, battery: str, run_id: str | None) -> None:
        """Once. What was sent without a good end is never sent again by itself."""
        try:
            async with self._locks[ref.id]:
                await in_thread(_print_now, ref, text)
        except (DriverError, StationError) as error:
            uncertain = error.code == "driver.print_uncertain"
            state = str(error.params.get("state") or PrinterState.SILENT.value)
            params = {"battery": battery, "printer": ref.id, "state": state, "reason": told(error)}
            code = "paper.print_uncertain" if uncertain else "paper.print_failed"
            self._keep_state(ref, state, error.message)
            self._keeper().event(code, params, level="alarm", run_id=run_id)
            self._tell(code, "alarm", {**params, "run_id": run_id})
            raise PrintFailed(error.message, remedy=error.remedy, code=code, **params) from error
        self._keep_state(ref, PrinterState.READY.value, "")

    # -- looking -------------------------------------------------------------------------------

    async def printers(self) -> list[dict[str, Any]]:
        """Every printer with its state, asked now; one that is printing is not disturbed."""
        return list(await asyncio.gather(*(self._look(ref) for ref in self._printers.values())))

    async def _look(self, ref: PrinterRef) -> dict[str, Any]:
        if self._locks[ref.id].locked():
            return self._keep_state(ref, PrinterState.BUSY.value, "")
        async with self._locks[ref.id]:
            state, detail = await in_thread(_state_now, ref)
        return self._keep_state(ref, state, detail)

    def _keep_state(self, ref: PrinterRef, state: str, detail: str) -> dict[str, Any]:
        remedy = REMEDIES.get(PrinterState(state), "")
        now = {
            "id": ref.id,
            "name": ref.name.model_dump(),
            "state": state,
            "detail": detail,
            "remedy": remedy,
        }
        if self._states.get(ref.id) != now:
            self._states[ref.id] = now
            self._publish({"type": "printer", "printer": now})
        return now

    async def label_png(self, run_id: str) -> bytes:
        """The label of a run as the printer would get it. Raises UsageError, PaperError."""
        row = await in_thread(self._keeper().records.show_run, run_id)
        stock = next(
            (p for p in self._printers.values() if row["channel"] in (p.channels or (row["channel"],))), None
        )
        return await in_thread(_png, label_facts(row), stock)

    async def pdf(self, run_id: str, kind: str, lang: str) -> bytes:
        """``report`` or ``certificate`` of a run. Raises UsageError, DataError, PaperError."""
        return await in_thread(make_pdf, self._keeper().records, self._config.data, run_id, kind, lang)

    async def close(self) -> None:
        """Let what is being printed come to its end, for a moment."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=3.0)
        for task in self._tasks:
            task.cancel()

    def _printer_of(self, channel: str | None) -> PrinterRef:
        for printer in self._printers.values():
            if channel is None or _serves(printer, channel):
                return printer
        raise UsageError(
            "this bench has no label printer" + (f" for channel {channel}" if channel else ""),
            remedy="add one under `printers:` in the bench file, as in the demo bench",
            code="paper.no_printer",
            channel=channel,
        )


def make_pdf(records: Any, data: Path, run_id: str, kind: str, lang: str) -> bytes:
    """A run's PDF. Raises UsageError, DataError, PaperError."""
    from station.papers.certificate import certificate_pdf
    from station.papers.report import report_pdf

    facts, samples = run_facts(records, data, run_id)
    return certificate_pdf(facts, lang) if kind == "certificate" else report_pdf(facts, samples, lang)


def _serves(printer: PrinterRef, channel: str) -> bool:
    return not printer.channels or channel in printer.channels


def _size(ref: PrinterRef | None) -> LabelSize:
    if ref is None:
        return LabelSize()
    return LabelSize(ref.label.width_mm, ref.label.height_mm, ref.label.dpi)


def _png(facts: RunFacts, ref: PrinterRef | None) -> bytes:
    return png(draw_label(run_label(facts), _size(ref), ref.label.code if ref else "datamatrix"))


def _open(ref: PrinterRef) -> LabelPrinter:
    from drivers.catalogue import open_instrument

    options = {"dots_per_mm": _size(ref).dots_per_mm, **ref.options}
    printer = open_instrument(ref.driver, ref.address, options)
    if not isinstance(printer, LabelPrinter):
        printer.close()
        raise UsageError(
            f"driver {ref.driver!r} drives no label printer",
            remedy="use zpl-printer or tspl-printer",
            code="paper.no_printer",
            channel=None,
        )
    return printer


def _print_now(ref: PrinterRef, text: LabelText) -> None:
    """In a thread: a link for this label alone, so that other computers can print between two of ours."""
    bitmap = Bitmap(*packed(draw_label(text, _size(ref), ref.label.code)))
    printer = _open(ref)
    try:
        printer.print_label(bitmap)
    finally:
        printer.close()


def _state_now(ref: PrinterRef) -> tuple[str, str]:
    try:
        printer = _open(ref)
    except (DriverError, UsageError) as error:
        return PrinterState.SILENT.value, error.message
    try:
        status = printer.status()
        return status.state.value, status.detail
    finally:
        printer.close()
