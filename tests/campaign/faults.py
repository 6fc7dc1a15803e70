"""The faults of the campaign: what is done, where it means something, and what must come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.campaign.kinds import KINDS
from tests.campaign.moments import BEFORE, IN_CURRENT, PLAIN

CELLS = ("sequenced", "commanded", "pair")
DELTAS = ("sequenced", "commanded", "module", "pack")
RELAYED = ("sequenced", "pair", "pack")
PROTOCOLS = ("sequenced", "commanded", "pair", "pack")
"""A module's channel speaks and is supervised as a cell's: only what a string changes is tried there too."""
ALL = tuple(KINDS)
WITHOUT_CONTACT = tuple(moment for moment in PLAIN if moment != "contact pulse")
FEW = (BEFORE, "charge edge", "charge pulse", "rest", "discharge pulse", "shutdown")
"""One of each sort, where an edge more tells nothing new: links beside the power instrument's."""
FaultValue = bool | int | float | str


@dataclass(frozen=True)
class Fault:
    """``instrument`` None lets the bench decide; ``act`` names something done to a process instead.

    ``must_stop``: while there is current to come, the test must not run to its end as if nothing were.
    """

    name: str
    text: str
    value: FaultValue = True
    instrument: str | None = None
    act: str | None = None
    kinds: tuple[str, ...] = ALL
    moments: tuple[str, ...] = WITHOUT_CONTACT
    for_s: float | None = None
    length: str = "short"
    must_stop: bool = True
    excused: tuple[tuple[str, str], ...] = ()
    """Kinds and moments at which what it changes is less than the design's own limits; the verdict is judged
    all the same."""
    own: str | None = None
    """The simulator's name of the fault where ``name`` is ours."""
    also: tuple[tuple[str, FaultValue], ...] = ()
    """Faults of the same instrument that begin at the same moment and stay."""


def _power(name: str, text: str, value: FaultValue = True, **more: object) -> Fault:
    return Fault(name, text, value, "power", **{"kinds": PROTOCOLS, "moments": PLAIN, **more})  # type: ignore[arg-type]


def _quirk(name: str, text: str, value: FaultValue = True, **more: object) -> Fault:
    """What a link may do and a test should mostly survive."""
    return _power(name, text, value, kinds=RELAYED, moments=FEW, must_stop=False, **more)


def _scanner(name: str, text: str, value: FaultValue = True, **more: object) -> Fault:
    return Fault(name, text, value, "keysight-34970a", **{"kinds": RELAYED, "moments": FEW, **more})  # type: ignore[arg-type]


def _process(name: str, text: str, act: str, value: FaultValue = True, **more: object) -> Fault:
    return Fault(name, text, value, act=act, **{"kinds": PROTOCOLS, **more})  # type: ignore[arg-type]


def _relay(name: str, text: str, value: FaultValue = True, **more: object) -> Fault:
    return Fault(name, text, value, "modbus-relay", kinds=RELAYED, moments=FEW, **more)  # type: ignore[arg-type]


def _bms(name: str, text: str, value: FaultValue = True, **more: object) -> Fault:
    return Fault(name, text, value, "leaf-bms", kinds=("pack",), moments=FEW, **more)  # type: ignore[arg-type]


LINK = (
    _power("link silent", "bytes are lost in both directions", own="link_silent"),
    _power("link reset", "connections are reset and refused for a second", own="link_reset", for_s=20.0),
    _quirk("link slow 20 ms", "every reply comes 20 ms late", 0.02, own="link_slow"),
    _quirk("link slow 0.2 s", "every reply comes 0.2 s late", 0.2, own="link_slow"),
    _power("link slow 2 s", "every reply comes 2 s late", 2.0, own="link_slow"),
    _quirk("split replies", "replies arrive byte by byte", own="split_reply"),
    _quirk("merged replies", "two replies arrive in one packet", own="merge_replies"),
    _quirk("spare line", "an extra line follows each reply", own="spare_line"),
    _quirk("CR LF", "replies end with CR LF", own="crlf"),
    _quirk("echo", "the command is sent back before the reply", own="echo"),
    _power("garbage", "random bytes instead of replies", own="garbage"),
    _quirk("stale frame", "the reply before comes once more", own="stale_frame"),
    _power("stale frame after reconnect", "a reset; the new connection begins with an old reply",
           own="link_reset", for_s=10.0, also=(("stale_after_reconnect", True),)),
    _quirk("hang-up after each reply", "a connection for each message", own="hang_up_after_reply"),
    _quirk("query silent", "queries get no answer", own="query_silent"),
    _quirk("second client refused", "no second session", own="second_client_refused"),
)  # fmt: skip
READINGS = (
    _power("sentinel 9.9E37", "overload instead of a reading", "9.9E+37", own="sentinel_reading"),
    _power("sentinel 9.91E37", "no number instead of a reading", "9.91E+37", own="sentinel_reading"),
    _power("sentinel 10.0000E+9", "another maker's overload", "10.0000E+9", own="sentinel_reading"),
    _power("NaN", "nan instead of a reading", own="nan_reading"),
    _quirk("unit suffix", "a value with its unit", own="unit_suffix"),
    _power("frozen reading", "the reading no longer changes", own="frozen_reading"),
    _power("wrong sign", "the current reads with the wrong sign", own="current_sign"),
    _power("half current read", "half of the current is measured", 0.5, own="current_scale"),
)
INSTRUMENT = (
    _power("half current", "half of the set current flows", own="half_current", kinds=ALL),
    _power("protection trip", "a protection turns the output off", own="trip", must_stop=False),
    _power("output held off", "a protection holds the output off", own="output_trip"),
    _power(
        "reboot",
        "the instrument restarts",
        own="reboot",
        # One that is back before the test speaks to it is a healthy instrument.
        excused=tuple((kind, BEFORE) for kind in ALL),
    ),
    _power("front panel takes over", "setpoints are ignored", own="remote_lost"),
    _power(
        "front panel output",
        "a person switches at the front panel",
        own="front_panel",
        # The load's input is off then and its set current 0: switching it on moves nothing. What was
        # switched on before a test stands behind an open cut-off, and is switched off when the test prepares.
        excused=(
            ("pair", "charge end"),
            ("pair", "rest"),
            *((kind, BEFORE) for kind in ALL),
        ),
    ),
    _power(
        "sense leads off",
        "the sense leads of the instrument come off",
        own="sense_open",
        kinds=ALL,
        # Two scans of the cells must fall into one pulse: the short one has too few at this speed.
        length="wide",
        # 2 mΩ of leads: less than a contact of pair or module may have, and than one scan of 96 cells
        # resolves. What is read then is on the safe side: too high in charge, too low in discharge.
        excused=tuple((kind, moment) for kind in ("pair", "module", "pack") for moment in PLAIN),
    ),
)
WIRING = (
    Fault("reversed polarity", "the battery is the wrong way round", own="polarity_reversed",
          moments=(BEFORE,)),
    Fault("contact resistance", "8 mΩ more in the power path", 0.008, own="contact_resistance",
          kinds=CELLS, must_stop=False),
    Fault("contact resistance rising", "5 mΩ/s more in the power path", 0.005, own="contact_rising",
          must_stop=False),
    Fault("overtemperature ramp", "2 K/s at the cell", 2.0, own="temperature_ramp", length="long",
          moments=FEW),
    Fault("slow overtemperature", "0.3 K/s at the cell", 0.3, own="temperature_ramp", length="long",
          moments=FEW),
    Fault("internal short", "30 mΩ across one cell", 0.03, own="internal_short", length="long", moments=FEW),
    Fault("soft internal short", "0.2 Ω across one cell: it heats less than the limit of 6 K/min",
          0.2, own="internal_short", length="long", must_stop=False, moments=FEW),
    Fault("contactor welded", "the contactor stays closed", own="contactor_welded", must_stop=False),
)  # fmt: skip
SCANNER = (
    _scanner("scanner silent", "the scanner is silent", True, own="link_silent",
          length="long"),
    _scanner("scanner sentinel", "the scanner reads overload", "9.9E+37",
          own="sentinel_reading", length="long"),
    _scanner("scanner frozen", "the scanner repeats itself", True, own="frozen_reading",
          length="long", must_stop=False),
    _scanner("scanner slow", "the scanner answers 2 s late", 2.0, own="link_slow",
          length="long", must_stop=False),
    _scanner("scanner counts wrong", "the scanner answers too few readings", True,
          own="count_wrong", length="long"),
    _scanner("thermocouple open", "the thermocouples are off", True,
          own="thermocouple_open", length="long"),
    _scanner("scanner link reset", "the scanner's connection is reset and refused", True, own="link_reset",
             length="long"),
    _scanner("scanner garbage", "the scanner answers random bytes", True, own="garbage",
          length="long"),
    _scanner("scanner stale frame", "the scanner's reply before comes once more", True,
          own="stale_frame", length="long", must_stop=False),
    _scanner("scanner split replies", "the scanner's replies arrive byte by byte", True,
          own="split_reply", must_stop=False),
)  # fmt: skip
BMS = (
    Fault("BMS silent", "no frames from the BMS", own="bms_silent", kinds=("pack",), length="long"),
    Fault("BMS frozen", "the BMS repeats its frames", True, "leaf-bms", own="frozen_reading",
          kinds=("pack",), length="long"),
    Fault("BMS sentinels", "the BMS sends its start-up values", True, "leaf-bms", own="sentinel_reading",
          kinds=("pack",), length="long"),
    Fault("BMS opens contactors", "the pack opens its own contactors", own="bms_opens_contactors",
          kinds=("pack",), length="long"),
    Fault("BMS current sign", "the BMS' current has the wrong sign", True, "leaf-bms", own="current_sign",
          kinds=("pack",), must_stop=False),
    _bms("BMS link silent", "bytes are lost in both directions", own="link_silent", length="long"),
    _bms("BMS link reset", "the CAN gateway's connection is reset and refused", own="link_reset",
         length="long"),
    _bms("BMS link slow 0.2 s", "every frame comes 0.2 s late", 0.2, own="link_slow", must_stop=False),
    _bms("BMS link slow 2 s", "every frame comes 2 s late", 2.0, own="link_slow", length="long"),
    _bms("BMS split frames", "frames arrive byte by byte", own="split_reply", must_stop=False),
    _bms("BMS merged frames", "many frames arrive in one packet", own="merge_replies", must_stop=False),
    _bms("BMS garbage", "random bytes instead of frames", own="garbage", length="long"),
    _bms("BMS stale frame", "the frame before comes once more", own="stale_frame", must_stop=False),
    _bms("BMS checksum wrong", "frames with a wrong checksum", own="checksum_wrong", length="long"),
    _bms("BMS counter frozen", "the frames' counters stand still", own="counter_frozen", length="long"),
    _bms("BMS interlock", "the pack's own high-voltage interlock is open", own="interlock", length="long"),
)  # fmt: skip
BENCH = (
    _relay("relay board slow 20 ms", "every answer comes 20 ms late", 0.02, own="link_slow", must_stop=False),
    _relay("relay board slow 0.2 s", "every answer comes 0.2 s late", 0.2, own="link_slow", must_stop=False),
    _relay("relay board slow 2 s", "every answer comes 2 s late", 2.0, own="link_slow"),
    _relay("relay board link reset", "the connection is reset and refused", own="link_reset"),
    _relay("relay board split", "telegrams arrive byte by byte", own="split_reply", must_stop=False),
    _relay("relay board garbage", "random bytes instead of telegrams", own="garbage"),
    _relay(
        "relay board stale frame", "the telegram before comes once more", own="stale_frame", must_stop=False
    ),
    _relay("relay board length field", "the length field is wrong by 2", own="length_wrong"),
    _relay("relay board counts from 1", "coils and inputs are one off", own="address_shift"),
    _relay("relay board frozen", "it answers, its contacts stay", own="relay_frozen", must_stop=False),
    _relay("relay board without power", "every coil falls off, no answer", own="relay_power_lost"),
    Fault("emergency stop", "the emergency stop is pressed", own="estop"),
    Fault("interlock", "the interlock opens", own="interlock"),
    Fault("relay board silent", "the guard's own path is dead", True, "modbus-relay", own="link_silent"),
)
PROCESSES = (
    _process("worker killed", "kill -9 of the worker", "kill worker"),
    _process("worker hung", "SIGSTOP to the worker", "stop worker"),
    _process("worker hung for 0.15 s", "SIGSTOP, then SIGCONT", "pause worker", must_stop=False),
    _process("guard killed", "kill -9 of the guard", "kill guard"),
    _process("guard hung", "SIGSTOP to the guard", "stop guard"),
    _process("worker restarted", "kill -9 of the worker, and a new one at once", "restart worker",
          must_stop=False),
    _process("guard restarted", "kill -9 of the guard, and a new one at once", "restart guard"),
    _process("service gone", "the worker's standard input closes", "close stdin"),
    _process("service hung", "nobody reads what the worker says", "stop reading", must_stop=False),
    _process("worker and guard killed", "kill -9 of both at once", "kill both"),
    _process("simulator hung for 0.4 s", "every instrument stands still", "pause simulator",
          must_stop=False),
    _process("simulator hung for 3 s", "every instrument stands still", "hang simulator"),
    _process("simulator killed", "every instrument is gone, and comes back after the test",
             "kill simulator", moments=FEW),
    _process("simulator restarted", "every instrument is gone, and comes back at once",
             "restart simulator", moments=FEW),
    _process("disk full", "the journal cannot grow", "disk full"),
    _process("wall clock +1 h", "the wall clock jumps", "clock", 3600.0, must_stop=False, moments=FEW),
    _process("wall clock -1 h", "the wall clock jumps back", "clock", -3600.0, must_stop=False, moments=FEW),
    _process("stop asked", "an operator stops the test", "say stop"),
    _process("terminated", "SIGTERM to the worker", "terminate worker"),
)  # fmt: skip
FAULTS: tuple[Fault, ...] = (
    *LINK, *READINGS, *INSTRUMENT, *WIRING, *SCANNER, *BMS, *BENCH, *PROCESSES,
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One run of the campaign."""

    number: int
    kind: str
    fault: Fault
    moment: str
    seed: int = 0


def matrix(accept: Callable[[str, Fault, str], bool] = lambda *_: True, seeds: int = 1) -> Iterator[Case]:
    """Every fault at every moment on every kind where it means something."""
    number = 0
    for seed in range(seeds):
        for kind in KINDS:
            for fault in FAULTS:
                for moment in fault.moments:
                    if kind in fault.kinds and accept(kind, fault, moment):
                        yield Case(number, kind, fault, moment, seed)
                    number += 1


CURRENT_TO_COME = {BEFORE, *IN_CURRENT, "charge end", "rest"}
"""Moments after which the plan still drives current."""
