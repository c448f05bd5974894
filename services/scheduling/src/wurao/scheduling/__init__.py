"""When, together with whom, on what ground."""
