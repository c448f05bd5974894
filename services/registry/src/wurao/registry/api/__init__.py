"""The registry's HTTP API: parse, call, return."""

from wurao.registry.api import (
    agencies,
    certificates,
    conflicts,
    enterprises,
    facts,
    grading,
    item_lists,
    item_usage,
    items,
    jurisdictions,
    officer_records,
    officers,
    packs,
    policy,
    repair,
    reviews,
)

ROUTERS = (
    jurisdictions.router,
    agencies.router,
    officers.router,
    officer_records.router,
    reviews.router,
    conflicts.router,
    certificates.router,
    items.router,
    item_lists.router,
    item_usage.router,
    enterprises.router,
    grading.router,
    facts.router,
    repair.router,
    packs.router,
    policy.router,
)
