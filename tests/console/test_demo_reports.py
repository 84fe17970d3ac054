"""The reports of the demo: none disturbs the first minute, and all come within a day."""

from datetime import timedelta

from bot.demo.environment import SETTINGS
from bot.demo.virtual_clock import EPOCH, VirtualClock
from bot.demo.workspace.members import BOT_USER
from bot.demo.workspace.seed import seed_workspace
from bot.programs.kernel import registry
from bot.reports.report_service import read_calendars
from bot.settings.model import load_settings

REPORTS = load_settings(SETTINGS, environment={}).settings.reports


def test_every_summary_is_one_of_them():
    summaries = {" ".join(each.words) for each in registry() if each.words[0] == "summary"}

    assert {each.command for each in REPORTS} == summaries


def test_they_come_within_a_day_and_not_before_most_of_it_is_over():
    calendars = read_calendars(load_settings(SETTINGS, environment={}).settings.holidays, EPOCH)
    first = [next(each.schedule(calendars).after(EPOCH)) for each in REPORTS]

    assert all(EPOCH + timedelta(hours=20) < at <= EPOCH + timedelta(days=1) for at in first)


def test_the_bot_and_the_owner_are_where_each_of_them_comes():
    channels = seed_workspace(VirtualClock()).channels

    assert all({BOT_USER, each.owner} <= channels[each.channel].members for each in REPORTS)
