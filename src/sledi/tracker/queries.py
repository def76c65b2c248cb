"""Reads of the guide's comments and of the official links."""

from sledi.tracker.models import Comment, OfficialLink

SHOWN_MAX = 100
HELD_MAX = 200


def comments(article: str, language: str) -> list[Comment]:
    """Comments let through, in the article's language, oldest first."""
    shown = Comment.objects.filter(article=article, language=language, approved_at__isnull=False)
    return list(shown.order_by("approved_at")[:SHOWN_MAX])


def held() -> list[Comment]:
    """Comments that wait for an operator, oldest first."""
    return list(Comment.objects.filter(approved_at=None, refused_at=None).order_by("created_at")[:HELD_MAX])


def official_links() -> dict[str, OfficialLink]:
    """The official links by carrier, those that fail first."""
    return {link.slug: link for link in OfficialLink.objects.order_by("-failures_in_row", "slug")}
