"""One quarter of a county over HTTP, from import to discipline lead (architecture §2)."""
