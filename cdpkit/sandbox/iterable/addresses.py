"""Which addresses are possible: as Apache Commons' validator has it, with top-level domains that there are."""

import re

_WORD = r"(?:(?:\\.|[^\s\x00-\x1f\x7f()<>@,;:'\\\".\[\]]|')+|\"(?:\\\"|[^\"])*\")"
_LOCAL = re.compile(rf"{_WORD}(?:\.{_WORD})*\Z")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_NUMBERS = re.compile(r"\[(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\]\Z")
_LONGEST_LOCAL, _LONGEST_DOMAIN, _LARGEST_BYTE = 64, 253, 255

_COUNTRIES = (
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd "
    "cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd "
    "ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg "
    "kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv "
    "mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa "
    "sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua "
    "ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw"
)
_GENERIC = (
    "aero app art arpa asia audio auto bank bar beer best bet bid bike bio biz blog boutique bot build business buzz "
    "cab cafe camp capital car care cars casa cash cat center chat church city cloud club codes coffee com community "
    "company computer consulting cool coop date deals delivery design dev digital direct dog domains edu education "
    "email energy engineering estate events exchange expert express family fan farm fashion finance fit fitness fun "
    "fund futbol games garden gift global gmbh gold golf gov green group guide guru health help holiday host hosting "
    "house how inc info ink institute int international jobs kim kitchen land law legal life limited link live llc "
    "loan lol london love ltd management market marketing media men menu mil mobi moda moe money monster movie museum "
    "name net network news ninja nyc one online ooo org page paris partners party pet photo photography photos pics "
    "pink pizza plus post press pro productions properties pub pw quest racing red rent rentals repair report rest "
    "restaurant review reviews rocks run sale school science services sex shoes shop show site ski soccer social "
    "software solar solutions space store stream studio style support surf systems tax taxi team tech technology tel "
    "tennis tips today tokyo tools top tours town toys trade training travel university uno vacations ventures vet "
    "video vip vision vodka watch webcam website wedding wiki win wine work works world wtf xxx xyz yoga zone"
)
_TOP = frozenset(f"{_COUNTRIES} {_GENERIC}".split())
"""Those of countries, and the generic ones in use; the register has a thousand brands more."""


def possible(address: str) -> bool:
    """Whether this can be an address: quoted local parts may, empty labels and unknown top-level domains may not."""
    local, at, domain = address.rpartition("@")
    return bool(at) and 0 < len(local) <= _LONGEST_LOCAL and bool(_LOCAL.match(local)) and _is_domain(domain)


def _is_domain(text: str) -> bool:
    if numbers := _NUMBERS.match(text):
        return all(int(number) <= _LARGEST_BYTE for number in numbers.groups())
    try:
        name = text.encode("idna").decode().lower() if not text.isascii() else text.lower()
    except UnicodeError:
        return False
    labels = name.split(".")
    known = labels[-1] in _TOP or labels[-1].startswith("xn--")
    return len(name) <= _LONGEST_DOMAIN and len(labels) > 1 and known and all(map(_LABEL.match, labels))
