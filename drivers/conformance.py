"""What a driver must state before anybody relies on it; also for the tests of third-party packages.

``shortcomings(load_driver("acme-el9000"), {"acme-el9000"})`` must be empty. How it behaves is another
matter: that is tested against its simulator.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Collection
from typing import get_type_hints

from drivers.contracts.common import Instrument
from drivers.datasheet import Evidence
from drivers.spec import DriverOptions, DriverSpec

_SOURCE_WORDS_MIN = 12


def shortcomings(spec: DriverSpec, simulators: Collection[str]) -> list[str]:
    """Everything a driver leaves unsaid, one sentence each. ``simulators``: kinds that can be simulated."""
    found = []
    module = sys.modules[spec.open.__module__]
    if len((module.__doc__ or "").split()) < _SOURCE_WORDS_MIN:
        found.append("its module has no docstring that says where the protocol facts come from")
    made = get_type_hints(spec.open).get("return")
    if not (inspect.isclass(made) and issubclass(made, Instrument)):
        found.append("open() does not say which class it returns")
    else:
        if not (made.__dict__.get("__doc__") or "").strip():
            found.append(f"class {made.__name__} has no docstring")
        if inspect.isabstract(made):
            found.append(f"class {made.__name__} leaves out {', '.join(sorted(made.__abstractmethods__))}")
    model = spec.options_model
    own = model is not DriverOptions and bool(set(model.model_fields) - set(DriverOptions.model_fields))
    if own and not (model.__dict__.get("__doc__") or "").strip():
        found.append(f"options {model.__name__} have no docstring")
    sheet = spec.datasheet
    if not sheet.sources:
        found.append("its datasheet names no source")
    if not sheet.variants:
        found.append("its datasheet names no model")
    if not sheet.links:
        found.append("its datasheet names no link")
    if sheet.evidence is Evidence.NOT_STATED and spec.needs_address:
        found.append("its datasheet states no grade of evidence")
    # Somebody else's software may stand for the instrument where no simulator of ours does.
    if not sheet.simulators and not any(proof.against == "driver" for proof in sheet.proofs):
        found.append("no simulator is named in its datasheet")
    found += [f"simulator {kind!r} does not exist" for kind in sheet.simulators if kind not in simulators]
    return found
