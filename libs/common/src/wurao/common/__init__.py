"""What the five services of Wurao share."""
