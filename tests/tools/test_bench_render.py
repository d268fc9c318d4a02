"""The benchmark of renderings: what it compares."""

import bench_render
from bench_render import RENDERED, STEPPED, STREAM

from export.render import open_dance


def test_the_stream_has_the_shape_of_the_model_s_network() -> None:
    dance = open_dance("dance")
    found, head = bench_render.shape(dance.loaded), dance.loaded.spec.head
    assert (found.components, found.dims) == (head.components, head.dims)
    wide = {shape.shape[-1] for shape in dance.loaded.spec.state}
    assert wide == {found.hidden}
    assert found.layers * 2 == len(dance.loaded.spec.state) * dance.loaded.spec.state[0].shape[0]


def test_both_limits_count() -> None:
    middle = {RENDERED: 10.0, STEPPED: 8.0, STREAM: 201.0}
    assert bench_render.passed(19.9, middle)
    assert not bench_render.passed(20.0, middle)
    assert not bench_render.passed(1.0, middle | {STREAM: 200.0})


def test_medians_and_a_row_for_each() -> None:
    turns = [{RENDERED: took, STEPPED: 1.0, STREAM: 100.0 * took} for took in (1.0, 9.0, 2.0)]
    middle = bench_render.medians(turns)
    assert middle == {RENDERED: 2.0, STEPPED: 1.0, STREAM: 200.0}
    assert bench_render.table(middle).row_count == 3
