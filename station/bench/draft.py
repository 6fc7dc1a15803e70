"""A bench file to begin with, from what discovery found: to be edited, checked, and then used.

Instruments that move current become channels with limits that allow next to nothing; what cannot be guessed
(which supply belongs to which load, what a scanner's inputs are wired to, coils) stands in comments.
"""

from __future__ import annotations

from collections.abc import Iterable

from station.bench.discover import Found, quoted

_HEAD = """# A draft by `station bench discover`: found by asking who is there, nothing was switched.
# Set names, limits, inputs, cut-off and calibration dates; then: station bench check THIS_FILE --connect
schema: pulse-station/bench/1
name: my-bench
title: {zh: 我的测试台, en: My bench}
"""
_LIMITS = """    limits:            # next to nothing until they are set
      voltage_min_V: 2.5
      voltage_max_V: 4.2
      charge_current_max_A: 0.1
      discharge_current_max_A: 0.1
      power_max_W: 1
"""
_FIRST_INPUT = {
    "dcon-thermocouples": "{number: 0, role: cell_surface}",
    "hioki-bt3562": "{number: 2, role: terminals}",
}
"""Where a scanner's inputs are not numbered by slot and channel."""


def draft_bench(found: Iterable[Found]) -> str:
    """The file's text. A bench without a channel is no bench: then its channels stand in comments."""
    known = [one for one in found if one.identity is not None or one.driver is not None]
    kinds = {one.address: category_of(one.driver) for one in known}
    powers = [one for one in known if kinds[one.address] in ("power", "cycler")]
    sensors = [one for one in known if kinds[one.address] == "scanner"]
    lines = [_HEAD]
    if powers:
        lines.append("channels:\n")
    else:
        lines.append("channels: []        # nothing that drives a current was found; a bench needs one\n")
    for number, one in enumerate(powers, start=1):
        lines.append(
            f'  - id: "{number}"\n    name: {{zh: 通道 {number}, en: Channel {number}}}\n    level: cell\n'
        )
        lines.append(f"    power:\n{_reference(one, 6)}")
        if needed := needed_options(one.driver):
            lines.append(f"      options: {{}}      # needed, as on the type plate: {', '.join(needed)}\n")
        if number == 1 and sensors:
            lines.append("    sensors:\n")
            for sensor in sensors:
                lines.append(
                    f"      - {_reference(sensor, 8).lstrip()}        inputs:        # as they are wired\n"
                )
                first = _FIRST_INPUT.get(sensor.driver or "", "{number: 101, role: cell_surface}")
                lines.append(f"          - {first}\n")
        lines.append(_LIMITS)
    left = [one for one in known if one not in powers and not (powers and one in sensors)]
    if left:
        lines.append("\n# Found besides:\n")
    for one in left:
        what = kinds[one.address] or "no driver knows it"
        lines.append("".join(f"# {line}\n" for line in f"{what}:\n{_reference(one, 2)}".splitlines()))
        if what == "load":
            lines.append("#   join it with a supply: driver supply-and-load, options {supply: …, load: …}\n")
    return "".join(lines)


def needed_options(driver: str | None) -> list[str]:
    """Options without which a driver does not open: what its instrument does not tell of itself."""
    from drivers.catalogue import load_driver

    if driver is None:
        return []
    fields = load_driver(driver).options_model.model_fields
    return [name for name, field in fields.items() if field.is_required()]


def category_of(driver: str | None) -> str:
    """What kind of instrument a driver drives; '' for none."""
    from drivers.catalogue import catalogue_entry

    if driver is None:
        return ""
    category = catalogue_entry(driver).category
    return category.value if category else ""


def _reference(one: Found, indent: int) -> str:
    told = {key: text for key, text in (one.identity or {}).items() if text not in ("", "0")}
    expect = ", ".join(f"{key}: {quoted(text)}" for key, text in told.items() if key != "firmware")
    firmware = f"      # firmware {told['firmware']}" if "firmware" in told else ""
    rows = [f"driver: {one.driver or 'UNKNOWN'}", f"address: {quoted(one.address)}"]
    if expect:
        rows.append(f"expect: {{{expect}}}{firmware}")
    return "".join(f"{' ' * indent}{row}\n" for row in rows)
