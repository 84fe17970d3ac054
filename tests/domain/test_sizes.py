"""Sizes as people type them and as IONOS counts them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.byte_sizes import RAM, STORAGE, UnlikelySize, parse_gigabytes
from bot.ionos.v1.requests import V1ChangeLimits
from bot.ionos.v2.requests import V2Limits


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("16", 16),
        ("16 GB", 16),
        ("16gb", 16),
        ("16G", 16),
        ("8gib", 8),
        ("16 gigabytes", 16),
        ("16384 MB", 16),
        ("8192MiB", 8),
        ("1 TiB", 1024),
        ("1TB", 1024),
        ("1.5TB", 1536),
        ("1,5 TB", 1536),
        ("0GB", 0),
    ],
)
def test_a_size_is_read_as_whole_gigabytes(typed, expected):
    assert parse_gigabytes(typed) == expected


@pytest.mark.parametrize("value", [17, None, True, 1.5])
def test_what_is_no_text_is_left_to_pydantic(value):
    assert parse_gigabytes(value) == value


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("1500 MB", r"whole number of GB, such as 1 GB \(1024 MB\) or 2 GB \(2048 MB\)"),
        ("8000MB", r"7 GB \(7168 MB\) or 8 GB \(8192 MB\)"),
        ("1.5 GB", "whole number of GB"),
        ("512 MB", r"such as 1 GB \(1024 MB\)$"),
        ("1.024 GB", "can mark thousands or decimals"),
        ("1,000 GB", "can mark thousands or decimals"),
        ("", "such as 8 GB"),
        ("x", "such as 8 GB"),
        ("8 PB", "such as 8 GB"),
        ("8 GB GB", "such as 8 GB"),
        ("9" * 400, "such as 8 GB"),
    ],
)
def test_what_is_no_size_or_can_be_read_in_two_ways_is_refused(typed, says):
    with pytest.raises(ValueError, match=says):
        parse_gigabytes(typed)


@pytest.mark.parametrize(
    ("typed", "limits", "meant"),
    [
        ("8192", RAM, 8),
        (8192, RAM, 8),
        ("8192 GB", RAM, 8),
        ("8000", RAM, 8),
        ("2048", RAM, None),
        ("20480", STORAGE, 20),
        ("2097152", STORAGE, 2048),
        ("8192", STORAGE, None),
    ],
)
def test_a_number_that_was_meant_in_megabytes_is_asked_about(typed, limits, meant):
    with pytest.raises(UnlikelySize) as caught:
        parse_gigabytes(typed, limits)

    assert caught.value.meant == meant


@pytest.mark.parametrize(
    ("typed", "limits"), [("240", RAM), ("256", RAM), ("4096", STORAGE), ("8192MB", RAM), ("8TB", RAM)]
)
def test_what_may_well_be_gigabytes_is_taken_as_it_is(typed, limits):
    parse_gigabytes(typed, limits)


@given(st.integers(min_value=2, max_value=240), st.sampled_from([RAM, STORAGE]))
def test_what_every_api_takes_is_read_in_any_unit_and_never_in_megabytes_alone(size, limits):
    for typed in (f"{size}", f"{size}GB", f"{size * 1024} mb"):
        assert parse_gigabytes(typed, limits) == size
    if size >= limits.least:
        with pytest.raises(UnlikelySize, match=rf"Did you mean {size} GB \({size * 1024} MB\)"):
            parse_gigabytes(f"{size * 1024}", limits)


def limits_of(model, field):
    """Return the least and the most that a request's model takes."""
    marks = model.model_fields[field].metadata
    return tuple(next((getattr(m, key) for m in marks if hasattr(m, key)), None) for key in ("ge", "le"))


def test_the_limits_are_the_widest_of_both_apis():
    assert limits_of(V1ChangeLimits, "ram_mb") == (RAM.least * 1024, None)
    assert limits_of(V2Limits, "ram_mb") == (RAM.least, RAM.most)
    assert limits_of(V1ChangeLimits, "storage_mb") == (STORAGE.least * 1024, 2048 * 1024)
    assert limits_of(V2Limits, "storage_mb") == (STORAGE.least, STORAGE.most)
