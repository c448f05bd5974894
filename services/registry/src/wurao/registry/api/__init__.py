"""The registry's HTTP API: parse, call, return."""

from wurao.registry.api import agencies, enterprises, grading, items, officers, policy

ROUTERS = (
    agencies.router,
    officers.router,
    items.router,
    enterprises.router,
    grading.router,
    policy.router,
)
