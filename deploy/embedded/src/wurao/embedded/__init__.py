"""The whole platform in one process, and the wurao command."""
