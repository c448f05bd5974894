"""Pure rules of scheduling: no session, no clock, no framework."""
