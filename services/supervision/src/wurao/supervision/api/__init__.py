"""Supervision's HTTP API: parse, call, return."""

from wurao.supervision.api import (
    accountability,
    alerts,
    board,
    callbacks,
    complaints,
    corrections,
    leads,
    statistics,
)

ROUTERS = (
    complaints.router,
    alerts.router,
    corrections.router,
    leads.router,
    callbacks.router,
    accountability.router,
    statistics.router,
    board.router,
)
