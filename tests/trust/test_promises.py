"""Every promise, at the size that a test run has time for."""

import pytest

from tests.trust.experiments import EXPERIMENTS
from tests.trust.finding import Finding, NotTried, Size


@pytest.mark.parametrize("name", EXPERIMENTS)
async def test_it_is_kept(name):
    found: list[Finding] = []
    missing = ""
    try:
        async for finding in EXPERIMENTS[name](Size(is_full=False)):
            found.append(finding)       # noqa: PERF401 - what was found before something was missing counts
    except NotTried as reason:
        missing = str(reason)
    assert [finding.row for finding in found if not finding.is_kept] == []
    if missing:
        pytest.skip(missing)
    assert found
