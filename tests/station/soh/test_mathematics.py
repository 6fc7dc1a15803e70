"""The small pieces against what they must equal."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import check_grad

from station.diagnosis.chemistry.classifier import GaussianClasses
from station.diagnosis.soh.conformal import coverage_by_cell, factor
from station.diagnosis.soh.gaussian_process import Kernel, Posterior
from station.diagnosis.soh.imputation import Filled, denoise
from station.models.training.hyperparameters import _negative_log_likelihood, find_kernel
from station.models.training.table import stratified_folds


def test_gaussian_process_agrees_with_the_direct_formula() -> None:
    draw = np.random.default_rng(0)
    rows, targets, weights = draw.normal(size=(12, 3)), draw.normal(size=12), draw.uniform(1, 5, 12)
    kernel = Kernel(np.array([1.0, 2.0, 0.7]), 0.3, 0.9, 0.05)
    new = draw.normal(size=(4, 3))

    def covariance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        a, b = a / kernel.lengths, b / kernel.lengths
        square = ((a[:, None] - b[None]) ** 2).sum(axis=2)
        return 0.3 * a @ b.T + 0.9 * np.exp(-0.5 * square)

    inner = np.linalg.inv(covariance(rows, rows) + np.diag(0.05 / weights + 1e-8))
    centre = np.average(targets, weights=weights)
    cross = covariance(new, rows)
    mean, deviation = Posterior(kernel, rows, targets, weights).predict(new)
    np.testing.assert_allclose(mean, centre + cross @ inner @ (targets - centre), atol=1e-8)
    variance = np.diag(covariance(new, new)) - np.einsum("ij,jk,ik->i", cross, inner, cross) + 0.05
    np.testing.assert_allclose(deviation, np.sqrt(variance), atol=1e-8)


def test_gradient_of_the_mean() -> None:
    draw = np.random.default_rng(1)
    kernel = Kernel(np.array([1.0, 2.0]), 0.3, 0.9, 0.05)
    posterior = Posterior(kernel, draw.normal(size=(15, 2)), draw.normal(size=15), np.ones(15))
    at, step = draw.normal(size=(3, 2)), 1e-6
    for column in range(2):
        move = np.eye(2)[column] * step
        slope = (posterior.predict(at + move)[0] - posterior.predict(at - move)[0]) / (2 * step)
        np.testing.assert_allclose(posterior.gradient(at)[:, column], slope, atol=1e-5)


def test_likelihood_slope_is_exact() -> None:
    draw = np.random.default_rng(2)
    rows, targets = draw.normal(size=(20, 3)), draw.normal(size=20)
    logs = draw.normal(scale=0.3, size=6)
    error = check_grad(
        lambda at: _negative_log_likelihood(at, rows, targets)[0],
        lambda at: _negative_log_likelihood(at, rows, targets)[1],
        logs,
    )
    assert error < 1e-4


def test_kernel_search_finds_the_component_that_matters() -> None:
    draw = np.random.default_rng(3)
    rows = draw.normal(size=(120, 3))
    kernel = find_kernel(rows, 0.8 + 0.05 * np.sin(2 * rows[:, 0]) + draw.normal(scale=0.005, size=120))
    assert kernel.lengths[0] < kernel.lengths[1:].min() / 2
    assert kernel.noise == pytest.approx(0.005**2, rel=1.0)


def test_conformal_factor_covers_further_cells() -> None:
    draw = np.random.default_rng(4)
    shares = []
    for _ in range(60):
        cells = np.repeat(np.arange(60), 5)
        scores = np.abs(draw.normal(size=60)[cells] + 0.2 * draw.normal(size=300))
        limit = factor(scores[:150], cells[:150])
        shares.append(coverage_by_cell(scores[150:] <= limit, cells[150:]))
    assert 0.89 < np.mean(shares) < 0.95


def test_cells_vote_once_each() -> None:
    cells = np.array([0] * 98 + [1, 2])
    scores = np.array([1.0] * 98 + [5.0, 5.0])
    assert factor(scores, cells, coverage=0.5, independent=10**6) == 5.0
    assert coverage_by_cell(scores < 2, cells) == pytest.approx(1 / 3)


def test_filled_gap_is_the_conditional_mean() -> None:
    covariance = np.array([[1.0, 0.8], [0.8, 1.0]])
    rows = np.array([[2.0, np.nan], [np.nan, 1.0], [3.0, 1.0], [np.nan, np.nan]])
    filled = Filled(rows, np.isfinite(rows), np.zeros(2), covariance)
    expected = np.array([[2.0, 1.6], [0.8, 1.0], [3.0, 1.0], [0.0, 0.0]])
    np.testing.assert_allclose(filled.voltages_V, expected, atol=1e-6)
    spread = filled.variance(np.arange(4), np.array([[5.0, 2.0]] * 4))
    np.testing.assert_allclose(spread, [4 * 0.36, 25 * 0.36, 0.0, 29 + 2 * 10 * 0.8], atol=1e-5)


def test_denoising_weighs_the_value_against_its_neighbours() -> None:
    covariance = np.array([[1.0, 0.8], [0.8, 1.0]])
    noise = np.diag([0.0, 1.0])
    both = np.array([True, True])
    rows, left = denoise(np.array([[2.0, 0.0]]), both, np.zeros(2), covariance, noise)
    # Given the first value the second is 1.6 with variance 0.36; reading it as 0 has variance 1.
    assert rows[0] == pytest.approx([2.0, 1.6 / (1 + 0.36)])
    assert left[1, 1] == pytest.approx(0.36 / 1.36)
    gap, unsure = denoise(np.array([[2.0, np.nan]]), np.array([True, False]), np.zeros(2), covariance, noise)
    assert gap[0] == pytest.approx([2.0, 1.6])
    assert unsure[1, 1] == pytest.approx(0.36)


def test_classes_ignore_what_was_not_measured() -> None:
    classes = GaussianClasses(("a", "b"), np.array([[0.0, 0.0], [0.0, 9.0]]), np.array([np.eye(2)] * 2), 1.0)
    shares = classes.probabilities(np.array([[0.0, 9.0], [0.0, np.nan], [np.nan, np.nan]]))
    assert shares[0, 1] > 0.99
    np.testing.assert_allclose(shares[1:], 0.5)


def test_folds_keep_cells_together_and_span_the_range() -> None:
    cells = [f"c{n // 3}" for n in range(60)]
    folds = stratified_folds(cells, np.arange(60) / 60, 5)
    assert len(folds) == 20
    for fold in range(5):
        members = [int(cell[1:]) for cell, number in folds.items() if number == fold]
        assert len(members) == 4
        assert min(members) < 5
        assert max(members) >= 15
