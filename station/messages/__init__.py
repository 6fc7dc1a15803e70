"""The station's codes in the words of the shop floor, Chinese and English."""

from station.messages.catalogue import LANGUAGES, Message, codes, say, word
from station.messages.deeper import Why, why
from station.messages.reasons import Reason, reason_of

__all__ = ["LANGUAGES", "Message", "Reason", "Why", "codes", "reason_of", "say", "why", "word"]
