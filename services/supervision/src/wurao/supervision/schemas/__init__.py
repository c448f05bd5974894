"""What supervision's API takes and gives."""
