"""Scheduling's HTTP API: parse, call, return."""

from wurao.scheduling.api import (
    approvals,
    calendars,
    conference,
    consents,
    draws,
    evaluation,
    exemptions,
    explanations,
    filings,
    merges,
    off_site,
    officer_days,
    plan_tables,
    plans,
    superiors,
    tasks,
    visit_changes,
    visits,
)

ROUTERS = (
    # Before the plans, whose ids would match anything.
    evaluation.router,
    approvals.router,
    plans.router,
    plan_tables.router,
    conference.router,
    draws.router,
    tasks.router,
    exemptions.router,
    merges.router,
    visits.router,
    visit_changes.router,
    calendars.router,
    filings.router,
    consents.router,
    explanations.router,
    officer_days.router,
    off_site.router,
    superiors.router,
)
