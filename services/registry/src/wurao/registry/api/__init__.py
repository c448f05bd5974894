"""The registry's HTTP API: parse, call, return."""

from wurao.registry.api import (
    agencies,
    enterprises,
    grading,
    item_lists,
    item_usage,
    items,
    jurisdictions,
    officers,
    policy,
)

ROUTERS = (
    jurisdictions.router,
    agencies.router,
    officers.router,
    items.router,
    item_lists.router,
    item_usage.router,
    enterprises.router,
    grading.router,
    policy.router,
)
