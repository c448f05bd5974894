"""Penalty's queries; nowhere else."""
