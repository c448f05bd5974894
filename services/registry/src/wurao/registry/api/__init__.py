"""The registry's HTTP API: parse, call, return."""

from wurao.registry.api import agencies, policy

ROUTERS = (agencies.router, policy.router)
