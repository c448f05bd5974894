"""Check-in's HTTP API: parse, call, return."""

from wurao.checkin.api import codes, entries, ledger, public, voices

ROUTERS = (codes.router, entries.router, ledger.router, voices.router, public.router)
