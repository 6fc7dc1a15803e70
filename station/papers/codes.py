"""Two-dimensional codes as squares: QR for what a telephone reads, Data Matrix for labels."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from station.papers.errors import PaperError

Kind = Literal["qr", "datamatrix", "code128"]
QUIET = {"qr": 4, "datamatrix": 1, "code128": 10}
"""Modules of white that must stay around each kind (ISO/IEC 18004, 16022, 15417)."""


def matrix(text: str, kind: Kind) -> NDArray[np.bool_]:
    """The code's modules without its quiet zone, True is black; shape (rows, columns).

    A Code 128 has one row. Raises PaperError (``paper.code_impossible``) for a text that does not fit.
    """
    import zxingcpp

    formats: dict[str, Any] = {
        "qr": (zxingcpp.BarcodeFormat.QRCode, {"ec_level": "M"}),
        "datamatrix": (zxingcpp.BarcodeFormat.DataMatrix, {"force_square": True}),
        "code128": (zxingcpp.BarcodeFormat.Code128, {}),
    }
    form, more = formats[kind]
    try:
        made = zxingcpp.create_barcode(text, form, **more)
        image = np.asarray(made.to_image(scale=1, add_quiet_zones=False))
    except (ValueError, RuntimeError) as error:
        raise PaperError(
            f"no {kind} can hold {text[:40]!r}: {error}",
            remedy="use a shorter code",
            code="paper.code_impossible",
            text=text[:40],
            reason=str(error),
        ) from error
    dark: NDArray[np.bool_] = image < 128
    return dark[:1] if kind == "code128" else dark
