"""Passwords of roles are stored as md5.

Source: PostgreSQL release notes of 18: md5 passwords are deprecated. A password cannot be converted, only
set again.
"""

from migrations.precheck.part_verdict import PartRule
from migrations.rule import Basis, Remedy, Severity

rule = PartRule(
    module=__name__,
    title="Some roles have md5 passwords",
    severity=Severity.ADVICE,
    basis=Basis.DOCUMENTED,
    source="PostgreSQL 18 release notes: md5 passwords are deprecated",
    remedy=Remedy(
        text=(
            "Check that password_encryption is scram-sha-256, then set each password again with "
            "\\password in psql."
        ),
        sql="SHOW password_encryption;",
    ),
    part="md5_passwords",
    shows="{name}",
)
