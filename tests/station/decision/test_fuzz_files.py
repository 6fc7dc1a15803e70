"""Rule sets, price tables and facts of any content: a document or a named error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from station.diagnosis.decision import PriceTable, RuleSet, fingerprint, plain
from station.errors import DataError
from station.models.rulebook import (
    DEFAULT_RULES,
    EXAMPLE_PRICES,
    load_known_facts,
    load_prices,
    load_rules,
)

FACTS = """\
level: module
history: known
inspection: {leak: no, swollen: yes}
resistance_new: {value_mohm: 1.2, at_s: 1, source: data sheet}
quantities: {self_discharge_per_month: 0.02}
mass_kg: 12.5
"""
SEEDS: list[tuple[Callable[[Path], Any], str, str]] = [
    # One grade's worth of the rule set: parsing all of it a thousand times shows no more.
    (load_rules, DEFAULT_RULES.read_text("utf-8")[:3000], "data.rules"),
    (load_prices, EXAMPLE_PRICES.read_text("utf-8")[:2500], "data.prices"),
    (load_known_facts, FACTS, "data.facts"),
]
edits = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 30),
        st.sampled_from(["", "*a", "&a ", "{", "]", ": ", "\n- ", "!!python/object:os.system", "\t", "1e999"])
        | st.text(max_size=8),
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize(("load", "text", "code"), SEEDS, ids=["rules", "prices", "facts"])
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(changes=edits)
@example(changes=[(0.0, 5, "&a "), (1.0, 0, ""), (0.75, 1, "&a ")])
def test_any_edit_gives_a_document_or_a_named_error(
    tmp_path: Path, load: Callable[[Path], Any], text: str, code: str, changes: list[tuple[float, int, str]]
) -> None:
    for at, cut, new in changes:
        start = int(at * len(text))
        text = text[:start] + new + text[start + cut :]
    path = tmp_path / "edited.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    error: DataError | None = None
    found: Any = None
    try:
        found = load(path)
    except DataError as raised:
        error = raised
    if error is not None:
        assert error.code == code
        assert error.remedy
        assert "edited.yaml" in str(error)
    elif isinstance(found, RuleSet | PriceTable):
        kept = plain(found)
        assert fingerprint(plain(type(found).model_validate(kept))) == fingerprint(kept)
