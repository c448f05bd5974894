"""What check-in's API takes and gives."""
