"""The words ORCID accepts (API_FACTS section 5.9), written down once more on purpose.

The worker has vocabularies of its own; these are the check on them, so neither imports the other.
"""

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


WORK_TYPES: Final = _words(
    """
    annotation artistic-performance blog-post book-chapter book-review book cartographic-material
    clinical-study conference-abstract conference-output conference-paper conference-poster
    conference-presentation conference-proceedings data-management-plan data-set design dictionary-entry
    disclosure dissertation-thesis edited-book encyclopedia-entry image invention journal-article
    journal-issue learning-object lecture-speech license magazine-article manual moving-image
    musical-composition newsletter-article newspaper-article online-resource other patent
    physical-object preprint public-speech registered-copyright report research-technique research-tool
    review software sound spin-off-company standards-and-policy supervised-student-publication
    technical-standard test trademark transcription translation website working-paper undefined
    """
)
"""Work types of v3.0."""

WORK_TYPE_ALIASES: Final = {
    "article-journal": "journal-article",
    "chapter": "book-chapter",
    "dataset": "data-set",
    "standard": "standards-and-policy",
}
"""Accepted in v3.0, and answered in their canonical form."""

RELATIONSHIPS: Final = frozenset({"self", "part-of", "version-of", "funded-by"})
"""Relationships of an external-id in v3.0."""

NOTIFIED_TYPES_2_1: Final = frozenset({"education", "employment", "funding", "work", "peer-review"})
NOTIFIED_TYPES: Final = NOTIFIED_TYPES_2_1 | {
    "qualification",
    "invited-position",
    "distinction",
    "membership",
    "service",
}
"""What the items of a permission notification may be (section 10)."""

FUNDABLE_TYPES: Final = frozenset({"grant_number", "proposal-id", "uri", "doi"})
"""The external-id types that may be `funded-by` (section 5.2)."""

CITATION_TYPES: Final = _words(
    """
    formatted-unspecified bibtex formatted-apa formatted-harvard formatted-ieee formatted-mla
    formatted-vancouver formatted-chicago ris
    """
)
"""Formats of a citation."""

CONTRIBUTOR_SEQUENCES: Final = frozenset({"first", "additional"})
"""Where a contributor stands in the list."""

CONTRIBUTOR_ROLES: Final = _words(
    """
    author assignee editor chair-or-translator co-investigator co-inventor graduate-student
    other-inventor principal-investigator postdoctoral-researcher support-staff
    """
)
"""Roles of a contributor to a work, the older vocabulary."""

CREDIT_ROLES: Final = frozenset(
    f"http://credit.niso.org/contributor-roles/{role}/"
    for role in _words(
        """
    conceptualization data-curation formal-analysis funding-acquisition investigation methodology
    project-administration resources software supervision validation visualization writing-original-draft
    writing-review-editing
        """
    )
)
"""CRediT roles: compared without case, with http and a trailing slash."""

VISIBILITIES: Final = frozenset({"public", "limited", "registered-only", "private"})
"""Who may see an item."""

ORGANIZATION_SOURCES: Final = frozenset({"RINGGOLD", "GRID", "FUNDREF", "LEI", "ROR"})
"""Registries of organizations that ORCID knows."""

LANGUAGE_CODES: Final = _words(
    """
    ab aa af ak sq am ar an hy as av ae ay az bm ba eu be bn bh bi bs br bg my ca ch ce zh_CN zh_TW cu
    cv kw co cr hr cs da dv nl dz en eo et ee fo fj fi fr fy ff gl lg ka de el kl gn gu ht ha iw hz hi
    ho hu is io ig in ia ie iu ik ga it ja jv kn kr ks kk km ki rw ky kv kg ko ku kj lo la lv li ln lt
    lu lb mk mg ms ml mt gv mi mr mh mo mn na nv ng ne nd se no nb nn ny oc oj or om os pi pa fa pl pt
    ps qu rm ro rn ru sm sg sa sc gd sr sn ii sd si sk sl so nr st es su sw ss sv tl ty tg ta tt te th
    bo ti to ts tn tr tk tw ug uk ur uz ve vi vo wa cy wo xh ji yo za zu
    """
)
"""Languages; Hebrew, Indonesian and Yiddish have their old codes, and `zh` alone is none."""

COUNTRIES: Final = _words(
    """
    AF AX AL DZ AS AD AO AI AQ AG AR AM AW AU AT AZ BS BH BD BB BY BE BZ BJ BM BT BO BQ BA BW BV BR IO
    BN BG BF BI KH CM CA CV KY CF TD CL CN CX CC CO KM CG CD CK CR CI HR CU CW CY CZ DK DJ DM DO EC EG
    SV GQ ER EE ET FK FO FJ FI FR GF PF TF GA GM GE DE GH GI GR GL GD GP GU GT GG GN GW GY HT HM VA HN
    HK HU IS IN ID IR IQ IE IM IL IT JM JP JE JO KZ KE KI KP KR KW KG LA LV LB LS LR LY LI LT LU MO MK
    MG MW MY MV ML MT MH MQ MR MU YT MX FM MD MC MN ME MS MA MZ MM NA NR NP NL NC NZ NI NE NG NU NF MP
    NO OM PK PW PS PA PG PY PE PH PN PL PT PR QA RE RO RU RW BL SH KN LC MF PM VC WS SM ST SA SN RS SC
    SL SG SX SK SI SB SO ZA GS SS ES LK SD SR SJ SZ SE CH SY TJ TZ TH TL TG TK TO TT TN TR TM TC TV UG
    UA AE GB US UM UY UZ VU VE VN VG VI WF EH YE ZM ZW TW XK
    """
)
"""ISO 3166-1 alpha-2, with XK."""

IDENTIFIER_TYPES: Final = _words(
    """
    agr ark arxiv asin asin-tld authenticusid bibcode cba cgn cienciaiul cit cstr ctx dnb doi eid emdb
    empiar ethos grant_number hal handle hir isbn ismn issn jfm jstor k10plus kuid lccn lensid mr oclc
    ol osti other-id pat pdb pmc pmid ppr proposal-id raid rfc rrid source-work-id ssrn uri urn wosuid
    zbl
    """
)
"""Types of an external-id; the comparison is exact."""

FUNDING_TYPES: Final = frozenset({"grant", "contract", "award", "salary-award"})
"""Types of a funding."""

FUNDING_ROLES: Final = frozenset({"lead", "co-lead", "supported-by", "other-contribution"})
"""Roles of a contributor to a funding, the older vocabulary."""

REVIEWER_ROLES: Final = frozenset({"reviewer", "editor", "member", "chair", "organizer"})
"""What someone is in a peer review."""

REVIEW_TYPES: Final = frozenset({"review", "evaluation"})
"""Kinds of a peer review."""

SUBJECT_TYPES: Final = WORK_TYPES | FUNDING_TYPES | {"research-resource-proposal"}
"""What a peer review is about."""

RESOURCE_TYPES: Final = frozenset({"infrastructures", "collections", "equipment", "services"})
"""Kinds of a research resource."""

GROUP_TYPES: Final = frozenset(
    {
        "publisher",
        "institution",
        "journal",
        "conference",
        "newspaper",
        "newsletter",
        "magazine",
        "peer-review service",
    }
)
"""Kinds of a group that peer reviews belong to."""

CURRENCIES_2_1: Final = _words(
    """
    ADP AED AFA AFN ALL AMD ANG AOA ARS ATS AUD AWG AYM AZM AZN BAM BBD BDT BEF BGL BGN BHD BIF BMD BND
    BOB BOV BRL BSD BTN BWP BYB BYR BZD CAD CDF CHF CLF CLP CNY COP CRC CSD CUC CUP CVE CYP CZK DEM DJF
    DKK DOP DZD EEK EGP ERN ESP ETB EUR FIM FJD FKP FRF GBP GEL GHC GHS GIP GMD GNF GRD GTQ GWP GYD HKD
    HNL HRK HTG HUF IDR IEP ILS INR IQD IRR ISK ITL JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK
    LBP LKR LRD LSL LTL LUF LVL LYD MAD MDL MGA MGF MKD MMK MNT MOP MRO MTL MUR MVR MWK MXN MXV MYR MZM
    MZN NAD NGN NIO NLG NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PTE PYG QAR ROL RON RSD RUB RUR RWF SAR
    SBD SCR SDD SDG SEK SGD SHP SIT SKK SLL SOS SRD SRG STD SVC SYP SZL THB TJS TMM TMT TND TOP TPE TRL
    TRY TTD TWD TZS UAH UGX USD USN USS UYU UZS VEB VEF VND VUV WST XAF XAG XAU XBA XBB XBC XBD XCD XDR
    XFO XFU XOF XPD XPF XPT XSU XTS XUA XXX YER YUM ZAR ZMK ZWD ZWL ZWN ZWR
    """
)
"""Currencies of v2.1, as its schema lists them."""

CURRENCIES: Final = CURRENCIES_2_1 | _words("BYN CHE CHW COU MRU SLE SSP STN UYI VED VES XCG ZMW ZWG")
"""Currencies of v3.0: with those that Java has learnt since."""
