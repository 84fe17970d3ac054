"""42 calendars as people have them, each with the days that it means, told by day and not by rule."""

from datetime import date, timedelta

FIRST, LAST = date(2026, 1, 1), date(2029, 12, 31)
DAYS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
MO, TU, WE, TH, FR, SA, SU = range(7)

BERLIN = """\
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
"""
OFFICE = BERLIN.replace("Europe/Berlin", "Our office").replace("1970", "1601")
"""Outlook's own zones begin in 1601 and have names of their own."""


def event(text, uid="1@example.com"):
    """Return one event of these lines."""
    return f"BEGIN:VEVENT\nUID:{uid}\nDTSTAMP:20251101T000000Z\nSUMMARY:Day off\n{text}\nEND:VEVENT\n"


def dates(*texts):
    """Return a predicate for a list of days such as `2026-12-24`."""
    return {date.fromisoformat(each) for each in texts}.__contains__


def nth(day):
    """Return which of its weekday in the month a day is, from the beginning and from the end."""
    following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return (day.day + 6) // 7, -(((following - day).days + 6) // 7)


def on(month, day):
    return lambda each: (each.month, each.day) == (month, day)


def easter(year):
    """Return Easter Sunday (Gauss, as the Nautical Almanac has it)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    wrong = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * wrong) // 451
    month, day = divmod(h + wrong - 7 * m + 114, 31)
    return date(year, month, day + 1)


def state(fixed, from_easter):
    """Return a calendar of a German state as the sites that offer them write it: a line for each holiday."""
    found = {date(year, *each) for year in range(2026, 2030) for each in fixed}
    found |= {easter(year) + timedelta(days=each) for year in range(2026, 2030) for each in from_easter}
    lines = (
        event(f"DTSTART;VALUE=DATE:{day:%Y%m%d}\nDTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}", day)
        for day in sorted(found)
    )
    return "".join(lines), found.__contains__


EVERYWHERE = [(1, 1), (5, 1), (10, 3), (12, 25), (12, 26)]
MOVABLE = [-2, 1, 39, 50]

CALENDARS = {
    "a list for Rhineland-Palatinate": state([*EVERYWHERE, (11, 1)], [*MOVABLE, 60]),
    "a list for Berlin": state([*EVERYWHERE, (3, 8)], MOVABLE),
    "a list for Bavaria": state([*EVERYWHERE, (1, 6), (8, 15), (11, 1)], [*MOVABLE, 60]),
    "a list for Saxony": state([*EVERYWHERE, (10, 31)], MOVABLE),
    "one day": (event("DTSTART;VALUE=DATE:20261224"), dates("2026-12-24")),
    "a day with its end, as Google writes it": (
        event("DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261225\nTRANSP:TRANSPARENT"),
        dates("2026-12-24"),
    ),
    "several days": (
        event("DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20270102"),
        lambda day: date(2026, 12, 24) <= day < date(2027, 1, 2),
    ),
    "a duration of days": (
        event("DTSTART;VALUE=DATE:20260701\nDURATION:P1W"),
        lambda day: date(2026, 7, 1) <= day < date(2026, 7, 8),
    ),
    "every year since 1970, as Nextcloud writes birthdays": (
        event("DTSTART;VALUE=DATE:19700317\nRRULE:FREQ=YEARLY"),
        on(3, 17),
    ),
    "every year with its own date in the rule, as Outlook does": (
        event("DTSTART;VALUE=DATE:20201224\nRRULE:FREQ=YEARLY;BYMONTHDAY=24;BYMONTH=12;INTERVAL=1"),
        on(12, 24),
    ),
    "a count": (
        event("DTSTART;VALUE=DATE:20241224\nRRULE:FREQ=YEARLY;COUNT=4"),
        dates("2026-12-24", "2027-12-24"),
    ),
    "until a date, which is in": (
        event("DTSTART;VALUE=DATE:20201224\nRRULE:FREQ=YEARLY;UNTIL=20271224"),
        dates("2026-12-24", "2027-12-24"),
    ),
    "until a moment in UTC": (
        BERLIN
        + event(
            "DTSTART;TZID=Europe/Berlin:20261230T003000\nDTEND;TZID=Europe/Berlin:20261230T013000\n"
            "RRULE:FREQ=DAILY;UNTIL=20261231T233000Z"
        ),
        dates("2026-12-30", "2026-12-31", "2027-01-01"),
    ),
    "a leap day": (event("DTSTART;VALUE=DATE:20240229\nRRULE:FREQ=YEARLY"), dates("2028-02-29")),
    "thanksgiving and the day after": (
        event("DTSTART;VALUE=DATE:20251127\nDURATION:P2D\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH"),
        lambda day: any(
            each.month == 11 and each.weekday() == TH and nth(each)[0] == 4
            for each in (day, day - timedelta(days=1))
        ),
    ),
    "the last Monday of May": (
        event("DTSTART;VALUE=DATE:20250526\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO"),
        lambda day: day.month == 5 and day.weekday() == MO and nth(day)[1] == -1,
    ),
    "the last Friday of each month": (
        event("DTSTART;VALUE=DATE:20251226\nRRULE:FREQ=MONTHLY;BYDAY=-1FR"),
        lambda day: day.weekday() == FR and nth(day)[1] == -1,
    ),
    "the last day of each month": (
        event("DTSTART;VALUE=DATE:20251231\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1"),
        lambda day: (day + timedelta(days=1)).day == 1,
    ),
    "the 31st of each month that has one": (
        event("DTSTART;VALUE=DATE:20251231\nRRULE:FREQ=MONTHLY"),
        lambda day: day.day == 31,
    ),
    "the last working day of each month": (
        event("DTSTART;VALUE=DATE:20251231\nRRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
        lambda day: (
            day.weekday() < SA
            and all(
                (day + timedelta(days=more)).month != day.month
                or (day + timedelta(days=more)).weekday() >= SA
                for more in range(1, 6)
            )
        ),
    ),
    "Friday the 13th": (
        event("DTSTART;VALUE=DATE:20250613\nRRULE:FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13"),
        lambda day: day.weekday() == FR and day.day == 13,
    ),
    "election day: the Tuesday after the first Monday of November": (
        event(
            "DTSTART;VALUE=DATE:20241105\nRRULE:FREQ=YEARLY;INTERVAL=2;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8"
        ),
        lambda day: day.year % 2 == 0 and day.month == 11 and day.weekday() == TU and 2 <= day.day <= 8,
    ),
    "the 100th and the last day of each year": (
        event("DTSTART;VALUE=DATE:20250410\nRRULE:FREQ=YEARLY;BYYEARDAY=100,-1"),
        lambda day: day.timetuple().tm_yday == 100 or (day.month, day.day) == (12, 31),
    ),
    "Monday of week 1 and of week 20": (
        event("DTSTART;VALUE=DATE:20250512\nRRULE:FREQ=YEARLY;BYWEEKNO=1,20;BYDAY=MO"),
        lambda day: day.isocalendar().week in {1, 20} and day.weekday() == MO,
    ),
    "every weekend": (
        event("DTSTART;VALUE=DATE:20250104\nRRULE:FREQ=WEEKLY;BYDAY=SA,SU"),
        lambda day: day.weekday() >= SA,
    ),
    "every second Friday": (
        event("DTSTART;VALUE=DATE:20260109\nRRULE:FREQ=WEEKLY;INTERVAL=2"),
        lambda day: day >= date(2026, 1, 9) and (day - date(2026, 1, 9)).days % 14 == 0,
    ),
    "every second week from Sunday on": (
        event("DTSTART;VALUE=DATE:20260106\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU"),
        lambda day: (
            day >= date(2026, 1, 6)
            and day.weekday() in {TU, SU}
            and (day - date(2026, 1, 4)).days // 7 % 2 == 0
        ),
    ),
    "every third day": (
        event("DTSTART;VALUE=DATE:20250101\nRRULE:FREQ=DAILY;INTERVAL=3"),
        lambda day: (day - date(2025, 1, 1)).days % 3 == 0,
    ),
    "each day of August": (
        event("DTSTART;VALUE=DATE:20250801\nRRULE:FREQ=DAILY;BYMONTH=8"),
        lambda day: day.month == 8,
    ),
    "two rules": (
        event("DTSTART;VALUE=DATE:20250101\nRRULE:FREQ=YEARLY\nRRULE:FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=1"),
        lambda day: (day.month, day.day) in {(1, 1), (7, 1)},
    ),
    "left out and extra dates": (
        event(
            "DTSTART;VALUE=DATE:20251224\nRRULE:FREQ=YEARLY\nEXDATE;VALUE=DATE:20271224,20281224\n"
            "EXDATE;VALUE=DATE:20291224\nRDATE;VALUE=DATE:20271222,20281222"
        ),
        dates("2026-12-24", "2027-12-22", "2028-12-22"),
    ),
    "a rule that is left out": (
        event("DTSTART;VALUE=DATE:20260102\nRRULE:FREQ=WEEKLY\nEXRULE:FREQ=MONTHLY;BYDAY=1FR"),
        lambda day: day >= date(2026, 1, 2) and day.weekday() == FR and nth(day)[0] != 1,
    ),
    "extra periods": (
        event(
            "DTSTART:20260105T090000\nDURATION:PT1H\n"
            "RDATE;VALUE=PERIOD:20260201T220000/20260203T010000,20260301T090000/P2D"
        ),
        dates(
            *("2026-01-05", "2026-02-01", "2026-02-02", "2026-02-03"),
            *("2026-03-01", "2026-03-02", "2026-03-03"),
        ),
    ),
    "a cancelled event": (
        event("DTSTART;VALUE=DATE:20261224\nSTATUS:CANCELLED") + event("DTSTART;VALUE=DATE:20261231", "2"),
        dates("2026-12-31"),
    ),
    "a moved and a cancelled occurrence": (
        event("DTSTART;VALUE=DATE:20251224\nRRULE:FREQ=YEARLY;COUNT=4")
        + event("RECURRENCE-ID;VALUE=DATE:20261224\nDTSTART;VALUE=DATE:20261223")
        + event("RECURRENCE-ID;VALUE=DATE:20271224\nDTSTART;VALUE=DATE:20271224\nSTATUS:CANCELLED"),
        dates("2026-12-23", "2028-12-24"),
    ),
    "moved from an occurrence on": (
        event("DTSTART;VALUE=DATE:20260105\nRRULE:FREQ=WEEKLY;COUNT=6")
        + event(
            "RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20260119\nDTSTART;VALUE=DATE:20260120\n"
            "DTEND;VALUE=DATE:20260122"
        ),
        dates(
            *("2026-01-05", "2026-01-12", "2026-01-20", "2026-01-21", "2026-01-27", "2026-01-28"),
            *("2026-02-03", "2026-02-04", "2026-02-10", "2026-02-11"),
        ),
    ),
    "a revised event": (
        event("DTSTART;VALUE=DATE:20261224\nSEQUENCE:0") + event("DTSTART;VALUE=DATE:20261223\nSEQUENCE:1"),
        dates("2026-12-23"),
    ),
    "an evening in New York, which is the next day in Berlin": (
        event("DTSTART;TZID=America/New_York:20261126T200000\nDTEND;TZID=America/New_York:20261126T220000"),
        dates("2026-11-27"),
    ),
    "Outlook's own zone, across both changes of the clocks": (
        OFFICE
        + event(
            "DTSTART;TZID=Our office:20260328T233000\nDTEND;TZID=Our office:20260328T235900\n"
            "RRULE:FREQ=MONTHLY;BYMONTHDAY=28;BYMONTH=3,10;UNTIL=20261231T000000Z\n"
            "EXDATE;TZID=Our office:20270328T233000"
        ),
        dates("2026-03-28", "2026-10-28"),
    ),
    "a Windows name of a zone": (
        event(
            "DTSTART;TZID=W. Europe Standard Time:20260601T000000\n"
            "DTEND;TZID=W. Europe Standard Time:20260603T000000"
        ),
        dates("2026-06-01", "2026-06-02"),
    ),
    "floating times": (
        event("DTSTART:20260601T230000\nDTEND:20260602T010000\nRRULE:FREQ=DAILY;INTERVAL=10;COUNT=2"),
        dates("2026-06-01", "2026-06-02", "2026-06-11", "2026-06-12"),
    ),
    "an end that is midnight, over the lost hour": (
        event("DTSTART;TZID=Europe/Berlin:20260329T000000\nDTEND;TZID=Europe/Berlin:20260330T000000"),
        dates("2026-03-29"),
    ),
}
"""Name → lines, and a predicate for each day from FIRST to LAST as a reader in Berlin has it."""
