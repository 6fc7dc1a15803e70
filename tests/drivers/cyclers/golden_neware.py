"""Replies of a BTS 8.0, word for word as the protocol facts give them (captures in aurora-neware, MIT)."""

from __future__ import annotations

TERMINATOR = b"\n\n#\r\n"


def document(command: str, *lines: str) -> bytes:
    head = ('<?xml version="1.0" encoding="UTF-8"?>', '<bts version="1.0">', f"  <cmd>{command}</cmd>")
    return "\r\n".join((*head, *lines, "</bts>")).encode() + TERMINATOR


CONNECT = document("connect_resp", "  <result>ok</result>")
DEVINFO = document(
    "getdevinfo_resp",
    '  <serverip count="1">',
    '    <server ip="127.0.0.1" port="3306" />',
    "  </serverip>",
    '  <middle count="2">',
    '    <channel ip="127.0.0.1" devtype="27" devid="21" subdevid="1" Channelid="1">true</channel>',
    '    <channel ip="127.0.0.1" devtype="27" devid="21" subdevid="1" Channelid="2">false</channel>',
    "</middle>",
)
INQUIRE_FINISHED = document(
    "inquire_resp",
    '  <list count="1">',
    '    <inquire dev="27-21-1-1-0" cycle_id="1" step_type="--" workstatus="finish" barcode='
    '"251203_kigr_gen17_01" current="0" voltage="3.8834" capacity="0" energy="0" totaltime="0" '
    'relativetime="0" open_or_close="0" log_code="0" />',
    "  </list>",
)
INQUIRE_WORKING = document(
    "inquire_resp",
    '  <list count="1">',
    '    <inquire dev="27-21-1-1-0" cycle_id="44" step_id="4" step_type="dc" workstatus="working" '
    'barcode="251203_kigr_gen17_02" current="-0.0003" voltage="4.6947" capacity="0.001" energy="0.0047" '
    'totaltime="3189199.3" relativetime="12319" open_or_close="0" log_code="102000" />',
    "  </list>",
)
INQUIREDF = document(
    "inquiredf_resp",
    '  <list count="1">',
    '    <chl devtype="27" devid="21" subdevid="1" chlid="1" testid="143" count="219585">true</chl>',
    "  </list>",
)
DOWNLOAD = document(
    "donwload_resp",
    '  <download devtype="27" devid="21" subdevid="1" chlid="1" testid="143" startpos="219576" '
    'count="1000" auxid="0" />',
    '  <list count="1">',
    '    <data seqid="219576" stepid="24" cycleid="29" steptype="dc" testtime="36070000" atime='
    '"2025-12-28 22:29:05" volt="3.6780698299408" curr="-0.000295051460852847" '
    'cap="0.00295628436449786" eng="0.0135611368830335" />',
    "  </list>",
)


def answer_to(tag: str, text: str) -> bytes:
    """Of start and stop."""
    place = 'ip="127.0.0.1" devtype="27" devid="21" subdevid="1" chlid="1"'
    return document(f"{tag}_resp", '  <list count="1">', f"    <{tag} {place}>{text}</{tag}>", "  </list>")
