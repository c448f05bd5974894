"""Check-in's queries; nowhere else."""
