"""Words by which machines and people are told apart, in the five languages of the product. Lower case."""

from __future__ import annotations

# At the beginning of a subject line.
AUTO_REPLY_SUBJECTS = (
    "automatic reply",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto response",
    "autoresponse",
    "automatische antwort",
    "automatische rückantwort",
    "réponse automatique",
    "respuesta automática",
    "automatisch antwoord",
    "automatisch bericht",
)
OUT_OF_OFFICE = (
    "out of office",
    "out of the office",
    "on annual leave",
    "on vacation",
    "on holiday until",
    "abwesenheitsnotiz",
    "abwesenheit:",
    "nicht im büro",
    "nicht im haus",
    "im urlaub",
    "absence du bureau",
    "absent du bureau",
    "en congé",
    "en vacances",
    "fuera de la oficina",
    "ausente de la oficina",
    "de vacaciones",
    "afwezig",
    "niet op kantoor",
    "met vakantie",
    "op vakantie",
)
# A message that says nothing else. SMS: the words that carriers, and the law where there is one, give this meaning.
STOP_WORDS = frozenset(
    (
        "stop",
        "stopall",
        "stop all",
        "unsubscribe",
        "cancel",
        "end",
        "quit",
        "opt out",
        "optout",
        "revoke",
        "arret",
        "arrêt",
        "arrêter",
        "désabonner",
        "se désabonner",
        "désinscrire",
        "stopp",
        "abmelden",
        "abbestellen",
        "abbestellung",
        "baja",
        "parar",
        "alto",
        "cancelar",
        "darse de baja",
        "afmelden",
        "uitschrijven",
        "stoppen",
    )
)
# The line above a quoted message.
QUOTE_HEADERS = (
    r"on .{4,120} wrote:",
    r"am .{4,120} schrieb.{0,120}:",
    r"le .{4,120} a écrit ?:",
    r"el .{4,120} escribió ?:",
    r"op .{4,120} schreef.{0,120}:",
    r"-{2,} ?(original message|ursprüngliche nachricht|message d'origine) ?-{2,}",
    r"-{2,} ?(mensaje original|oorspronkelijk bericht) ?-{2,}",
    r"_{20,}",
)
# The first of the header lines that some programs put above a quoted message, one a row.
QUOTE_FIELDS = ("from", "von", "de", "van")
QUOTE_SECOND = ("sent", "date", "to", "gesendet", "datum", "an", "envoyé", "date", "à", "enviado", "fecha", "para")
SIGNATURES = (
    r"-- ?",
    r"sent from my .{1,40}",
    r"von meinem .{1,40} gesendet",
    r"gesendet mit der .{1,40}",
    r"envoyé de mon .{1,40}",
    r"enviado desde mi .{1,40}",
    r"verzonden vanaf mijn .{1,40}",
    r"get outlook for .{1,20}",
)
