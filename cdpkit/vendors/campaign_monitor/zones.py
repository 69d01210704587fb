"""Time zones of clients, which Campaign Monitor names by an offset and places: `(GMT+10:00) Canberra, Melbourne`.

The offset is that of winter and says nothing of summer, so that the places tell which zone it is.
"""

import re

_OFFSET = re.compile(r"^\s*\((?:GMT|UTC)[^)]*\)\s*", re.IGNORECASE)
_WORDS = re.compile(r"[^a-z0-9]+")
_ZONES = {
    "Etc/GMT+12": "International Date Line West",
    "Pacific/Pago_Pago": "Midway Island",
    "Pacific/Honolulu": "Hawaii",
    "America/Anchorage": "Alaska",
    "America/Los_Angeles": "Pacific Time (US & Canada)",
    "America/Tijuana": "Tijuana, Baja California",
    "America/Phoenix": "Arizona",
    "America/Denver": "Mountain Time (US & Canada)",
    "America/Mazatlan": "Chihuahua, Mazatlan",
    "America/Guatemala": "Central America",
    "America/Chicago": "Central Time (US & Canada)",
    "America/Mexico_City": "Guadalajara, Mexico City, Monterrey",
    "America/Regina": "Saskatchewan",
    "America/Bogota": "Bogota, Lima, Quito, Rio Branco",
    "America/New_York": "Eastern Time (US & Canada)",
    "America/Indiana/Indianapolis": "Indiana (East)",
    "America/Caracas": "Caracas",
    "America/Asuncion": "Asuncion",
    "America/Halifax": "Atlantic Time (Canada)",
    "America/Cuiaba": "Cuiaba",
    "America/La_Paz": "La Paz, San Juan",
    "America/Manaus": "Manaus",
    "America/Santiago": "Santiago",
    "America/St_Johns": "Newfoundland",
    "America/Sao_Paulo": "Brasilia",
    "America/Argentina/Buenos_Aires": "Buenos Aires, City of Buenos Aires",
    "America/Cayenne": "Cayenne, Fortaleza",
    "America/Guyana": "Georgetown",
    "America/Nuuk": "Greenland",
    "America/Montevideo": "Montevideo",
    "America/Bahia": "Salvador",
    "Atlantic/South_Georgia": "Mid-Atlantic",
    "Atlantic/Azores": "Azores",
    "Atlantic/Cape_Verde": "Cape Verde Is.",
    "Africa/Casablanca": "Casablanca",
    "UTC": "Coordinated Universal Time",
    "Europe/London": "Dublin, Edinburgh, Lisbon, London, Greenwich Mean Time : Dublin",
    "Atlantic/Reykjavik": "Monrovia, Reykjavik",
    "Europe/Berlin": "Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna",
    "Europe/Budapest": "Belgrade, Bratislava, Budapest, Ljubljana, Prague",
    "Europe/Brussels": "Brussels, Copenhagen, Madrid, Paris",
    "Europe/Warsaw": "Sarajevo, Skopje, Warsaw, Zagreb",
    "Africa/Lagos": "West Central Africa",
    "Africa/Windhoek": "Windhoek",
    "Asia/Amman": "Amman",
    "Europe/Athens": "Athens, Bucharest",
    "Asia/Beirut": "Beirut",
    "Africa/Cairo": "Cairo",
    "Asia/Damascus": "Damascus",
    "Africa/Johannesburg": "Harare, Pretoria",
    "Europe/Helsinki": "Helsinki, Kyiv, Riga, Sofia, Tallinn, Vilnius",
    "Asia/Jerusalem": "Jerusalem",
    "Europe/Istanbul": "Istanbul",
    "Europe/Minsk": "Minsk",
    "Europe/Kaliningrad": "Kaliningrad, Kaliningrad (RTZ 1)",
    "Asia/Baghdad": "Baghdad",
    "Asia/Riyadh": "Kuwait, Riyadh",
    "Europe/Moscow": "Moscow, St. Petersburg, Volgograd",
    "Africa/Nairobi": "Nairobi",
    "Asia/Tehran": "Tehran",
    "Asia/Dubai": "Abu Dhabi, Muscat",
    "Asia/Baku": "Baku",
    "Indian/Mauritius": "Port Louis",
    "Asia/Tbilisi": "Tbilisi",
    "Asia/Yerevan": "Yerevan, Caucasus Standard Time",
    "Europe/Samara": "Izhevsk, Samara",
    "Asia/Kabul": "Kabul",
    "Asia/Yekaterinburg": "Ekaterinburg",
    "Asia/Karachi": "Islamabad, Karachi",
    "Asia/Tashkent": "Ashgabat, Tashkent",
    "Asia/Kolkata": "Chennai, Kolkata, Mumbai, New Delhi",
    "Asia/Colombo": "Sri Jayawardenepura",
    "Asia/Kathmandu": "Kathmandu",
    "Asia/Almaty": "Almaty, Astana",
    "Asia/Dhaka": "Dhaka",
    "Asia/Novosibirsk": "Novosibirsk",
    "Asia/Yangon": "Yangon (Rangoon)",
    "Asia/Bangkok": "Bangkok, Hanoi, Jakarta",
    "Asia/Krasnoyarsk": "Krasnoyarsk",
    "Asia/Shanghai": "Beijing, Chongqing, Hong Kong, Urumqi",
    "Asia/Irkutsk": "Irkutsk",
    "Asia/Singapore": "Kuala Lumpur, Singapore",
    "Australia/Perth": "Perth",
    "Asia/Taipei": "Taipei",
    "Asia/Ulaanbaatar": "Ulaanbaatar, Ulaan Bataar",
    "Asia/Tokyo": "Osaka, Sapporo, Tokyo",
    "Asia/Seoul": "Seoul",
    "Asia/Yakutsk": "Yakutsk",
    "Australia/Adelaide": "Adelaide",
    "Australia/Darwin": "Darwin",
    "Australia/Brisbane": "Brisbane",
    "Australia/Sydney": "Canberra, Melbourne, Sydney",
    "Pacific/Port_Moresby": "Guam, Port Moresby",
    "Australia/Hobart": "Hobart",
    "Asia/Vladivostok": "Vladivostok",
    "Asia/Magadan": "Magadan",
    "Pacific/Guadalcanal": "Solomon Is., New Caledonia",
    "Pacific/Auckland": "Auckland, Wellington",
    "Pacific/Fiji": "Fiji, Marshall Is.",
    "Asia/Kamchatka": "Kamchatka, Petropavlovsk-Kamchatsky",
    "Pacific/Tongatapu": "Nuku'alofa",
    "Pacific/Apia": "Samoa",
}
"""Zones of the IANA database, with the places by which labels name them."""


def _plain(place: str) -> str:
    return _WORDS.sub(" ", place.casefold()).strip()


_PLACES = {_plain(place): zone for zone, places in _ZONES.items() for place in (places, *places.split(","))}


def zone_of(label: object) -> str | None:
    """The zone of a label, by the first of its places that is known; None where none is."""
    named = _OFFSET.sub("", str(label))
    places = map(_plain, (named, *named.split(",")))
    return next((_PLACES[place] for place in places if place in _PLACES), None)
