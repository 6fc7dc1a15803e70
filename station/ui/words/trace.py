"""Words of the window: trace."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "trace.tab_queue": QT_TRANSLATE_NOOP("trace", "Queue"),
    "trace.tab_add": QT_TRANSLATE_NOOP("trace", "Add a message"),
    "trace.tab_templates": QT_TRANSLATE_NOOP("trace", "Templates"),
    "trace.template": QT_TRANSLATE_NOOP("trace", "Template"),
    "trace.shown": QT_TRANSLATE_NOOP("trace", "Shown"),
    "trace.open": QT_TRANSLATE_NOOP("trace", "Not confirmed yet"),
    "trace.all": QT_TRANSLATE_NOOP("trace", "Confirmed ones, too"),
    "trace.collect": QT_TRANSLATE_NOOP("trace", "Collect tests"),
    "trace.collected": QT_TRANSLATE_NOOP(
        "trace", "{queued} tests queued, {there} were already, {incomplete} lack something"
    ),
    "trace.counts": QT_TRANSLATE_NOOP(
        "trace", "{overdue} overdue · {soon} due within 3 days · {cut_off} cut off while written"
    ),
    "trace.nothing": QT_TRANSLATE_NOOP("trace", "Nothing waits to be told"),
    "trace.urgency": QT_TRANSLATE_NOOP("trace", "Urgency"),
    "trace.due": QT_TRANSLATE_NOOP("trace", "Last day"),
    "trace.left": QT_TRANSLATE_NOOP("trace", "Left"),
    "trace.days": QT_TRANSLATE_NOOP("trace", "{count} d"),
    "trace.battery": QT_TRANSLATE_NOOP("trace", "Battery"),
    "trace.about": QT_TRANSLATE_NOOP("trace", "Day, or test"),
    "trace.state": QT_TRANSLATE_NOOP("trace", "State"),
    "trace.batch": QT_TRANSLATE_NOOP("trace", "Batch"),
    "trace.receipt": QT_TRANSLATE_NOOP("trace", "Platform's answer"),
    "trace.by": QT_TRANSLATE_NOOP("trace", "By"),
    "trace.overdue": QT_TRANSLATE_NOOP("trace", "overdue"),
    "trace.soon": QT_TRANSLATE_NOOP("trace", "soon"),
    "trace.in_time": QT_TRANSLATE_NOOP("trace", "in time"),
    "trace.none": QT_TRANSLATE_NOOP("trace", "–"),
    "trace.waiting": QT_TRANSLATE_NOOP("trace", "waits"),
    "trace.exporting": QT_TRANSLATE_NOOP("trace", "cut off"),
    "trace.exported": QT_TRANSLATE_NOOP("trace", "written, no answer yet"),
    "trace.confirmed": QT_TRANSLATE_NOOP("trace", "confirmed"),
    "trace.refused": QT_TRANSLATE_NOOP("trace", "refused, waits again"),
    "trace.format": QT_TRANSLATE_NOOP("trace", "Format"),
    "trace.write": QT_TRANSLATE_NOOP("trace", "Write file"),
    "trace.resume": QT_TRANSLATE_NOOP("trace", "Write again"),
    "trace.copy": QT_TRANSLATE_NOOP("trace", "Save a copy"),
    "trace.taken": QT_TRANSLATE_NOOP("trace", "Confirmed"),
    "trace.not_taken": QT_TRANSLATE_NOOP("trace", "Refused"),
    "trace.written": QT_TRANSLATE_NOOP("trace", "{count} messages in {file}"),
    "trace.nothing_waits": QT_TRANSLATE_NOOP("trace", "Nothing waits for this template"),
    "trace.answered": QT_TRANSLATE_NOOP("trace", "{count} messages: the answer is noted"),
    "trace.no_receipt": QT_TRANSLATE_NOOP("trace", "Give the platform's answer, such as its receipt number"),
    "trace.on": QT_TRANSLATE_NOOP("trace", "Day it happened (empty: today)"),
    "trace.run": QT_TRANSLATE_NOOP("trace", "Test number"),
    "trace.field": QT_TRANSLATE_NOOP("trace", "Field"),
    "trace.value": QT_TRANSLATE_NOOP("trace", "Value"),
    "trace.must": QT_TRANSLATE_NOOP("trace", "{field} (must be given)"),
    "trace.no_fields": QT_TRANSLATE_NOOP(
        "trace", "This template asks for no more: the records know the rest"
    ),
    "trace.add": QT_TRANSLATE_NOOP("trace", "Add to the queue"),
    "trace.added": QT_TRANSLATE_NOOP("trace", "Queued; last day: {due}"),
    "trace.was_there": QT_TRANSLATE_NOOP("trace", "This stands in the queue already; last day: {due}"),
    "trace.no_battery": QT_TRANSLATE_NOOP("trace", "Say which battery: scan or type its code"),
    "trace.deadline": QT_TRANSLATE_NOOP("trace", "Deadline"),
    "trace.working_days": QT_TRANSLATE_NOOP("trace", "{count} working days: {basis}"),
    "trace.no_deadline": QT_TRANSLATE_NOOP("trace", "none"),
    "trace.columns": QT_TRANSLATE_NOOP("trace", "Columns (* must be known)"),
    "trace.evidence": QT_TRANSLATE_NOOP("trace", "Where they come from, and how sure that is"),
    "trace.own": QT_TRANSLATE_NOOP(
        "trace", "Own templates and settings: folder trace of the data folder. No conformity is claimed."
    ),
    "trace.given.destination_code": QT_TRANSLATE_NOOP("trace", "Receiver's code"),
    "trace.given.destination_name": QT_TRANSLATE_NOOP("trace", "Receiver's name"),
    "trace.given.destination_kind": QT_TRANSLATE_NOOP("trace", "Kind of receiver"),
    "trace.given.factory_type": QT_TRANSLATE_NOOP("trace", "Kind of works"),
    "trace.given.mass_kg": QT_TRANSLATE_NOOP("trace", "Mass in kg"),
    "trace.given.supplier_code": QT_TRANSLATE_NOOP("trace", "Supplier's code"),
    "trace.given.supplier_name": QT_TRANSLATE_NOOP("trace", "Supplier's name"),
    "trace.given.stored_on": QT_TRANSLATE_NOOP("trace", "Day of storage"),
    "trace.given.application": QT_TRANSLATE_NOOP("trace", "Second-life use"),
    "trace.given.made_of": QT_TRANSLATE_NOOP("trace", "Made of"),
    "trace.given.energy_kWh": QT_TRANSLATE_NOOP("trace", "Nominal energy in kWh"),
    "trace.given.voltage_V": QT_TRANSLATE_NOOP("trace", "Nominal voltage in V"),
    "trace.given.finished": QT_TRANSLATE_NOOP("trace", "Finished product or not"),
    "trace.given.address": QT_TRANSLATE_NOOP("trace", "Place of sale"),
    "trace.given.source_code": QT_TRANSLATE_NOOP("trace", "Source company's code"),
    "trace.given.source_name": QT_TRANSLATE_NOOP("trace", "Source company's name"),
}
