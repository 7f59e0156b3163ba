"""Pace: how fast we send, how patiently, and in which form."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mappers.forms import Form
from mappers.sections import Section


@dataclass(frozen=True, slots=True)
class Pace:
    """How we send: requests a second, patience in seconds, form, the visibility by section of what is created."""

    rate: float = 23.0
    burst: float = 30.0
    call_seconds: float = 30.0
    retry_base: float = 1.0
    retry_max: float = 300.0
    form: Form = field(default_factory=Form)
    visibilities: Mapping[Section, str] = field(default_factory=dict)
