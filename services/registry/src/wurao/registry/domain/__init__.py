"""Pure rules of the registry: no session, no clock, no framework."""
