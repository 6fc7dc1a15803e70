"""The station's codes in the words of the shop floor, Chinese and English."""

from station.messages.catalogue import LANGUAGES, Message, codes, say
from station.messages.deeper import Why, why

__all__ = ["LANGUAGES", "Message", "Why", "codes", "say", "why"]
