"""What a model file says about itself: JSON under the key `figurant.spec` in the metadata of the .onnx file.

Arrays that a family needs beside the graph (a PCA basis, stored poses) stand under `figurant.arrays`: an .npz, base64.
"""

from typing import Annotated, Literal

import msgspec

from engine.schema.controls import Control
from engine.schema.skeleton import Skeleton

SPEC_KEY = "figurant.spec"
ARRAYS_KEY = "figurant.arrays"
FORMAT = 1

HeadKind = Literal["mdn", "mdn-lazy", "frame", "classes"]


class Tensor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A recurrent state: its names in the graph and its shape, -1 for the batch axis; float32, zero at the start."""

    input: str
    output: str
    shape: tuple[int, ...]


class Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a step gives: a mixture, a frame, or how likely each of some classes is.

    `mdn` gives `logits` (B, K), `mu` (B, K, D) and `sigma` (B, K, D). `mdn-lazy` takes `u` (B, 1) uniform in [0, 1),
    `pi_temperature` (B, 1) and `top_p` (B, 1) as well, chooses the component in the graph and gives only that one's
    `mu` (B, D) and `sigma` (B, D), and `component` (B, 1) int64. Sigma is a standard deviation.

    `frame` gives `y` (B, 1, H, W), 0 to 1, the next picture after `x` (B, 1, H, W); `components` is 1 and `dims` H W.

    `classes` gives `probabilities` (B, C), that sum to 1, after `x` (B, F); `components` is C and `dims` 1.

    `colour` are the weights of a frame's normal numbers and of those of the frames before it, of which a sample's noise
    is the sum; (1,) is white.
    """

    kind: HeadKind
    components: int
    dims: int
    colour: Annotated[tuple[float, ...], msgspec.Meta(min_length=1, max_length=8)] = (1.0,)


class Size(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rows and columns of a grey picture."""

    height: Annotated[int, msgspec.Meta(ge=1, le=4096)]
    width: Annotated[int, msgspec.Meta(ge=1, le=4096)]


class ModelSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model: graph `(x, *state, ...) -> (head outputs, *state')`, batch axis dynamic, normalisation inside.

    Attributes:
        format: version of this description.
        name: what a person calls the model.
        family: name of the module in `engine.families` that knows what its numbers mean.
        fps: frames per second that one step stands for.
        features: F, width of the input `x` (B, F) float32.
        head: the mixture.
        state: the recurrent state.
        skeleton: the body that it moves, where there is one.
        image: size of the pictures that it makes, where it makes some.
        labels: what the C classes are called, for a model that recognises some.
        channels: what the F numbers of its input are called, where somebody outside measures them.
        conditions: names of the conditions (genres) that the model can be given.
        settings: what only its family understands.
        controls: the knobs that this model answers to.
        licence: under which its training data may be used.
        credit: line to show wherever the model is shown.
        training: the recipe that made it.
        metrics: what was measured on held-out data when it was exported.
        code: sha-256 of the sources of the code that made it.
    """

    name: str
    family: str
    fps: float
    features: int
    head: Head
    state: tuple[Tensor, ...]
    licence: str
    credit: str
    format: int = FORMAT
    skeleton: Skeleton | None = None
    image: Size | None = None
    labels: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    settings: dict[str, float | int | str | bool] = {}
    controls: tuple[Control, ...] = ()
    training: dict[str, object] = {}
    metrics: dict[str, object] = {}
    code: str = ""
