"""Every promise, at the size that a test run has time for."""

import pytest

from tests.trust.experiments import EXPERIMENTS
from tests.trust.finding import Size


@pytest.mark.parametrize("name", EXPERIMENTS)
async def test_it_is_kept(name):
    found = [finding async for finding in EXPERIMENTS[name](Size(is_full=False))]
    assert found
    assert [finding.row for finding in found if not finding.is_kept] == []
