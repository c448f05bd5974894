"""Pure rules of check-in: no session, no clock, no framework."""
