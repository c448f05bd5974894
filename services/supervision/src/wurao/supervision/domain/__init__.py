"""Pure rules of supervision: no session, no clock, no framework."""
