"""What a room is and what may happen in it: pure functions over plain values.

No I/O, no clock, no randomness: instants, ids and chance come in as arguments. Everything else in the project may
import this package; it imports only `chess` and stdlib types.
"""
