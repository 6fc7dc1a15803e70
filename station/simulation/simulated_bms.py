"""Which simulated pack stands at the other side of ``bms-can`` and ``bms-serial``, by its family."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from station.bench import InstrumentRef
from station.errors import BenchError

LANGUAGES = {
    "bms-can": {
        "hyundai-kona-64": "kona",
        "hyundai-egmp": "egmp",
        "byd-atto3": "byd",
        "vw-meb": "meb",
        "pylontech-can": "pylontech",
        "daly-can": "daly",
    },
    "bms-serial": {"jbd": "jbd", "daly": "daly", "jk": "jk", "pylontech-rs485": "pylontech"},
}


def bms_options(ref: InstrumentRef) -> dict[str, Any]:
    """The simulator's options. Raises BenchError for a family that cannot be simulated."""
    family = Path(str(ref.options.get("family", ""))).stem
    language = LANGUAGES[ref.driver].get(family)
    if language is None:
        known = ", ".join(sorted(LANGUAGES[ref.driver]))
        raise BenchError(
            f"there is no simulated pack of family {family!r}",
            remedy=f"simulated are: {known}",
            code="bench.not_simulated",
        )
    options: dict[str, Any] = {"language": language}
    if ref.options.get("contactors") == "own":
        options["contactors"] = True
    return options
