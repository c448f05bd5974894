"""The registry's queries; nowhere else."""
