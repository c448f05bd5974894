"""Supervision's queries; nowhere else."""
