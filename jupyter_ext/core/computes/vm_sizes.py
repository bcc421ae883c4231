"""How many GPUs a node has, by Azure's name of its size."""

from __future__ import annotations

import re

_NAMED = re.compile(r"(?:STANDARD|BASIC)_([A-Z]+\w*)\Z")
_WITH_GPUS = re.compile(r"N[CDGV]\d")
_SEVERAL = {
    2: "NC12 NC12S_V2 NC12S_V3 NC48ADS_A100_V4 NC80ADIS_H100_V5 ND12S NV12 NV24S_V3 NV72ADS_A10_V5",
    4: "NC24 NC24R NC24S_V2 NC24RS_V2 NC24S_V3 NC24RS_V3 NC64AS_T4_V3 NC96ADS_A100_V4 ND24S ND24RS NV24 NV48S_V3",
    8: "ND40S_V2 ND40RS_V2 ND96ASR_V4 ND96AMSR_A100_V4 ND96ISR_H100_V5 ND96ISR_H200_V5",
}
_COUNTS = {name: count for count, names in _SEVERAL.items() for name in names.split()}


def gpus_of_size(vm_size: str) -> int | None:
    """Return how many GPUs a node of a size has; None where the name does not tell."""
    named = _NAMED.match(vm_size.upper())
    if named is None:
        return None
    return _COUNTS.get(named[1], 1) if _WITH_GPUS.match(named[1]) else 0


def known_sizes() -> list[str]:
    """Return sizes to choose from: two without a GPU, and for each number of GPUs the usual one."""
    return ["STANDARD_D2_V2", "STANDARD_DS3_V2", "STANDARD_NC6", "STANDARD_NC12", "STANDARD_NC24", "STANDARD_ND40RS_V2"]
