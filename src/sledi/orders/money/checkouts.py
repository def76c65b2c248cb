"""Paying through a provider: sending somebody to its page, believing what it says afterwards, asking when it is silent.

A callback is believed when it fits what was asked for; whatever does not fit is settled by asking the provider. What
the provider then says of another amount or currency is *doubtful*: nothing is booked, people of the support queue
look at it. Each payment is booked once, under the provider's own id; a second payment of the same checkout goes onto
the payer's account, because the money is his.
"""

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse

from sledi import profiles
from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.accounts.models import Business
from sledi.core.money import Money
from sledi.database.due import DueRows
from sledi.history import Actor
from sledi.ledger import charts
from sledi.ledger.errors import LedgerRefused
from sledi.ledger.models import Payment
from sledi.ledger.operations import refund_payment
from sledi.ledger.queries import returns
from sledi.orders import queries
from sledi.orders.automatic import events
from sledi.orders.models import Checkout, Order, Task
from sledi.orders.money import payments, postings
from sledi.orders.money.payment_provider import (
    FAILED,
    PAID,
    PARTIALLY_REFUNDED,
    REFUNDED,
    Paid,
    Provider,
    ProviderError,
    Request,
    Told,
    provider,
)
from sledi.orders.moving.moves import begun_again_when_met
from sledi.tracking.ingest import DATABASE_AWAY

log = logging.getLogger(__name__)

ASKED_AFTER_S = (10 * 60, 30 * 60, 2 * 3600, 12 * 3600, 24 * 3600, 48 * 3600)
"""When an open checkout is asked about that no callback settled: after the first, the second, … silence."""

ASKED_AT_MOST_EVERY_S = 30
"""How often somebody who waits in front of the page can have the provider asked."""

BATCH = 50
CHECKOUTS = DueRows("orders_checkout", lease_s=120)
QUEUE = "support"
UNSETTLED = (Checkout.OPENING, Checkout.OPEN)
BOOKED = (Checkout.PAID, Checkout.PARTIALLY_REFUNDED, Checkout.REFUNDED)
DOUBTFUL_TASK = "payment_doubtful"
STILL_PAYABLE = (*UNSETTLED, Checkout.FAILED)
"""A page on which a card was declined takes the next one."""


class NotPayable(Exception):
    """There is nothing to pay, or no provider to pay through. Trying again does not help."""


def for_order(business: Business, slug: str, order_id: UUID, at: datetime) -> Checkout:
    """A checkout for what an order still lacks; the one that is open already, if there is one.

    That the order is his to pay, the caller has seen to. Raises NotPayable, ProviderError: trying again is harmless.
    """
    order = Order.objects.filter(business=business, pk=order_id).first()
    missing = order.total_minor - order.paid_minor if order else 0
    if order is None or missing <= 0:
        raise NotPayable("nothing is left to pay")
    waiting = Checkout.objects.filter(business=business, order=order, state__in=UNSETTLED).first()
    if waiting is not None and waiting.amount_minor == missing:
        return waiting if waiting.address else _opened(waiting, at)
    try:
        with transaction.atomic():
            if waiting is not None:  # its page may still be paid: that counts as a second payment
                Checkout.objects.filter(pk=waiting.pk, state__in=UNSETTLED).update(state=Checkout.FAILED)
            made = _begun(business, slug, Money(missing, order.currency), at, order=order)
    except IntegrityError:  # somebody pressed at the same moment
        made = Checkout.objects.get(business=business, order=order, state__in=UNSETTLED)
    return made if made.address else _opened(made, at)


def is_payable(access: Access, order: Order) -> bool:
    """Whether somebody should be asked to pay for an order: it is his to pay, lacks money, and waits for a payment.

    Where nothing of the profile waits for a payment (what is debited from an account), nobody is.
    """
    is_his = access.role in (roles.BUYER, roles.RESELLER) and payer_of(order) == access.person_id
    if not is_his or order.is_cash_on_delivery or order.paid_minor >= order.total_minor:
        return False
    if is_doubtful(order):  # people are looking at it: another payment would only make it worse
        return False
    workflow = profiles.workflow(order.profile, order.profile_version)
    return bool(events.waiting_for(workflow, "order", order.state, payments.PAID, "payment"))


def payer_of(order: Order) -> UUID | None:
    """Who pays for an order; None for a buyer without an account."""
    found: UUID | None = order.reseller_id or order.buyer_id
    return found


def is_of(access: Access, checkout: Checkout) -> bool:
    """Whether somebody pays by this checkout: for an order of his that he sees, or onto his account."""
    order = checkout.order
    if order is None:
        return checkout.person_id == access.person_id
    is_payer = access.person_id is not None and payer_of(order) == access.person_id
    return is_payer and queries.visible(access).filter(pk=order.pk).exists()


def is_doubtful(order: Order) -> bool:
    """Whether what a provider said of a payment for this order does not fit, and people look at it."""
    mine = Checkout.objects.filter(business=order.business_id, order=order, state=Checkout.DOUBTFUL)
    return mine.exists()


def for_top_up(business: Business, slug: str, person_id: UUID, money: Money, at: datetime) -> Checkout:
    """A checkout that tops up somebody's account. Raises NotPayable, ProviderError."""
    if money.minor <= 0:
        raise NotPayable("nothing to pay")
    return _opened(_begun(business, slug, money, at, person_id=person_id), at)


def _begun(business: Business, slug: str, money: Money, at: datetime, **subject: Any) -> Checkout:
    if provider(slug) is None:
        raise NotPayable(f"{slug} is not configured")
    return Checkout.objects.create(
        business=business,
        provider=slug,
        amount_minor=money.minor,
        currency=money.currency,
        created_at=at,
        updated_at=at,
        due_at=at + timedelta(seconds=ASKED_AFTER_S[0]),
        **subject,
    )


def _opened(checkout: Checkout, at: datetime) -> Checkout:
    """Have the provider make its page. Asked the same again, it gives the same: a try that was lost costs nothing."""
    opened = _reached(checkout.provider).create_checkout(
        Request(
            checkout_id=checkout.pk,
            money=Money(checkout.amount_minor, checkout.currency),
            description=checkout.order.number if checkout.order else checkout.business.name,
            return_url=f"{settings.SITE_URL}{reverse('payment-return', args=[checkout.pk])}",
            callback_url=f"{settings.PUSH_URL or settings.SITE_URL}"
            f"{reverse('payment-callback', args=[checkout.provider])}",
        )
    )
    Checkout.objects.filter(pk=checkout.pk).update(reference=opened.reference, address=opened.address)
    # The callback may have been quicker than this answer: then it is settled already.
    Checkout.objects.filter(pk=checkout.pk, state=Checkout.OPENING).update(state=Checkout.OPEN, updated_at=at)
    checkout.refresh_from_db()
    return checkout


def _reached(slug: str) -> Provider:
    found = provider(slug)
    if found is None:
        raise NotPayable(f"{slug} is not configured")
    return found


# --- news -----------------------------------------------------------------------------------------------------


def hear(slug: str, told: Told, at: datetime) -> bool:
    """Take in a callback with a good signature; whether the checkout is one of this provider's.

    Only what fits exactly is believed. The rest has the provider asked, by the next round of ``ask_due``.
    """
    found = Checkout.objects.filter(provider=slug, pk=told.checkout_id).first()
    if found is None or found.reference not in (None, told.reference):
        return False
    if _fits(found, told):
        begun_again_when_met(lambda: take(found.pk, told, at))
    else:
        _ask_soon(found, at)
    return True


def _fits(checkout: Checkout, told: Told) -> bool:
    """Whether a callback tells of the one payment we asked for, or that it failed."""
    asked = Money(checkout.amount_minor, checkout.currency)
    if checkout.state not in STILL_PAYABLE:
        return all(_is_booked(checkout, paid) for paid in told.payments) and not told.refunded_minor
    if told.status == FAILED:
        return not told.payments
    is_one = [paid.money for paid in told.payments] == [asked]
    return told.status == PAID and told.money == asked and is_one and not told.refunded_minor


def _is_booked(checkout: Checkout, paid: Paid) -> bool:
    known = Payment.objects.filter(
        business=checkout.business_id, provider=checkout.provider, reference=paid.id
    )
    return known.exists()


def ask_soon(checkout: Checkout, at: datetime) -> None:
    """Somebody waits for news of an open checkout: have the provider asked, but not all the time."""
    if checkout.state in UNSETTLED and checkout.updated_at <= at - timedelta(seconds=ASKED_AT_MOST_EVERY_S):
        _ask_soon(checkout, at)


def _ask_soon(checkout: Checkout, at: datetime) -> None:
    Checkout.objects.filter(pk=checkout.pk).update(due_at=at, updated_at=at)


def ask_due(at: datetime) -> int:
    """Ask the providers about checkouts that nobody told us of; how many gave an answer. A chore of the worker."""
    answered, claimed = 0, Checkout.objects.filter(pk__in=CHECKOUTS.claim(at, BATCH))
    for checkout in claimed.select_related("order", "business").order_by("created_at"):
        try:
            told = asked(checkout, at)
            begun_again_when_met(lambda checkout=checkout, told=told: take(checkout.pk, told, at))  # type: ignore[misc]
        except (ProviderError, NotPayable) as problem:
            _wait(checkout, str(problem), at)
        except DATABASE_AWAY:
            raise
        except Exception as fault:  # the outer edge of one checkout: it steps aside, the others go on
            log.exception("a checkout could not be settled: %s", checkout.pk)
            _wait(checkout, f"{type(fault).__name__}: {fault}", at)
        else:
            answered += 1
    return answered


def asked(checkout: Checkout, at: datetime) -> Told:
    """What the provider says; one whose making was never answered is made again, which gives the same one.

    Raises ProviderError, NotPayable.
    """
    if checkout.reference is None:
        _opened(checkout, at)
    assert checkout.reference is not None
    return _reached(checkout.provider).fetch(checkout.reference)


def _wait(checkout: Checkout, problem: str, at: datetime) -> None:
    """No answer: the next try comes later; after the last one it is for people."""
    due_at, attempts = _next(checkout, at)
    kept = Checkout.objects.filter(pk=checkout.pk, state__in=STILL_PAYABLE)
    kept.update(due_at=due_at, attempts=attempts, problem=problem[:500], updated_at=at)
    if due_at is None:
        _leave_to_people(checkout, DOUBTFUL_TASK, problem, at)


def _next(checkout: Checkout, at: datetime) -> tuple[datetime | None, int]:
    attempts = checkout.attempts + 1
    if attempts >= len(ASKED_AFTER_S):
        return None, attempts
    return at + timedelta(seconds=ASKED_AFTER_S[attempts]), attempts


# --- believing ------------------------------------------------------------------------------------------------


def take(checkout_id: UUID, told: Told, at: datetime) -> None:
    """Book what is new of it, once, in one transaction with the checkout's own state."""
    checkout = Checkout.objects.select_for_update().select_related("business").get(pk=checkout_id)
    if doubt := _doubt(checkout, told):
        if checkout.settled_at and doubt == checkout.problem:  # people know, and have said what is true
            Checkout.objects.filter(pk=checkout.pk).update(due_at=None)
        else:
            _leave_to_people(checkout, DOUBTFUL_TASK, doubt, at)
        return
    was_doubtful = checkout.state == Checkout.DOUBTFUL
    if was_doubtful:
        checkout.state, checkout.attempts = _before_doubt(checkout), 0
    checkout.reference, checkout.problem, checkout.updated_at = told.reference, "", at
    try:
        with transaction.atomic():
            _book_all(checkout, told, at)
    except LedgerRefused as refusal:
        _leave_to_people(checkout, DOUBTFUL_TASK, f"{type(refusal).__name__}: {refusal}", at)
        return
    if told.status == FAILED and checkout.state in UNSETTLED:
        _fail(checkout, at)
    _plan_next(checkout, at)
    checkout.save()
    if was_doubtful:
        _close_task(checkout, at)


def _plan_next(checkout: Checkout, at: datetime) -> None:
    """Ask again while somebody may still pay; who has not after days is asked no more, and may begin anew."""
    checkout.due_at = None
    if checkout.state in STILL_PAYABLE:
        checkout.due_at, checkout.attempts = _next(checkout, at)
        if checkout.due_at is None:
            checkout.state = Checkout.FAILED


def _doubt(checkout: Checkout, told: Told) -> str:
    """Why this cannot be booked; empty when it can."""
    asked = Money(checkout.amount_minor, checkout.currency)
    if told.checkout_id != checkout.pk:
        return "the provider tells of another checkout"
    wrong = [money for money in (told.money, *(paid.money for paid in told.payments)) if money != asked]
    if wrong:
        return f"{wrong[0].decimal} {wrong[0].currency} in the place of {asked.decimal} {asked.currency}"
    if told.status in (PAID, PARTIALLY_REFUNDED, REFUNDED) and not told.payments:
        return "paid, but by no payment"
    if told.refunded_minor > asked.minor:
        return "more was refunded than paid"
    if told.refunded_minor > checkout.refunded_minor and len(told.payments) > 1:
        return "paid more than once, and a part of it was given back"
    return ""


def _leave_to_people(checkout: Checkout, reason: str, problem: str, at: datetime) -> None:
    """Nothing is booked: somebody has to look at it."""
    known = Checkout.objects.filter(pk=checkout.pk)
    known.exclude(state=Checkout.DOUBTFUL).update(doubted_state=F("state"))
    known.update(state=Checkout.DOUBTFUL, problem=problem[:500], updated_at=at, due_at=None, settled_at=None)
    _ask_people(checkout, reason, at)


def undoubt(checkout: Checkout, paid: Paid | None, at: datetime, *, by: UUID | None) -> None:
    """Go on from what people found out of a doubtful checkout, whose row the caller has locked: what came, or nothing.

    The same word of the provider raises no second doubt. Raises LedgerRefused.
    """
    checkout.state = _before_doubt(checkout)
    if paid is not None:
        book(checkout, paid, at)
    elif checkout.state not in BOOKED:
        _fail(checkout, at)
    checkout.updated_at = checkout.settled_at = at
    checkout.due_at = None
    checkout.save()
    _close_task(checkout, at, by)


def _before_doubt(checkout: Checkout) -> str:
    """The state from which a doubtful checkout goes on; another page that is open for its order stays the only one."""
    if checkout.doubted_state in BOOKED:
        return str(checkout.doubted_state)
    others = Checkout.objects.filter(
        business=checkout.business_id, order=checkout.order_id, state__in=UNSETTLED
    )
    is_replaced = checkout.order_id is not None and others.exists()
    return Checkout.FAILED if is_replaced else Checkout.OPEN


def _close_task(checkout: Checkout, at: datetime, by: UUID | None = None) -> None:
    """Nobody has to look at a subject any more that has no other doubtful checkout."""
    of = {"order": checkout.order_id, "person": checkout.person_id}
    same = Checkout.objects.filter(business=checkout.business_id, state=Checkout.DOUBTFUL, **of)
    if not same.exists():
        tasks = Task.objects.filter(business=checkout.business_id, reason=DOUBTFUL_TASK, closed_at=None)
        tasks.filter(subject_id=str(checkout.order_id or checkout.person_id)).update(
            closed_at=at, closed_by=by
        )


def _ask_people(checkout: Checkout, reason: str, at: datetime) -> None:
    subject_id = checkout.order_id or checkout.person_id
    assert subject_id is not None
    Task.objects.bulk_create(
        [
            Task(
                business=checkout.business,
                queue=QUEUE,
                reason=reason,
                level="order" if checkout.order_id else "person",
                subject_id=subject_id,
                root_id=subject_id,
                opened_at=at,
            )
        ],
        ignore_conflicts=True,
    )


def _book_all(checkout: Checkout, told: Told, at: datetime) -> None:
    """Raises LedgerRefused."""
    for paid in told.payments:
        if not _is_booked(checkout, paid):
            book(checkout, paid, at)
    if told.refunded_minor > checkout.refunded_minor:
        _book_refund(checkout, told, at)


def book(checkout: Checkout, paid: Paid, at: datetime) -> None:
    """Take a payment in: for the order while it lacks so much, else onto its payer's account. Raises LedgerRefused."""
    business, slug, owner_id = checkout.business, checkout.provider, checkout.person_id
    is_second = checkout.state in BOOKED
    if checkout.order_id is not None:
        order = Order.objects.select_for_update(no_key=True).get(pk=checkout.order_id)
        fits = order.paid_minor + paid.money.minor <= order.total_minor
        if fits and paid.money.currency == order.currency:
            owner_id = None
        else:
            is_second, owner_id = True, postings.payer_id(order)
    if owner_id is None:
        assert checkout.order_id is not None
        payments.payment_paid(business, slug, paid.id, paid.money, checkout.order_id, at)
    else:
        payments.topped_up(business, slug, paid.id, paid.money, owner_id, at)
    if is_second:
        _ask_people(checkout, "paid_twice", at)
    if checkout.state not in (Checkout.PARTIALLY_REFUNDED, Checkout.REFUNDED):
        checkout.state = Checkout.PAID


def _book_refund(checkout: Checkout, told: Told, at: datetime) -> None:
    """The provider gave money back: it leaves clearing where it waits there, else the payer's account."""
    payment = Payment.objects.get(
        business=checkout.business, provider=checkout.provider, reference=told.payments[0].id
    )
    is_due = checkout.order_id is not None and returns(checkout.business, [checkout.order_id], is_open=True)
    refund_payment(
        checkout.business,
        payment_id=payment.pk,
        money=Money(told.refunded_minor - checkout.refunded_minor, checkout.currency),
        source=charts.Ref(charts.CLEARING, None, checkout.currency) if is_due else None,
        subject_level="order" if checkout.order_id else "",
        subject_id=checkout.order_id,
        key=f"refund:{checkout.pk}:{told.refunded_minor}",
        actor=Actor("payment", id=checkout.provider, name=checkout.provider, role="payment"),
        created_at=at,
    )
    checkout.refunded_minor = told.refunded_minor
    whole = told.refunded_minor >= checkout.amount_minor
    checkout.state = Checkout.REFUNDED if whole else Checkout.PARTIALLY_REFUNDED


def _fail(checkout: Checkout, at: datetime) -> None:
    checkout.state = Checkout.FAILED
    if checkout.order_id is not None:
        payments.payment_failed(checkout.business, checkout.provider, checkout.order_id, at)
