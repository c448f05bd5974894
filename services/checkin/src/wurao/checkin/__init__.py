"""Did it happen as approved."""
