"""The SDK's operations that only v1 has, in the spelling of every language.

Source: the specification's operation ids (ionos-v1.openapi.yaml); generators write them as clusters_patch
(Python, Ruby), clustersPatch (JavaScript, Java) or ClustersPatch (Go), some with endings.
"""

import re

_OPERATIONS = (
    "clusters_patch", "cluster_logs_get", "cluster_restore_post", "users_get", "users_list", "users_post",
    "users_patch", "users_delete", "databases_get", "databases_list", "databases_post", "databases_delete",
)  # fmt: skip
_BY_LETTERS = {name.replace("_", ""): name for name in _OPERATIONS}
_ENDING = re.compile(r"(?:_?with_?http_?info|async|call|execute|raw)\Z", re.IGNORECASE)

OPERATION = re.compile(
    r"[.>]\s*(?:[cC]luster(?:s_?[pP]atch|_?[lL]ogs_?[gG]et|_?[rR]estore_?[pP]ost)"
    r"|(?:[uU]sers|[dD]atabases)_?(?:[gG]et|[lL]ist|[pP]ost|[pP]atch|[dD]elete))"
)
"""A call of one, in any spelling: quick to look for in files that do not name the vendor."""

SISTERS = re.compile(
    r"(?i)sdk-(?:go|java|nodejs|python|ruby)-dbaas-(?:mongo|mariadb|in-memory)|dbaas/(?:mongo|mariadb|inmemorydb)"
    r"|ionoscloud[-_.]dbaas_?(?:mongo|mariadb|inmemorydb)|dbaas(?:[-_.])(?:mongo|mariadb|inmemorydb)"
)
"""SDKs of the sister databases, whose operations have the same names."""


def operation_name(word: str) -> str | None:
    """Return the operation that a method calls, in the spelling of Python's SDK; None for any other."""
    plain = _ENDING.sub("", word)
    return _BY_LETTERS.get(plain.replace("_", "").lower())
