"""Scheduling's HTTP API: parse, call, return."""

from wurao.scheduling.api import draws, filings, merges, plans, tasks, visits

ROUTERS = (plans.router, draws.router, tasks.router, merges.router, visits.router, filings.router)
