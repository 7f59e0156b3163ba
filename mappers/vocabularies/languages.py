"""Language codes that ORCID knows (API_FACTS.md 5.9), and the way there from BCP 47, ISO 639 and English names."""

from collections.abc import Mapping
from functools import cache

import pycountry

from mappers.vocabularies.terms import words

LANGUAGES = words(
    """
    ab aa af ak sq am ar an hy as av ae ay az bm ba eu be bn bh bi bs br bg my ca ch ce zh_CN zh_TW cu cv kw co cr hr
    cs da dv nl dz en eo et ee fo fj fi fr fy ff gl lg ka de el kl gn gu ht ha iw hz hi ho hu is io ig in ia ie iu ik
    ga it ja jv kn kr ks kk km ki rw ky kv kg ko ku kj lo la lv li ln lt lu lb mk mg ms ml mt gv mi mr mh mo mn na nv
    ng ne nd se no nb nn ny oc oj or om os pi pa fa pl pt ps qu rm ro rn ru sm sg sa sc gd sr sn ii sd si sk sl so nr
    st es su sw ss sv tl ty tg ta tt te th bo ti to ts tn tr tk tw ug uk ur uz ve vi vo wa cy wo xh ji yo za zu
    """
)

_RENAMED = {"he": "iw", "id": "in", "yi": "ji"}
"""ORCID keeps the codes of 1988 for Hebrew, Indonesian and Yiddish."""
_TRADITIONAL = frozenset({"tw", "hk", "mo", "hant"})
"""ORCID has no Chinese without a region; these tags write it as Taiwan does."""


@cache
def _two_letters() -> dict[str, str]:
    """Two-letter codes by the three-letter ones of ISO 639-2 and 639-3, and by the names that ISO 639 gives."""
    found: dict[str, str] = {}
    for language in pycountry.languages:
        code = getattr(language, "alpha_2", None)
        if code is not None:
            names = ("alpha_3", "bibliographic", "name", "common_name", "inverted_name")
            found |= {getattr(language, name).casefold(): code for name in names if hasattr(language, name)}
    return found


def language_code(tag: str, extra: Mapping[str, str]) -> str:
    """ORCID's code for a language: the mapping file's word for it first.

    Otherwise a BCP 47 tag (`en-GB` is `en`, `zh-Hant` is `zh_TW`), a code of ISO 639 (`eng`, `ger`) or a language's
    English name in ISO 639 (`Hebrew`). What ORCID has no code for comes back as it is, for the rules to refuse.
    """
    text = tag.strip()
    if (mapped := extra.get(text.lower())) is not None:
        return mapped
    primary, *rest = (_two_letters().get(text.casefold()) or text.lower().replace("_", "-")).split("-")
    if not all(subtag.isalnum() for subtag in rest):
        return text
    primary = _two_letters().get(primary, primary)
    if primary == "zh":
        return "zh_CN" if _TRADITIONAL.isdisjoint(rest) else "zh_TW"
    code = _RENAMED.get(primary, primary)
    return code if code in LANGUAGES else text
