"""What tests of services use: a running service with a client, tokens for each role, and recorded events."""

from wurao.common.testing.harness import Harness, Recorder, message_of, running
from wurao.common.testing.schema import create_tables
from wurao.common.testing.twins import FaultyBus

__all__ = ["FaultyBus", "Harness", "Recorder", "create_tables", "message_of", "running"]
