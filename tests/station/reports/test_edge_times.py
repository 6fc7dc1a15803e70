"""Pulse edges: one delay common to all, but a late one keeps its own time."""

from __future__ import annotations

import pytest

from station.reports.edge_times import edge_times


def edge(asked_s: float, achieved_s: float | None, method: str = "samples") -> dict[str, float | str | None]:
    return {"asked_s": asked_s, "achieved_s": achieved_s, "method": method}


def test_the_common_delay_keeps_the_distances_exact() -> None:
    edges = [edge(10.0, 9.996), edge(15.0, 14.989), edge(90.0, 89.993), edge(95.0, None, "not_seen")]
    times = edge_times(edges)
    assert times[1] - times[0] == pytest.approx(5.0)
    assert times[3] - times[2] == pytest.approx(5.0)
    assert times[0] == pytest.approx(9.993)


def test_an_edge_that_came_late_keeps_its_own_time() -> None:
    times = edge_times([edge(10.0, 10.001), edge(15.0, 15.2), edge(20.0, 20.002)])
    assert times == pytest.approx([10.002, 15.2, 20.002])


def test_edges_that_no_sample_saw_stay_where_they_were_due() -> None:
    assert edge_times([edge(10.0, 10.0, "command"), edge(15.0, None, "not_seen")]) == [10.0, 15.0]
    assert edge_times([]) == []


def test_edges_sent_by_the_host_keep_their_own_times() -> None:
    edges = [edge(10.0, 10.02, "command"), edge(15.0, 15.004), edge(20.0, None, "not_seen")]
    assert edge_times(edges, sequenced=False) == [10.02, 15.004, 20.0]


def test_gaps_between_samples_place_a_program_closer_than_any_one_of_them() -> None:
    true = [10.0, 15.0, 90.0, 95.0]
    phases = [0.0, 0.0062, 0.0024, 0.0086]
    edges, sampled = [], []
    for due, phase in zip(true, phases, strict=True):
        sampled += [due - 0.0093 + phase, due + 0.0007 + phase] if phase < 0.0093 else []
        edges.append(edge(due - 0.004, sum(sampled[-2:]) / 2))
    times = edge_times(edges, sampled_s=sampled)
    assert times == pytest.approx(true, abs=0.0015)
    other = edge_times([edge(3.000321, 3.02), *edges], sampled_s=[3.015, 3.025, *sampled])
    assert other == pytest.approx([3.02, *times]), "a program started by itself has a delay of its own"
