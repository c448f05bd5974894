"""Who went wrong, and what follows."""
