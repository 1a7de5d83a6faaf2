"""Soft, fast, forgettable: which room reached which version, and who is connected where. Never the truth."""
