from fleet.report import unfinished


def check(fleet) -> None:
    assert unfinished(fleet) == []
