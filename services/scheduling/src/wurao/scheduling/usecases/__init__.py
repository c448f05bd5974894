"""Scheduling's business verbs: load, ask the domain, save, record events; never commit."""
