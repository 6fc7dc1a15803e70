"""What leaves the station on paper: report, certificate, batch report, label, command sheet.

Made from plain data (a run's record and result, arrays of samples); no window, no service, no instrument.
"""
