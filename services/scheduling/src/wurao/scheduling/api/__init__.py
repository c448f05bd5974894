"""Scheduling's HTTP API: parse, call, return."""

from wurao.scheduling.api import consents, draws, explanations, filings, merges, officer_days, plans, tasks, visits

ROUTERS = (
    plans.router,
    draws.router,
    tasks.router,
    merges.router,
    visits.router,
    filings.router,
    consents.router,
    explanations.router,
    officer_days.router,
)
