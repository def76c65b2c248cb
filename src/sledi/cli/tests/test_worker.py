"""What the worker does beside asking the carriers."""

from sledi.attachments import operations as attachments
from sledi.cli.worker import chores
from sledi.notifications import changes, forgetting, jobs, lookup_letters
from sledi.orders import lookups
from sledi.orders.automatic import carrier_news, deadlines
from sledi.orders.money import checkouts, payouts
from sledi.tracker import links


def test_news_are_followed_deadlines_kept_and_mails_sent() -> None:
    assert {chore.act: chore.every_s for chore in chores()} == {
        carrier_news.follow_news: 2,
        deadlines.run_due_timers: 5,
        checkouts.ask_due: 10,
        payouts.run_due: 60,
        jobs.fan_out: 5,
        jobs.send_due: 5,
        changes.fan_out: 5,
        changes.send_due: 5,
        changes.report_unsent: 600,
        forgetting.blank_old: 600,
        lookup_letters.send_due: 5,
        lookups.forget_old: 600,
        attachments.discard_due: 600,
        links.check_due: 60,
    }
