"""What the demo makes of its bench file: a checklist in the window, none where nobody is there."""

from __future__ import annotations

from station.bench import load_bench, locate_bench
from station.cli.demo import with_checklist, without_people


def test_the_demo_asks_before_connecting_and_stays_at_three_actions() -> None:
    bench = load_bench(str(locate_bench("demo")))
    for full, mode in ((False, "short"), (True, "full")):
        connection = with_checklist(bench, full=full).connection
        assert connection is not None
        assert {connection.mode_of(channel.level) for channel in bench.channels} == {mode}
    alone = without_people(bench)
    assert alone.connection is None
    assert not any(printer.automatic for printer in alone.printers)
