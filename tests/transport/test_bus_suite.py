"""One suite over both buses: what `Bus` promises, kept by memory and by Apache Kafka alike."""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from wurao.common.bus import Bus, Delivery, MemoryBus, Message, NotDelivered, Subscription
from wurao.common.kafka import KafkaBus
from wurao.common.telemetry import current_traceparent, span
from wurao.local.kafka import KafkaServer

SECONDS = 40.0
BusMaker = Callable[[], Awaitable[Bus]]


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.kafka)])
async def make_bus(request: pytest.FixtureRequest) -> AsyncIterator[BusMaker]:
    """Buses of one kind that reach each other, as the processes of a platform do."""
    memory = MemoryBus()
    async with AsyncExitStack() as stack:

        async def make() -> Bus:
            bus: Bus = memory
            if request.param == "kafka":
                server: KafkaServer = request.getfixturevalue("kafka_server")
                bus = KafkaBus(server.bootstrap, client_id="suite")
            await bus.start()
            stack.push_async_callback(bus.stop)
            return bus

        yield make


@pytest.fixture
def topic() -> str:
    """A topic that no other test uses."""
    return f"suite.{secrets.token_hex(6)}.v1"


def message(topic: str, key: str, number: int, **headers: str) -> Message:
    return Message(topic, key, {"ce_id": f"{key}-{number}", **headers}, str(number).encode())


def numbers(deliveries: Iterable[Delivery]) -> dict[str, list[int]]:
    """The numbers of each key, in order of arrival."""
    found: dict[str, list[int]] = defaultdict(list)
    for delivery in deliveries:
        found[delivery.message.key].append(int(delivery.message.value))
    return dict(found)


async def fetched(subscription: Subscription, count: int, *, commit: bool = True) -> list[Delivery]:
    """At least `count` deliveries; raises TimeoutError when they do not come."""
    found: list[Delivery] = []
    async with asyncio.timeout(SECONDS):
        while len(found) < count:
            some = await subscription.fetch(100, 0.2)
            found += some
            if commit and some:
                await subscription.commit(some)
    return found


async def deliver(bus: Bus, messages: Sequence[Message]) -> None:
    """Publish as a relay does: again and again, what was not acknowledged."""
    left = list(messages)
    async with asyncio.timeout(SECONDS):
        while left:
            outcomes = await bus.publish(left)
            left = [one for one, outcome in zip(left, outcomes, strict=True) if outcome]
            await asyncio.sleep(0.01)


@asynccontextmanager
async def delivering(bus: Bus, messages: Sequence[Message]) -> AsyncIterator[None]:
    """Publish beside the block; all must be acknowledged at its end."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(deliver(bus, messages))
        yield


async def test_message_arrives_with_its_headers(make_bus: BusMaker, topic: str) -> None:
    """Topic, key, headers (Chinese too) and body arrive as they were sent; the trace continues from its header."""
    bus = await make_bus()
    member = await bus.subscribe(f"{topic}.g", [topic])
    with span("sending"):
        traceparent = current_traceparent()
        assert traceparent
    sent = Message(
        topic, "企业-1", {"ce_id": "1", "traceparent": traceparent, "note": "柯城区"}, '{"名":"值"}'.encode()
    )
    async with delivering(bus, [sent]):
        [delivery] = await fetched(member, 1)
    assert delivery.message == sent
    with span("handling", delivery.message.headers["traceparent"]):
        assert (current_traceparent() or "").split("-")[1] == traceparent.split("-")[1]


async def test_order_of_a_key_is_kept(make_bus: BusMaker, topic: str) -> None:
    """Of many keys sent mixed and in several calls, each arrives complete and in its own order."""
    bus = await make_bus()
    member = await bus.subscribe(f"{topic}.g", [topic])
    calls = [[message(topic, f"k{key}", base + n) for n in range(10) for key in range(7)] for base in (0, 10, 20)]

    async def send_all() -> None:
        for call in calls:
            await deliver(bus, call)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(send_all())
        found = await fetched(member, 210)
    assert numbers(found) == {f"k{key}": list(range(30)) for key in range(7)}


async def test_each_group_gets_everything(make_bus: BusMaker, topic: str) -> None:
    """Two groups on one topic each get every message."""
    bus = await make_bus()
    first = await bus.subscribe(f"{topic}.first", [topic])
    second = await bus.subscribe(f"{topic}.second", [topic])
    async with delivering(bus, [message(topic, "k", n) for n in range(20)]):
        ours, others = await asyncio.gather(fetched(first, 20), fetched(second, 20))
    assert numbers(ours) == numbers(others) == {"k": list(range(20))}


async def test_topics_not_asked_for_stay_away(make_bus: BusMaker, topic: str) -> None:
    """A group gets the topics that it named, and no other."""
    bus = await make_bus()
    member = await bus.subscribe(f"{topic}.g", [topic])
    async with delivering(bus, [message(f"{topic}.other", "k", 1), message(topic, "k", 2)]):
        assert numbers(await fetched(member, 1)) == {"k": [2]}
    assert await member.fetch(10, 0.3) == []


async def test_two_members_share_and_the_last_one_takes_over(make_bus: BusMaker, topic: str) -> None:
    """Two members of a group share its keys; when one leaves, the other gets what is left and what comes."""
    bus, other = await make_bus(), await make_bus()
    first = await bus.subscribe(f"{topic}.g", [topic])
    second = await other.subscribe(f"{topic}.g", [topic])
    keys = [f"k{n}" for n in range(60)]
    shared = await both_take_part(bus, topic, keys, first, second)
    assert {key for key, _ in shared} == set(keys)
    async with delivering(bus, [message(topic, key, 9) for key in keys]):
        await second.fetch(5, 0.5)
        await second.close()
        found: dict[str, list[int]] = {}
        async with asyncio.timeout(SECONDS):
            seen: list[Delivery] = []
            while any(9 not in found.get(key, []) for key in keys):
                some = await first.fetch(100, 0.2)
                await first.commit(some)
                seen += some
                found = numbers(seen)


async def both_take_part(
    bus: Bus, topic: str, keys: Sequence[str], first: Subscription, second: Subscription
) -> list[tuple[str, str]]:
    """Send rounds until one of them reached both members; (key, member) of that round."""
    async with asyncio.timeout(SECONDS):
        for number in range(1000):
            got: list[tuple[str, str]] = []
            sending = asyncio.create_task(deliver(bus, [message(topic, key, -number - 1) for key in keys]))
            while len({key for key, _ in got}) < len(keys):
                for name, member in (("first", first), ("second", second)):
                    some = await member.fetch(100, 0.05)
                    await member.commit(some)
                    got += [(one.message.key, name) for one in some if int(one.message.value) == -number - 1]
            await sending
            if {name for _, name in got} == {"first", "second"}:
                return got
    raise AssertionError("one member never got anything")


async def test_what_was_not_committed_comes_again(make_bus: BusMaker, topic: str) -> None:
    """A member that leaves without a commit leaves its deliveries, in order, to the group's next member."""
    bus = await make_bus()
    member = await bus.subscribe(f"{topic}.g", [topic])
    async with delivering(bus, [message(topic, "k", n) for n in range(6)]):
        handled: list[Delivery] = []
        while len(handled) < 6:
            handled += await fetched(member, 1, commit=False)
        await member.commit(handled[:2])
        await member.close()
        again = await fetched(await bus.subscribe(f"{topic}.g", [topic]), 4)
    assert numbers(again) == {"k": [2, 3, 4, 5]}


@pytest.fixture
async def kafka_bus(kafka_server: KafkaServer) -> AsyncIterator[KafkaBus]:
    """One process's bus on Kafka."""
    bus = KafkaBus(kafka_server.bootstrap, client_id="suite")
    yield bus
    await bus.stop()


@pytest.mark.kafka
async def test_outcome_per_message_and_its_key(kafka_bus: KafkaBus, topic: str) -> None:
    """A message that cannot be carried fails alone with the later ones of its key; other keys arrive."""
    bus = kafka_bus
    member = await bus.subscribe(f"{topic}.g", [topic])
    large = Message(topic, "large", {}, b"7" * 1_100_000)
    batch = [message(topic, "a", 1), large, message(topic, "large", 2), message(topic, "b", 3), message(topic, "a", 4)]
    outcomes = await bus.publish(batch)
    assert [outcome is None for outcome in outcomes] == [True, False, False, True, True]
    assert numbers(await fetched(member, 3)) == {"a": [1, 4], "b": [3]}
    assert await member.fetch(10, 0.3) == []


@pytest.mark.kafka
async def test_refusal_by_the_broker_does_not_let_later_messages_overtake(
    kafka_server: KafkaServer, kafka_bus: KafkaBus, topic: str
) -> None:
    """A batch that the broker itself refuses as too large fails; of its key nothing later gets through before it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_server.bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, 1, topic_configs={"max.message.bytes": "40000"})])
    finally:
        await admin.close()
    member = await kafka_bus.subscribe(f"{topic}.g", [topic])
    large = Message(topic, "k", {}, b"1" * 60_000)
    outcomes = await kafka_bus.publish([large, *(message(topic, "k", n) for n in range(2, 500))])
    assert all(outcomes)
    assert await kafka_bus.publish([message(topic, "other", 1)]) == [None]
    assert numbers(await fetched(member, 1)) == {"other": [1]}


async def test_without_a_member_a_known_group_is_not_skipped() -> None:
    """On the memory bus a group whose last member left makes publishing fail, so that the outbox keeps the event."""
    bus = MemoryBus()
    member = await bus.subscribe("g", ["t"])
    await member.close()
    [outcome] = await bus.publish([message("t", "k", 1)])
    assert isinstance(outcome, NotDelivered)
    bus.forget("g")
    assert await bus.publish([message("t", "k", 1)]) == [None]


async def test_group_that_fails_late_keeps_the_message_unacknowledged() -> None:
    """A message that one group handled and another did not is not acknowledged, and both can have it again."""
    bus = MemoryBus()
    early, late = await bus.subscribe("early", ["t"]), await bus.subscribe("late", ["t"])
    publishing = asyncio.create_task(bus.publish([message("t", "k", 1)]))
    await fetched(early, 1)
    await fetched(late, 1, commit=False)
    await late.close()
    [outcome] = await publishing
    assert isinstance(outcome, NotDelivered)
    late = await bus.subscribe("late", ["t"])
    async with delivering(bus, [message("t", "k", 1)]):
        await asyncio.gather(fetched(early, 1), fetched(late, 1))


async def test_key_stays_with_its_member_while_a_delivery_is_open() -> None:
    """On the memory bus a member that joins gets no key of which another member holds an unfinished delivery."""
    bus = MemoryBus()
    first = await bus.subscribe("g", ["t"])
    keys = [f"k{n}" for n in range(20)]
    early = asyncio.create_task(bus.publish([message("t", key, 1) for key in keys]))
    held = await fetched(first, 20, commit=False)
    second = await bus.subscribe("g", ["t"])
    later = asyncio.create_task(bus.publish([message("t", key, 2) for key in keys]))
    assert await second.fetch(100, 0.05) == []
    await first.commit(held)
    assert await early == [None] * 20
    assert len(await fetched(first, 20)) == 20
    assert await later == [None] * 20


async def test_cancelled_member_ends_though_a_message_arrives() -> None:
    """A cancellation that meets a message ends the fetch, and the message waits for the next one."""
    bus = MemoryBus()
    for steps in range(6):
        subscription = await bus.subscribe(f"group-{steps}", [f"topic-{steps}"])
        fetching = asyncio.create_task(subscription.fetch(1, SECONDS))
        await asyncio.sleep(0.01)
        publishing = asyncio.create_task(bus.publish([message(f"topic-{steps}", "key", steps)]))
        for _ in range(steps):
            await asyncio.sleep(0)
        if fetching.cancel():
            with pytest.raises(asyncio.CancelledError):
                await fetching
            deliveries = await subscription.fetch(1, SECONDS)
        else:
            deliveries = await fetching
        assert numbers(deliveries) == {"key": [steps]}
        await subscription.commit(deliveries)
        assert await publishing == [None]


async def test_interrupted_publisher_leaves_nothing_hanging() -> None:
    """A publisher that was cancelled can publish again; the group handles both copies and acknowledges the second."""
    bus = MemoryBus()
    member = await bus.subscribe("g", ["t"])
    first = asyncio.create_task(bus.publish([message("t", "k", 1)]))
    held = await fetched(member, 1, commit=False)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    second = asyncio.create_task(bus.publish([message("t", "k", 1)]))
    await member.commit(held)
    await fetched(member, 1)
    assert await second == [None]


@pytest.mark.kafka
async def test_absent_broker_is_said_to_be_away() -> None:
    """Where no broker listens, every message fails quickly with BusAway, which blames none of them."""
    bus = KafkaBus("127.0.0.1:9", client_id="suite")
    outcomes = await bus.publish([message("t", "k", n) for n in range(3)])
    assert [type(outcome).__name__ for outcome in outcomes] == ["BusAway"] * 3
    await bus.stop()
