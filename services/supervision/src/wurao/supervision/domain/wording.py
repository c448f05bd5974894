"""The rule's sentence without the persons of the case in which it was said: statistics name nobody."""

import re
from collections.abc import Mapping

SOMEONE, ENTERPRISE, AGENCY = "有关人员", "有关企业", "有关机关"

_IDENTIFIER = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # ids of visits, entries and plans
    r"|(?<![0-9A-Za-z])[0-9A-HJ-NPQRTUWXY]{18}(?![0-9A-Za-z])"  # unified social credit codes
)


def impersonal(message: str, words: Mapping[str, str]) -> str:
    """The message with each name and id replaced by its general word, longer names first, and other ids left out."""
    for name in sorted(filter(None, words), key=len, reverse=True):
        message = message.replace(name, words[name])
    return _IDENTIFIER.sub("某号", message)
