"""What the pulse diagnosis is worth, measured: ``python -m tests.benchmarks.diagnosis`` writes docs/diagnosis.md."""
