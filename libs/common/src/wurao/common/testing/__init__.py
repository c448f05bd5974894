"""What tests of services use: a running service with a client, tokens for each role, and recorded events."""

from wurao.common.testing.harness import Harness, Recorder, running

__all__ = ["Harness", "Recorder", "running"]
