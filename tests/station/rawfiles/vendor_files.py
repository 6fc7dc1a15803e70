"""Exports as the cyclers write them, made here: a rest, a discharge pulse, a rest, a charge pulse, a rest.

Headers as in public import scripts for these exports. Positive charges in the truth.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from openpyxl import Workbook

T = np.arange(0.0, 60.0, 0.5)
CURRENT = np.select([(T >= 10) & (T < 20), (T >= 30) & (T < 40)], [-20.0, 20.0], 0.0)
VOLTAGE = 3.7 + 0.002 * CURRENT
STEP = np.select([T < 10, T < 20, T < 30, T < 40], [1, 2, 3, 4], 5)
CHARGE_AH = np.cumsum(np.where(CURRENT > 0, CURRENT, 0.0)) * 0.5 / 3600
DISCHARGE_AH = np.cumsum(np.where(CURRENT < 0, -CURRENT, 0.0)) * 0.5 / 3600


def lines(header: str, row: Callable[[int], str], banner: str = "") -> str:
    return banner + header + "\n" + "".join(row(n) + "\n" for n in range(T.size))


def arbin_csv(sign: float = 1.0) -> str:
    header = "Data_Point,Date_Time,Test_Time(s),Step_Time(s),Cycle_Index,Step_Index,Current(A),Voltage(V),"
    header += "Charge_Capacity(Ah),Discharge_Capacity(Ah),Charge_Energy(Wh),Discharge_Energy(Wh),"
    header += "Aux_Temperature_1(C)"
    return lines(
        header,
        lambda n: (
            f"{n + 1},2024-03-01 10:00:{n % 60:02},{T[n]},{T[n] % 10},1,{STEP[n]},{sign * CURRENT[n]},"
            f"{VOLTAGE[n]},{CHARGE_AH[n]},{DISCHARGE_AH[n]},0,0,25.0"
        ),
    )


def arbin_xlsx(path: Path) -> Path:
    book = Workbook()
    info = book.active
    assert info is not None
    info.title = "Info"
    info.append(["Test name", "pulses"])
    rows = [line.split(",") for line in arbin_csv().splitlines()]
    half = T.size // 2
    for title, part in (("Channel_1-1_1", rows[1 : half + 1]), ("Channel_1-1_2", rows[half + 1 :])):
        sheet = book.create_sheet(title)
        sheet.append(rows[0])
        for row in part:
            sheet.append([int(row[0]), row[1], *(float(cell) for cell in row[2:])])
    summary = book.create_sheet("Statistics_1-1")
    summary.append(rows[0])
    summary.append([int(rows[-1][0]), rows[-1][1], *(float(cell) for cell in rows[-1][2:])])
    book.save(path)
    return path


_STATE = {-1.0: "D", 0.0: "R", 1.0: "C"}


def maccor_text(*, state: bool = True, clock: bool = False) -> str:
    banner = (
        "Today's Date\t03/01/2024\nDate of Test:\t03/01/2024\tFilename:\tcell_001\tProcedure:\tpulses.000\n"
    )
    header = "Rec#\tCyc#\tStep\tTest (Sec)\tStep (Sec)\tAmp-hr\tWatt-hr\tAmps\tVolts"
    if clock:
        header = header.replace("Test (Sec)\tStep (Sec)", "TestTime\tStepTime")
    header += "\tState\tES\tDPt Time" if state else "\tES\tDPt Time"

    def row(n: int) -> str:
        time = f"  0d 00:00:{T[n]:05.2f}" if clock else f"{T[n]}"
        said = f"\t{_STATE[float(np.sign(CURRENT[n]))]}" if state else ""
        head = f"{n + 1}\t0\t{STEP[n]}\t{time}\t{time}\t0.001\t0.004\t{abs(CURRENT[n])}\t{VOLTAGE[n]}"
        return f"{head}{said}\t1\t03/01/2024 10:00:00"

    return lines(header, row, banner)


def biologic_mpt(*, comma: bool = False, counters: bool = True, sign: float = 1.0) -> bytes:
    """Tab separated, mA, Windows 1252; ``Nb header lines`` counts the header of the table too."""
    header = "mode\tox/red\terror\tNs\ttime/s\tcontrol/V/mA\tEwe/V\t<I>/mA\tTemperature/°C"
    if not counters:
        header = "Ns\ttime/s\tEcell/V\tI/mA\tTemperature/°C"
    else:
        header += "\t(Q-Qo)/mA.h\tQ charge/discharge/mA.h"
    net = np.cumsum(CURRENT) * 0.5 / 3600 * 1000

    def row(n: int) -> str:
        amps = sign * CURRENT[n] * 1000
        if not counters:
            text = f"{STEP[n]}\t{T[n]:.7E}\t{VOLTAGE[n]:.7E}\t{amps:.7E}\t25.0"
        else:
            text = f"1\t{int(CURRENT[n] >= 0)}\t0\t{STEP[n]}\t{T[n]:.7E}\t0\t{VOLTAGE[n]:.7E}\t{amps:.7E}"
            text += f"\t25.0\t{net[n]}\t0"
        return text.replace(".", ",") if comma else text

    banner = "EC-Lab ASCII FILE\nNb header lines : 6                          \n\n"
    banner += "Galvanostatic Cycling with Potential Limitation\nElectrode surface area : 0.001 cm²\n"
    return lines(header, row, banner).encode("cp1252")


_KINDS = {-1.0: "CC DChg", 0.0: "Rest", 1.0: "CC Chg"}


def neware_csv(*, signed: bool = True) -> str:
    header = "Record number,State,Total Time(h:min:s.ms),Step ID,Current(mA),Voltage(V),Capacitance_Chg(mAh)"

    def row(n: int) -> str:
        amps = 1000 * (CURRENT[n] if signed else abs(CURRENT[n]))
        kind = _KINDS[float(np.sign(CURRENT[n]))]
        return f"{n + 1},{kind},0:00:{T[n]:06.3f},{STEP[n]},{amps},{VOLTAGE[n]},{CHARGE_AH[n] * 1000}"

    return lines(header, row)
