"""The API keeps to its own description, whatever it is asked (schemathesis as an independent client)."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.deep import usual_or_deep

KEPT = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
]  # fmt: skip
EXAMPLES = usual_or_deep(3, 50)


@pytest.mark.timeout(180)
def test_every_answer_is_as_described(url: str, tokens: dict[str, str]) -> None:
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json").exclude(path="/v1/shutdown")
    headers = {"Authorization": f"Bearer {tokens['operator']}"}
    asked = 0
    for found in schema.get_all_operations():

        @settings(
            max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=found.ok().as_strategy())
        def ask(case: Case) -> None:
            nonlocal asked
            case.validate_response(case.call(headers=headers), checks=KEPT)
            asked += 1

        ask()
    assert asked >= 11
