"""The station's codes in the words of the shop floor, Chinese and English."""

from station.messages.catalogue import LANGUAGES, Message, codes, say

__all__ = ["LANGUAGES", "Message", "codes", "say"]
