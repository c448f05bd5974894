"""What penalty's API takes and gives."""
