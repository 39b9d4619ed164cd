"""Month names and their usual short forms in English, German, Dutch, French and Spanish: data."""

from __future__ import annotations

_NAMES = """
jan january januar janner jaenner januari janv janvier ene enero
feb february februar februari fev fevr fév févr février fevrier febrero
mar march märz maerz mrz mär maart mrt mars marzo
apr april avr avril abr abril
may mai mei mayo
jun june juni juin junio
jul july juli juil juillet julio
aug august augustus août aout ago agosto
sep sept september septembre septiembre set
oct october okt oktober octobre octubre
nov november novembre noviembre
dec december dez dezember décembre decembre déc dic diciembre
"""

MONTHS = {name: number for number, line in enumerate(_NAMES.split("\n")[1:13], 1) for name in line.split()}
