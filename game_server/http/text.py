"""What a text message may be made of."""


def is_utf8(fragments: list[bytes]) -> bool:
    """Whether `fragments` are text together; each alone need not be (RFC 6455, 5.6)."""
    text = fragments[0] if len(fragments) == 1 else b"".join(fragments)
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
