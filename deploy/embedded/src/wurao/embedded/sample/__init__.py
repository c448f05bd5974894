"""A deterministic sample county: the CSV files that a province would import."""

from wurao.embedded.sample.generator import Summary, generate

__all__ = ["Summary", "generate"]
