"""Events as CloudEvents 1.0: one frozen class per event, declared once for producer and consumers alike."""

from datetime import datetime
from typing import Any, ClassVar, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Producer = Literal["registry", "scheduling", "checkin", "penalty", "supervision"]
DISCIPLINE_TOPIC = "wurao.discipline.v1"

CATALOGUE: dict[str, type["Event"]] = {}


def topic_of(producer: Producer) -> str:
    """The topic that carries a producer's events."""
    return f"wurao.{producer}.v1"


class Fact(BaseModel):
    """A frozen part of an event."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(Fact):
    """Base of all events. A subclass names its producer and the field whose value is the Kafka key.

    Raises TypeError at import when a declaration is incomplete or a name is taken.
    """

    producer: ClassVar[Producer]
    topic: ClassVar[str]
    key_field: ClassVar[str]
    ce_type: ClassVar[str]

    def __init_subclass__(cls, *, producer: Producer, key: str, topic: str | None = None) -> None:
        super().__init_subclass__()

    @classmethod
    def __pydantic_init_subclass__(cls, **declared: Any) -> None:
        producer, key, topic = declared["producer"], declared["key"], declared.get("topic")
        super().__pydantic_init_subclass__()
        if key not in cls.model_fields:
            raise TypeError(f"{cls.__name__}: key field {key!r} is not a field")
        if not cls.__doc__ or cls.__doc__ == Event.__doc__:
            raise TypeError(f"{cls.__name__}: an event says in its docstring what happened")
        cls.producer, cls.key_field = producer, key
        cls.topic = topic or topic_of(producer)
        cls.ce_type = f"wurao.{producer}.{cls.__name__}.v1"
        if cls.ce_type in CATALOGUE:
            raise TypeError(f"{cls.ce_type} is declared twice")
        CATALOGUE[cls.ce_type] = cls

    @property
    def key(self) -> str:
        """The aggregate id: events of one key stay in order."""
        return str(getattr(self, self.key_field))

    @classmethod
    def parse(cls, body: bytes | str) -> Self:
        """The event in a message body. Raises pydantic.ValidationError."""
        return cls.model_validate_json(body)


class Envelope(BaseModel):
    """What travels beside the event: CloudEvents context attributes (CloudEvents 1.0 §3)."""

    model_config = ConfigDict(frozen=True)

    id: str
    type: str
    source: str
    subject: str
    time: AwareDatetime
    traceparent: str | None = None
    specversion: Literal["1.0"] = "1.0"
    datacontenttype: Literal["application/json"] = "application/json"

    def headers(self) -> dict[str, str]:
        """Kafka binary binding: one `ce_` header per attribute, content type and traceparent apart."""
        named = {
            "ce_specversion": self.specversion,
            "ce_id": self.id,
            "ce_type": self.type,
            "ce_source": self.source,
            "ce_subject": self.subject,
            "ce_time": self.time.isoformat(),
            "content-type": self.datacontenttype,
        }
        return named | ({"traceparent": self.traceparent} if self.traceparent else {})

    @classmethod
    def from_headers(cls, headers: dict[str, str]) -> Self:
        """The envelope of a received message. Raises KeyError or ValueError when attributes are missing."""
        return cls(
            id=headers["ce_id"],
            type=headers["ce_type"],
            source=headers["ce_source"],
            subject=headers.get("ce_subject", ""),
            time=datetime.fromisoformat(headers["ce_time"]),
            traceparent=headers.get("traceparent"),
        )


Version = Field(ge=1, description="version of the aggregate; replicas keep the highest they have seen")
