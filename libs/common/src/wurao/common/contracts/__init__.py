"""All events of the platform. Importing this package proves the catalogue complete."""

from typing import get_args

from wurao.common.contracts import checkin, penalty, plans, registry, scheduling, supervision
from wurao.common.contracts.base import CATALOGUE, DISCIPLINE_TOPIC, Envelope, Event, Fact, Producer, topic_of

TOPICS: tuple[str, ...] = tuple(sorted({event.topic for event in CATALOGUE.values()}))


def assert_complete() -> None:
    """Every producer emits something, every event has an own topic, key and version. Raises TypeError."""
    producers = {event.producer for event in CATALOGUE.values()}
    if missing := set(get_args(Producer)) - producers:
        raise TypeError(f"no event of {sorted(missing)}")
    for event in CATALOGUE.values():
        if event.topic not in (topic_of(event.producer), DISCIPLINE_TOPIC):
            raise TypeError(f"{event.ce_type}: unknown topic {event.topic}")
        if "version" not in event.model_fields:
            raise TypeError(f"{event.ce_type}: an event carries its aggregate's version")


assert_complete()

__all__ = [
    "CATALOGUE",
    "DISCIPLINE_TOPIC",
    "TOPICS",
    "Envelope",
    "Event",
    "Fact",
    "Producer",
    "checkin",
    "penalty",
    "plans",
    "registry",
    "scheduling",
    "supervision",
    "topic_of",
]
