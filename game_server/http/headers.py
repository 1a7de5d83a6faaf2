"""Headers that every HTTP response has, whoever makes it."""

from typing import Final

GUARDS: Final = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"same-origin")]
"""What keeps a browser from doing more with a response than we mean."""
