"""The event catalogue is complete, stable in shape, and documented."""

import pytest

from wurao.common.contracts import CATALOGUE, DISCIPLINE_TOPIC, Envelope, Event
from wurao.embedded.docs import built_services, listeners

HEARD = listeners(built_services())


@pytest.mark.parametrize("event", CATALOGUE.values(), ids=lambda event: event.__name__)
def test_event_declares_topic_key_and_version(event: type[Event]) -> None:
    """An event has a topic of its producer (or the discipline stream), a key among its fields, and a version."""
    assert event.topic in (f"wurao.{event.producer}.v1", DISCIPLINE_TOPIC)
    assert event.key_field in event.model_fields
    assert "version" in event.model_fields
    assert event.ce_type == f"wurao.{event.producer}.{event.__name__}.v1"


@pytest.mark.parametrize("event", CATALOGUE.values(), ids=lambda event: event.__name__)
def test_event_tolerates_fields_of_a_later_version(event: type[Event]) -> None:
    """A consumer of today reads an event to which a later producer added a field."""
    assert event.model_config["extra"] == "ignore"


def test_discipline_stream_carries_leads_only() -> None:
    """Nothing but LeadReferred travels on the discipline stream (architecture §5)."""
    assert [event.__name__ for event in CATALOGUE.values() if event.topic == DISCIPLINE_TOPIC] == ["LeadReferred"]


def test_a_service_does_not_listen_to_itself() -> None:
    """What a service emitted it knows already."""
    assert [event.__name__ for event, names in HEARD.items() if event.producer in names] == []


def test_envelope_is_cloudevents_in_kafka_binary_binding() -> None:
    """Headers carry the required attributes with the ce_ prefix, and read back to the same envelope."""
    envelope = Envelope.model_validate(
        {"id": "1", "type": "t", "source": "/s", "subject": "k", "time": "2026-01-05T09:00:00+08:00"}
    )
    headers = envelope.headers()
    assert {"ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "content-type"} <= set(headers)
    assert Envelope.from_headers(headers) == envelope
