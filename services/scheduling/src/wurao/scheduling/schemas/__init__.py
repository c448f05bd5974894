"""What scheduling's API takes and gives."""
