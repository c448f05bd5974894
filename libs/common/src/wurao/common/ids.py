"""Identifiers: UUIDv7 (RFC 9562) as lower-case text, so that ids sort by time of creation."""

import re

import uuid_utils

_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)


def new_id() -> str:
    """Return a new id; ids of one process sort in the order in which they were made."""
    return str(uuid_utils.uuid7())


def is_id(text: str) -> bool:
    """Tell whether the text is an id in the one spelling that `new_id` gives."""
    return _UUID7.fullmatch(text) is not None
