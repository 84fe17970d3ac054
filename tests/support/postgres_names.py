"""Names that a script has to take as they are, whatever they mean to a shell, to psql or to SQL."""

HOSTILE = (
    'x"; DROP TABLE y; --',
    "it's",
    "back\\slash \\n \\x41",
    "a$$b $stop$ $1",
    ":role :\"role\" :'role'",
    "\\! touch /tmp/owned",
    "`id` $(id) ${HOME}",
    "%I %s %1$s {}",
    "/* -- @stop",
    " outer blanks ",
    "CURRENT_USER",
    "Postgres_",
    "e\u0301 decomposed",
    "\u00e9 composed",
    "\u540d\u524d \U0001f468\u200d\U0001f469",
    "zero\u200bwidth\u202e",
    "no\u00a0break",
    "dbname=postgres host=evil",
    "x" * 63,
    "\u00e9" * 31 + "x",
)
"""The last two have exactly the 63 bytes that PostgreSQL keeps."""

MIXED = (
    'a"b\'c\\d\\n$$ :role :"role" \\! `id` ${x} %I %1$s {} -- @stop',
    *HOSTILE[12:14],
    *HOSTILE[14:15],
    *HOSTILE[-2:],
)
"""Much the same in fewer names, for tests that do a lot with each."""

TOO_LONG = ("x" * 64, "\u00e9" * 32, "\u540d" * 22)
"""Names of 64 and 66 bytes, the latter two of fewer than 63 characters."""
