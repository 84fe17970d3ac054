"""Sizes as people type them and as IONOS counts them."""

import pytest

from bot.domain.byte_sizes import parse_gigabytes


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("16 GB", 16), ("16gb", 16), ("16G", 16), ("16384 MB", 16), ("1 TiB", 1024), ("0GB", 0)],
)
def test_a_size_with_a_unit_is_gigabytes(typed, expected):
    assert parse_gigabytes(typed) == expected


@pytest.mark.parametrize("typed", ["16", "", "x", "1.5 GB", "-1 GB", 17, None])
def test_the_rest_is_left_to_pydantic(typed):
    assert parse_gigabytes(typed) == typed


def test_a_part_of_a_gigabyte_is_refused():
    with pytest.raises(ValueError, match="whole number of GB"):
        parse_gigabytes("1500 MB")
