"""A running service is found by its bench file's bytes, without reading what they mean."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from station.bench import builtin_benches, load_bench, locate_bench
from station.service.glance import file_sha256, glance


@pytest.mark.parametrize("bench", builtin_benches())
def test_a_glance_sees_the_name_that_reading_gives(bench: str) -> None:
    seen = glance(bench)
    assert seen is not None
    assert seen.name == load_bench(bench).name
    assert seen.sha256 == file_sha256(locate_bench(bench))
    assert glance(str(locate_bench(bench))) == seen


@pytest.mark.parametrize(
    "content", [b"title: x\n", b"name: a\nname: b\n", b"name: 'x y'\n", b"name: {zh: a}\n", b"\xff\xfe"]
)
def test_what_only_reading_tells_is_left_to_reading(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bench.yaml"
    file.write_bytes(content)
    assert glance(str(file)) is None
    assert glance(str(tmp_path / "none.yaml")) is None
    assert file_sha256(tmp_path / "none.yaml") is None
    assert file_sha256(file) == hashlib.sha256(content).hexdigest()


def test_the_window_loads_neither_arithmetic_nor_bench_reading_before_it_needs_them() -> None:
    late = ("numpy", "scipy", "asyncio", "psutil", "ruamel", "station.bench", "station.curves", "pyqtgraph")
    code = f"import station.ui.app, station.ui.client, sys; print([m for m in {late} if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
