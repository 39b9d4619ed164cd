"""Places, people and numbers of the demo's countries. All invented.

Telephone numbers are from the ranges kept for drama: Ofcom (GB), ComReg (IE), BNetzA (DE), ARCEP (FR), PTS (SE) and
555-01xx (US, CA). NL, CH and JP have none that we know of; their numbers begin with a digit that no exchange has.
"""

from __future__ import annotations

from typing import NamedTuple


class Country(NamedTuple):
    code: str
    currency: str
    language: str
    time_zone: str
    share: int  # of 200 clients
    forms: tuple[str, ...]  # after a company's name
    first: tuple[str, ...]
    last: tuple[str, ...]
    streets: tuple[str, ...]
    places: tuple[str, ...]  # last lines of an address
    address: str  # how street and number go together
    phone: str  # "#" is any digit
    vat: str  # a tax number; "#" is any digit


COUNTRIES = (
    Country(
        "GB", "GBP", "en", "Europe/London", 78,
        ("Ltd", "Ltd", "LLP", "Ltd", "& Sons Ltd"),
        ("Alice", "Oliver", "Priya", "Thomas", "Megan", "Callum", "Grace", "Imran", "Hannah", "Rhys", "Zoe", "Martin"),
        ("Whitfield", "Okafor", "Barlow", "Patel", "Henshaw", "Marsden", "Qureshi", "Lloyd", "Ashworth", "Fenton"),
        ("Tanner Street", "Mill Lane", "Foundry Road", "Canal Wharf", "Orchard Way", "Station Approach", "Kiln Yard"),
        ("London SE1 0AA", "Leeds LS1 0AB", "Manchester M1 0AD", "Bristol BS1 0AE", "Sheffield S1 0AF",
         "Cardiff CF10 0AG", "Norwich NR1 0AH"),
        "{n} {street}", "+44 20 7946 0###", "GB### #### ##",
    ),
    Country(
        "DE", "EUR", "de", "Europe/Berlin", 26,
        ("GmbH", "GmbH", "GmbH & Co. KG", "e.K.", "AG"),
        ("Jana", "Lukas", "Annika", "Felix", "Sabine", "Jonas", "Katrin", "Murat", "Heike", "Tobias"),
        ("Brandt", "Hofmeister", "Lindner", "Yilmaz", "Reuter", "Seidel", "Wegener", "Krause"),
        ("Gerberstraße", "Am Speicher", "Lindenallee", "Hafenweg", "Werkstraße", "Mühlengasse"),
        ("10999 Berlin", "20457 Hamburg", "80469 München", "50678 Köln", "04229 Leipzig"),
        "{street} {n}", "+49 30 23125 ###", "DE#########",
    ),
    Country(
        "FR", "EUR", "fr", "Europe/Paris", 18,
        ("SARL", "SAS", "SA", "SARL"),
        ("Camille", "Julien", "Élodie", "Mathieu", "Nadia", "Antoine", "Claire", "Hugo"),
        ("Marchand", "Delacourt", "Benali", "Fontaine", "Roussel", "Garnier", "Lemoine"),
        ("rue des Tanneurs", "quai du Port", "avenue des Tilleuls", "rue de l’Atelier", "passage du Four"),
        ("75011 Paris", "69007 Lyon", "13002 Marseille", "44000 Nantes", "31000 Toulouse"),
        "{n} {street}", "+33 1 99 00 ## ##", "FR## #########",
    ),
    Country(
        "NL", "EUR", "nl", "Europe/Amsterdam", 14,
        ("B.V.", "B.V.", "V.O.F."),
        ("Sanne", "Daan", "Femke", "Bram", "Lotte", "Joris", "Yasmin"),
        ("van Dijk", "Bakker", "de Wit", "Kuipers", "Mulder", "Hendriks"),
        ("Looiersgracht", "Havenkade", "Molenstraat", "Spoorlaan", "Papiermakerij"),
        ("1016 AA Amsterdam", "3011 AB Rotterdam", "3511 AC Utrecht", "5611 AD Eindhoven"),
        "{street} {n}", "+31 20 0## ## ##", "NL#########B01",
    ),
    Country(
        "IE", "EUR", "en", "Europe/Dublin", 14,
        ("Ltd", "DAC", "Ltd"),
        ("Aoife", "Cian", "Niamh", "Declan", "Orla", "Fergal"),
        ("Byrne", "Gallagher", "Nolan", "Keane", "Devlin", "Tierney"),
        ("Ropewalk", "Custom House Row", "Mill Street", "Chandlers Quay"),
        ("Dublin 8", "Cork", "Galway", "Limerick"),
        "{n} {street}", "+353 20 91# ####", "IE#######AB",
    ),
    Country(
        "US", "USD", "en", "America/New_York", 22,
        ("Inc.", "LLC", "LLC", "Corp."),
        ("Jordan", "Maya", "Carlos", "Emily", "Marcus", "Dana", "Rosa", "Trevor"),
        ("Whitaker", "Ramirez", "Coleman", "Nguyen", "Hayes", "Prescott", "Delgado"),
        ("Mercer Ave", "Foundry St", "Lakeside Blvd", "Cannery Row", "Union Sq"),
        ("New York, NY 10000", "Portland, OR 97200", "Chicago, IL 60600", "Austin, TX 78700"),
        "{n}0 {street}", "+1 212 555 01##", "##-#######",
    ),
    Country(
        "CA", "USD", "en", "America/Toronto", 6,
        ("Inc.", "Ltd."),
        ("Noah", "Sophie", "Liam", "Chloé", "Ethan"),
        ("Tremblay", "MacLeod", "Singh", "Campbell"),
        ("Queen’s Quay", "Distillery Lane", "Harbour St"),
        ("Toronto ON M5A 0A0", "Vancouver BC V6A 0A1"),
        "{n} {street}", "+1 416 555 01##", "#########RT0001",
    ),
    Country(
        "CH", "CHF", "de", "Europe/Zurich", 10,
        ("AG", "GmbH", "AG"),
        ("Reto", "Nina", "Urs", "Livia", "Beat", "Simone"),
        ("Zumstein", "Keller", "Baumann", "Frei", "Aebischer"),
        ("Limmatweg", "Bahnhofgasse", "Gerbergasse", "Seefeldquai"),
        ("8005 Zürich", "3011 Bern", "4051 Basel", "6003 Luzern"),
        "{street} {n}", "+41 44 0## ## ##", "CHE-###.###.###",
    ),
    Country(
        "SE", "EUR", "en", "Europe/Stockholm", 6,
        ("AB", "AB", "HB"),
        ("Elin", "Oskar", "Maja", "Viktor", "Saga"),
        ("Lindqvist", "Sandberg", "Ekström", "Nyberg"),
        ("Garvargatan", "Hamngatan", "Bruksvägen"),
        ("116 40 Stockholm", "411 04 Göteborg", "211 19 Malmö"),
        "{street} {n}", "+46 8 465 004 ##", "SE##########01",
    ),
    Country(
        "JP", "JPY", "en", "Asia/Tokyo", 6,
        ("K.K.", "G.K."),
        ("Haruka", "Kenji", "Yui", "Takumi", "Aya"),
        ("Morimoto", "Sakaguchi", "Iwasaki", "Hoshino"),
        ("Kuramae", "Tomioka", "Kitahama"),
        ("Taito-ku, Tokyo 111-0000", "Chuo-ku, Osaka 541-0000"),
        "{n}-2 {street}", "+81 3 0### ####", "T#############",
    ),
)  # fmt: skip

# A company's name is one of each, in the order of a shuffled product, so that no two are alike.
FIRST_WORDS = (
    "Alder", "Beacon", "Bramble", "Cobalt", "Copperfield", "Dovetail", "Ember", "Fathom", "Fern & Flint", "Gable",
    "Halcyon", "Inkwell", "Juniper", "Kestrel", "Lantern", "Mallow", "Meridian", "Nightjar", "Ochre", "Paperboat",
    "Quarry", "Redwing", "Saltmarsh", "Tallow", "Umber", "Vellum", "Wayfarer", "Yarrow", "Zephyr", "Brightwater",
    "Cinder", "Driftwood", "Foxglove", "Greystone", "Hollow Oak", "Ironbark", "Loom & Lathe", "Moonraker", "Pinwheel",
    "Thistledown",
)  # fmt: skip
TRADES = (
    "Design", "Interiors", "Studios", "Film & Light", "Print Works", "Ceramics", "Architects", "Media", "Gallery",
    "Workshops", "Packaging", "Photography", "Theatre", "Publishing", "Joinery", "Textiles", "Events", "Signs",
)  # fmt: skip
PUBLIC = ("College of Art", "City Museum", "County Council, Arts Office", "Grammar School", "University Press")
