"""Who is told of a post once everybody may read it: whom it answers, and whom it is meant for."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.core.db import get_or_none
from lti_tool.discussions.models import Post
from lti_tool.people.notices.kinds import Facts, NoticeKind
from lti_tool.people.notices.operations import tell

REPLIED, NAMED = "discussion.reply", "discussion.mention"


def tell_of(post: Post) -> None:
    """Tell them; the author is told nothing of the own post."""
    facts = {"post": post.id}  # not the title: pupils write titles, and moderators hide them
    named = {one.identity_id for one in post.mentions if one.identity_id is not None} - {post.identity_id}
    answered = get_or_none(Post, post.reply_to_id) if post.reply_to_id else None
    if answered is not None and answered.identity_id not in (None, post.identity_id, *named):
        tell([answered.identity_id or 0], REPLIED, f"thread-{post.thread_id}", facts)
    if named:
        tell([one for one in named if one is not None], NAMED, f"thread-{post.thread_id}", facts)


def _replied(_facts: Facts, number: int) -> str:
    told = ngettext("%(num)d answer to you in a discussion.", "%(num)d answers to you in a discussion.", number)
    return str(told)


def _named(_facts: Facts, _number: int) -> str:
    return str(_("Somebody turned to you in a discussion."))


def _to_post(facts: Facts) -> str:
    return url_for("discussions.post", post_id=facts["post"])


KINDS = (NoticeKind(REPLIED, "reply", _replied, _to_post), NoticeKind(NAMED, "at", _named, _to_post))
