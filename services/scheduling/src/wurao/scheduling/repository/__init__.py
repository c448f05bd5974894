"""Scheduling's queries; nowhere else."""
