"""Who may inspect whom, for what, and how closely."""
