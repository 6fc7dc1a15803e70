"""What the pulse diagnosis is worth: ``python -m tests.benchmarks.diagnosis`` writes docs/diagnosis.md."""
