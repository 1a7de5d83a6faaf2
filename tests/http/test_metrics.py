"""`/metrics`: what happened is counted, by a parser that Prometheus's own client brings."""

import json

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain_text
from table import Club

from game_server.http.metrics import STALE_S, Board, Told


@pytest.fixture
def club(tmp_path):
    with Club(tmp_path) as club:
        yield club


def numbers(club, parse=plain_text, **headers):
    """Every sample by its name and labels but the worker."""
    answer = club.http.get("/metrics", headers=headers)
    assert answer.status_code == 200
    found = {}
    for family in parse(answer.text):
        for sample in family.samples:
            labels = {name: value for name, value in sample.labels.items() if name != "worker"}
            found[sample.name, *labels.values()] = sample.value
    return found
