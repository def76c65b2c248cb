"""What a person may be in a business. Profiles name these words; what each may do stands there."""

from django.utils.translation import gettext_lazy as _

OWNER, PLATFORM, SUPERVISOR, LOGIST = "owner", "platform", "supervisor", "logist"
OPERATOR, SUPPORT, SELLER = "operator", "support", "seller"
RESELLER, BUYER, END_BUYER = "reseller", "buyer", "end_buyer"

NAMES = {
    OWNER: _("Owner"),
    PLATFORM: _("Platform"),
    SUPERVISOR: _("Supervisor"),
    LOGIST: _("Logist"),
    OPERATOR: _("Operator"),
    SUPPORT: _("Support agent"),
    SELLER: _("Seller"),
    RESELLER: _("Reseller"),
    BUYER: _("Buyer"),
    END_BUYER: _("End buyer"),
}
"""Every role, the one that may see most first: who has several acts in the first of them until he chooses."""

STAFF = frozenset({OWNER, PLATFORM, SUPERVISOR, LOGIST, OPERATOR, SUPPORT, SELLER})
"""See other people's orders, so they sign in with two factors."""

VISITOR = "visitor"
"""Somebody whom the business does not know."""
