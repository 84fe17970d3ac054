"""Text from outside, made so that all of it is seen and none of it does anything."""


def visible(text: str) -> str:
    """On one line, with every character that cannot be seen written out (`\\x1b`, `\\u202e`, `\\n`).

    That takes in control characters, what turns text around, lone surrogates (for which UTF-8 has no bytes)
    and every blank but the plain one.
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else _written_out(each) for each in text)


def visible_lines(text: str) -> str:
    """As `visible`, line by line: for our own texts of several lines, such as SQL."""
    return "\n".join(visible(line) for line in text.split("\n"))


def _written_out(character: str) -> str:
    if character == "\n":
        return "\\n"
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
