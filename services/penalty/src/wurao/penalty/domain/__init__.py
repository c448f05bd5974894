"""Pure rules of penalty: no session, no clock, no framework."""
