"""What is known of the driver ``bms-can`` and how well it is known."""

from __future__ import annotations

from drivers.datasheet import Datasheet, Evidence, Proof, Variant

DATASHEET = Datasheet(
    evidence=Evidence.C,
    sources=(
        "recordings of Kona packs (CC0)",
        "public CAN databases and open tools, named and graded family by family in `evidence`",
    ),
    links=("can",),
    variants=(
        Variant("hyundai-kona-64", channels=98, note="A: recordings of a pack; cells 20 mV, asked"),
        Variant("hyundai-egmp", note="C: layouts of the one before; cells decoded from recorded answers"),
        Variant(
            "byd-atto3", channels=126, note="C: checksum verified on car traffic, all else from a source"
        ),
        Variant("vw-meb", channels=96, note="C: sources that agree; no recording"),
        Variant("pylontech-can", note="B: several sources that agree; extremes only"),
        Variant("daly-can", note="C: payloads of the serial line, identifiers from a source"),
        Variant("jk-can", note="C: identifiers and order from a source, places general; no recording"),
        Variant("nissan-leaf", channels=96, note="B: recordings; live by nissan-leaf-bms"),
    ),
    simulators=("can-bms",),
    proofs=(
        Proof(
            "udsoncan and can-isotp",
            "driver",
            "as the controller that answers",
            "tests/drivers/bms/test_can_pack.py",
        ),
    ),
    unverified=(
        "any family on a live pack",
        "every signal whose own grade is source, general or uncertain",
    ),
)
