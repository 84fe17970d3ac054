"""The creator of a user or database."""

import pytest

from bot.domain.cluster import BY_PLATFORM, BY_SQL, made_by


@pytest.mark.parametrize(
    ("created_by", "is_system", "expected"),
    [
        ("ionos:iam:cloud::users/_unmanaged_", None, BY_SQL),
        ("ionos:iam:cloud::users/_unmanaged_", True, BY_SQL),
        ("ionos:iam:cloud::users/_system_", None, BY_PLATFORM),
        (None, True, BY_PLATFORM),
        ("ionos:iam:cloud::users/4711", False, "4711"),
        ("alice@example.com", None, "alice@example.com"),
        ("users/", None, "users/"),
        ("", None, None),
        (None, None, None),
    ],
)
def test_the_ending_of_the_maker_tells(created_by, is_system, expected):
    assert made_by(created_by, is_system=is_system) == expected
