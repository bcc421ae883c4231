"""The name that was meant, where another was written."""

import pytest

from jupyter_ext.runtime.inside.jupyter_aml_run.nearest import did_you_mean


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("brids", " Did you mean 'Birds'?"),
        ("BIRDS", " Did you mean 'Birds'?"),
        ("gpu-clutser", " Did you mean 'gpu-cluster'?"),
        ("3", ""),
        ("mnist", ""),
        (None, ""),
    ],
)
def test_the_nearest_is_asked_for_and_none_that_is_far(name: object, told: str) -> None:
    assert did_you_mean(name, ["Birds", "fish", "gpu-cluster", 12]) == told
