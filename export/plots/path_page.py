"""A page with a map that can be turned and asked: all of it in one file, which asks nobody for anything."""

import html
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from export.plots.canvas import FAINT, INK
from export.plots.path_panels import FEW, HANDS, SPLITS, WRONG
from export.plots.paths import Kind, Paths
from export.whole import write

MOST = 60_000
"""Points of a page: a laptop turns them smoothly, and the file stays below 12 MB."""

SIZE = 3
"""Pixels of a point."""

BUTTONS: Mapping[Kind, str] = {"time": "by time", "hands": "by hand", "errors": "by right and wrong"}

CAMERA = {"eye": {"x": 1.25, "y": 1.25, "z": 0.75}, "center": {"x": 0, "y": 0, "z": -0.15}}
"""Nearer than Plotly stands by itself, in lengths of the cube's side."""

STYLE = "<style>html, body { height: 100%; margin: 0; overflow: hidden }</style>"

Look = tuple[dict[str, Any], dict[str, Any]]
"""What a button changes of the traces, and of what is around them."""

Group = tuple[int, str, bool]
"""Hands, split, right: points that look the same whatever is asked."""


def draw(paths: Paths, path: Path, *, title: str) -> None:
    """Write a page; of more steps than it can show every path loses the same share, and keeps its last one.

    Raises:
        ConfigError: the place cannot be written.
    """
    groups = _groups(paths)
    kept = thinned(paths)
    of_step = np.repeat(np.arange(len(paths.lengths)), paths.lengths)
    traces = []
    for group in groups.values():
        inside = kept & np.isin(of_step, group)
        traces.append(_trace(paths, np.flatnonzero(inside), of_step[inside]))
    looks = {kind: _look(kind, list(groups), traces) for kind in BUTTONS if kind in paths.kinds}
    first = next(iter(looks.values()))
    for number, trace in enumerate(traces):
        trace.update({"name": first[0]["name"][number], "showlegend": first[0]["showlegend"][number]})
    sheet = go.Figure(traces, _layout(paths, title, looks))
    config = {"displaylogo": False, "responsive": True}
    page = sheet.to_html(include_plotlyjs=True, include_mathjax=False, full_html=True, config=config)
    write(path, page.replace("<head>", f"<head><title>{html.escape(title)}</title>{STYLE}", 1).encode())


def thinned(paths: Paths) -> NDArray[np.bool_]:
    """(N,) which steps are shown: every k-th of each path, counted from its last."""
    every = -(-len(paths.points) // max(1, MOST - len(paths.lengths)))
    to_come = np.repeat(paths.lengths, paths.lengths) - 1 - paths.steps
    return np.asarray(to_come % every == 0)


def _groups(paths: Paths) -> dict[Group, NDArray[np.int64]]:
    """Numbers of the paths that belong together."""
    found: dict[Group, list[int]] = {}
    for number, split in enumerate(paths.splits):
        hands = 0 if paths.hands is None else int(paths.hands[number])
        right = paths.right is None or bool(paths.right[number])
        found.setdefault((hands, split if split in SPLITS else "test", right), []).append(number)
    order = list(SPLITS)
    upwards = sorted(found, key=lambda group: (not group[2], order.index(group[1]), group[0]))  # wrong ones on top
    return {group: np.array(found[group]) for group in upwards}


def _trace(paths: Paths, steps: NDArray[np.int64], owners: NDArray[np.int64]) -> Any:  # noqa: ANN401 (Plotly's own)
    """Some steps of some paths, with what is told of each; between two of a few paths there is a gap."""
    points, told = paths.points[steps], [_told(paths, step, owner) for step, owner in zip(steps, owners, strict=True)]
    times = np.round(paths.steps[steps] / paths.rate, 3)
    few = len(paths.lengths) <= FEW
    if few:
        gaps = np.flatnonzero(np.diff(owners)) + 1
        points, times = np.insert(points, gaps, np.nan, axis=0), np.insert(times, gaps, np.nan)
        told = list(np.insert(np.array(told, object), gaps, ""))
    kind = go.Scatter3d if points.shape[1] == 3 else go.Scattergl
    return kind(
        **dict(zip("xyz", np.round(points, 4).T, strict=False)),
        mode="lines+markers" if few else "markers",
        marker={"size": SIZE, "color": times, "coloraxis": "coloraxis"},
        line={"width": 1, "color": FAINT} if few else None,
        text=told,
        hoverinfo="text",
    )


def _told(paths: Paths, step: int, owner: int) -> str:
    """What a person reads who points at a step."""
    at, length = int(step - paths.starts[owner]) + 1, int(paths.lengths[owner])
    words = [paths.labels[owner], paths.sessions[owner], f"step {at} of {length}"]
    if paths.right is not None and not paths.right[owner]:
        words.append("taken for another")
    return html.escape(", ".join(word for word in words if word))


def _look(kind: Kind, groups: list[Group], traces: list[Any]) -> Look:
    """Colours and names of the traces, and whether there is a scale of time and a legend."""
    if kind == "time":
        colours, names = [trace.marker.color.tolist() for trace in traces], [""] * len(groups)
    elif kind == "hands":
        colours, names = [HANDS[hands][1] for hands, _, _ in groups], [HANDS[hands][0] for hands, _, _ in groups]
    else:
        colours = [SPLITS[split][1] if right else WRONG[split] for _, split, right in groups]
        names = [f"{SPLITS[split][0]}, {'right' if right else 'wrong'}" for _, split, right in groups]
    firsts = [bool(name) and names.index(name) == number for number, name in enumerate(names)]
    style = {"marker.color": colours, "name": names, "showlegend": firsts}
    style["marker.size"] = [SIZE + 2 if kind == "errors" and not right else SIZE for _, _, right in groups]
    return style, {"coloraxis.showscale": kind == "time", "showlegend": kind != "time"}


def _layout(paths: Paths, title: str, looks: Mapping[Kind, Look]) -> dict[str, Any]:
    axis = {"range": [-1.04, 1.04], "zeroline": False, "title": "", "color": INK}
    buttons = [{"label": BUTTONS[kind], "method": "update", "args": list(look)} for kind, look in looks.items()]
    menu = {"type": "buttons", "direction": "right", "buttons": buttons, "x": 0, "xanchor": "left", "y": 1.0}
    layout: dict[str, Any] = {
        "title": {"text": html.escape(title), "font": {"size": 15}},
        "template": "plotly_white",
        "coloraxis": {
            "colorscale": "Viridis",
            "cmin": 0,
            "cmax": paths.longest,
            "colorbar": {"title": {"text": paths.unit}, "len": 0.6},
        },
        "showlegend": False,
        "legend": {"itemsizing": "constant"},
        "updatemenus": [menu | {"yanchor": "bottom"}] if len(buttons) > 1 else [],
        "margin": {"l": 20, "r": 20, "t": 90, "b": 20},
    }
    if paths.points.shape[1] == 3:
        return layout | {
            "scene": {"xaxis": axis, "yaxis": axis, "zaxis": axis, "aspectmode": "cube"},
            "scene_camera": CAMERA,
        }
    return layout | {"xaxis": axis, "yaxis": axis | {"scaleanchor": "x"}, "dragmode": "pan", "hovermode": "closest"}
