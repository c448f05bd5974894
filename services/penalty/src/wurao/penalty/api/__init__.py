"""Penalty's HTTP API: parse, call, return."""

from wurao.penalty.api import calculations, cases, decisions, measures, money

ROUTERS = (cases.router, decisions.router, money.router, measures.router, calculations.router)
