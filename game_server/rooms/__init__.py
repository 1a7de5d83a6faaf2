"""Rooms as this worker serves them: folded, locked, timed, and followed by everyone who listens."""
