"""What tests of services use: a running service with a client, tokens for each role, and recorded events."""

from wurao.common.testing.harness import Harness, Recorder, message_of, running
from wurao.common.testing.schema import create_tables
from wurao.common.testing.twins import FaultyBus
from wurao.common.testing.waiting import eventually

__all__ = ["FaultyBus", "Harness", "Recorder", "create_tables", "eventually", "message_of", "running"]
