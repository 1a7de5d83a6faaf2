"""Numbers in the form that Prometheus reads, by its own library: loaded when somebody asks for them."""

from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from game_server.measures import Family, Value

_process = ProcessCollector(registry=None)


def exposed(workers: dict[str, list[Family]], accept: str) -> tuple[bytes, str]:
    """The families of all workers as the text that the header `accept` asks for, and its media type."""
    try:
        encode, media_type = choose_encoder(accept)
    except (TypeError, ValueError):     # prometheus_client compares the versions in it, whatever they are
        encode, media_type = choose_encoder("")
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Told(workers))
    return encode(registry), media_type


def of_this_process() -> Iterator[Family]:
    """Its CPU, memory and files, as prometheus_client knows them; none where the system does not tell."""
    for metric in _process.collect():
        yield metric.name, metric.type, metric.documentation, [({}, metric.samples[0].value)]


class Told(Collector):
    """Families of workers, as prometheus_client wants them."""

    def __init__(self, workers: dict[str, list[Family]]) -> None:
        self._workers = workers

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for worker, told in self._workers.items():
            for name, kind, words, samples in told:
                for labels, value in samples:
                    family = families.get(name) or families.setdefault(name, _family(name, kind, words, labels))
                    _add(family, [worker, *labels.values()], value)
        yield from families.values()


def _family(name: str, kind: str, words: str, labels: Mapping[str, str]) -> Metric:
    of_kind = {"counter": CounterMetricFamily, "gauge": GaugeMetricFamily, "histogram": HistogramMetricFamily}[kind]
    family: Metric = of_kind(name, words, labels=["worker", *labels])
    return family


def _add(family: Any, labels: list[str], value: Value) -> None:
    if not isinstance(family, HistogramMetricFamily):
        family.add_metric(labels, value)
        return
    bounds, counts, total = value
    buckets, seen = [], 0
    for bound, count in zip([*map(str, bounds), "+Inf"], counts, strict=True):
        seen += count
        buckets.append((bound, seen))
    family.add_metric(labels, buckets=buckets, sum_value=total)
