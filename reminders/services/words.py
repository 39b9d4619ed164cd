"""Texts that staff write in place of shipped ones: each change is a version, and every version can come back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.utils.timezone import localdate

from invoices.gateways.words import LANGUAGES
from invoices.queries.organisation import organisation
from invoices.services.audit import Actor, record, user_or_none

from ..checking import answer_findings, findings
from ..composing import NoticeFacts
from ..errors import DunningError
from ..models import MessageTemplate
from ..queries.words import as_texts
from ..rules.lint import Finding
from ..rules.texts import Texts
from ..rules.variables import ANSWER, NOTICE, Variable, names
from ..rules.wording import WordingError, problems_of
from ..sampling import sample_answer, sample_notice
from ..shipped import CHANNELS, KEYS, answer_kinds, shipped, shipped_answer

PARTS = ("subject", "opening", "closing")
BEFORE_DUE = ("friendly",)


class WordsRefused(DunningError):
    """The texts cannot be used; `problems` are by part, "" for the whole message."""

    def __init__(self, problems: Mapping[str, list[str]]) -> None:
        super().__init__(" ".join(sentence for found in problems.values() for sentence in found))
        self.problems = problems


def parts_of(key: str, channel: str) -> tuple[str, ...]:
    """Which parts such a message has."""
    if channel == "sms":
        return ("opening",)
    return PARTS[:2] if key in answer_kinds() else PARTS


def variables_of(key: str) -> tuple[Variable, ...]:
    return ANSWER if key in answer_kinds() else NOTICE


def exists(key: str, channel: str, language: str) -> bool:
    """Whether there is such a message: a notice by any way, an answer by mail."""
    ways = CHANNELS if key in KEYS else ("email",) if key in answer_kinds() else ()
    return channel in ways and language in LANGUAGES


def shipped_texts(key: str, channel: str, language: str) -> Texts:
    found = shipped_answer(key, language) if key in answer_kinds() else shipped(key, channel, language)
    if found is None:
        raise DunningError(f"There is no message {key} by {channel}.")
    return found


def texts_now(key: str, channel: str, language: str) -> Texts:
    """What a client is written with today: the active version, else what ships."""
    row = versions_of(key, channel, language).filter(is_active=True).first()
    return as_texts(row) if row else shipped_texts(key, channel, language)


def versions_of(key: str, channel: str, language: str) -> QuerySet[MessageTemplate]:
    return MessageTemplate.objects.filter(key=key, channel=channel, language=language).select_related("made_by")


def check(key: str, channel: str, texts: Texts) -> list[Finding]:
    """The warnings. Raises WordsRefused with everything that keeps these texts from being used."""
    known = names(variables_of(key))
    problems: dict[str, list[str]] = {}
    for part in parts_of(key, channel):
        if found := problems_of(getattr(texts, part), known):
            problems[part] = [str(problem) for problem in found]
        elif not getattr(texts, part).strip() and part != "closing":
            problems[part] = [f"The {part} is empty."]
    if problems:
        raise WordsRefused(problems)
    found = [finding for sample in _samples(key, channel, texts) for finding in _tried(sample)]
    errors = list(dict.fromkeys(str(finding) for finding in found if finding.is_error))
    if errors:
        raise WordsRefused({"": errors})
    return list(dict.fromkeys(finding for finding in found if not finding.is_error))


def _samples(key: str, channel: str, texts: Texts) -> Iterable[Callable[[], list[Finding]]]:
    us, today = organisation(), localdate()
    for is_full in (True, False):
        if key in answer_kinds():
            answer = sample_answer(us, texts.language, today, is_full=is_full)
            yield lambda answer=answer: answer_findings(texts, answer)
        else:
            is_due = key not in BEFORE_DUE
            facts = sample_notice(us, texts.language, today, is_full=is_full, is_due=is_due)
            yield lambda facts=facts: findings(key, channel, texts, facts)


def _tried(sample: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return sample()
    except WordingError as error:
        return [Finding("wording", str(problem)) for problem in error.problems]


def check_notice(key: str, channel: str, texts: Texts, facts: NoticeFacts) -> list[Finding]:
    """What the lint says of these words to this client; a text that cannot be filled in is a finding too."""
    return _tried(lambda: findings(key, channel, texts, facts))


@transaction.atomic
def save_words(
    key: str, channel: str, texts: Texts, *, actor: Actor, based_on: int | None = None
) -> tuple[MessageTemplate, list[Finding]]:
    """Make these the words from now on; returns the new version and the warnings.

    Raises WordsRefused, and DunningError when somebody else saved since version `based_on`.
    """
    if not exists(key, channel, texts.language):
        raise DunningError(f"There is no message {key} by {channel} in {texts.language}.")
    texts = texts._replace(**{part: getattr(texts, part).replace("\r\n", "\n").strip() for part in PARTS})
    warnings = check(key, channel, texts)
    rows = MessageTemplate.objects.filter(key=key, channel=channel, language=texts.language)
    active = rows.select_for_update().filter(is_active=True).first()
    if based_on is not None and (active.version if active else 0) != based_on:
        raise DunningError(_overtaken(active))
    if texts[1:4] == (as_texts(active) if active else shipped_texts(key, channel, texts.language))[1:4]:
        raise DunningError("Nothing is different, so nothing was saved.")
    return _keep(key, channel, texts, actor=actor), warnings


@transaction.atomic
def restore_words(pk: int, *, actor: Actor) -> MessageTemplate:
    """Bring an old version back, as a new one. Raises WordsRefused where it no longer passes."""
    old = MessageTemplate.objects.get(pk=pk)
    check(old.key, old.channel, as_texts(old))
    return _keep(old.key, old.channel, as_texts(old), actor=actor)


@transaction.atomic
def reset_words(key: str, channel: str, language: str, *, actor: Actor) -> bool:
    """Go back to the shipped texts; the versions stay. False when these hold already."""
    active = versions_of(key, channel, language).filter(is_active=True).first()
    if active is None:
        return False
    MessageTemplate.objects.filter(pk=active.pk).update(is_active=False)
    record("words_reset", active, actor=actor, text=f"{_named(active)}: back to the shipped texts")
    return True


def _keep(key: str, channel: str, texts: Texts, *, actor: Actor) -> MessageTemplate:
    rows = MessageTemplate.objects.filter(key=key, channel=channel, language=texts.language)
    before = rows.filter(is_active=True).first()
    rows.filter(is_active=True).update(is_active=False)
    version = (rows.aggregate(newest=Max("version"))["newest"] or 0) + 1
    given = {part: getattr(texts, part) for part in PARTS}
    row = MessageTemplate(
        key=key, channel=channel, language=texts.language, version=version, made_by=user_or_none(actor), **given
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise DunningError("Somebody else saved these texts at the same moment. Look at theirs first.") from None
    told = {part: getattr(before, part) for part in PARTS} if before else {}
    record("words_changed", row, actor=actor, text=f"{_named(row)}: version {version}", before=told, after=given)
    return row


def _overtaken(active: MessageTemplate | None) -> str:
    if active is None:
        return "Somebody set these texts back to the shipped ones meanwhile. Your words are kept below; save again."
    who = active.made_by or "somebody"
    return f"{who} saved version {active.version} meanwhile. Your words are kept below; compare, and save again."


def _named(row: MessageTemplate) -> str:
    return f"Texts of {row.key.replace('_', ' ')} by {row.channel} ({row.language})"
