"""Run by `test_device.py` in a process of its own: kernels of a GPU in Numba's simulator, beside the CPU's numbers.

It prints JSON: what the kernels drew. Compilation is switched off, as the simulator's arrays are not those that
compiled functions take, so every function that a kernel calls runs as plain Python.
"""

import json
import sys

import numpy as np

from engine.sampling import device


def main() -> None:
    case = json.loads(sys.stdin.read())
    numbers = {name: np.array(case[name], np.float32) for name in ("colour", "temperature", "pi", "spread", "top_p")}
    mu, sigma, logits = (np.array(case[name], np.float32) for name in ("mu", "sigma", "logits"))
    seeds, frame = np.array(case["seeds"], np.uint64), np.array([case["frame"]], np.uint64)
    rows, _, dims = mu.shape
    u, divisor, component = np.zeros(rows, np.float32), np.zeros(rows, np.float32), np.zeros(rows, np.int64)
    shares, order, out = np.zeros(logits.shape), np.zeros(logits.shape, np.int64), np.zeros((rows, dims), np.float32)
    device.begin[1, 8](frame, seeds, numbers["temperature"], numbers["pi"], u, divisor)
    device.choose_rows[2, 2](logits, divisor, numbers["top_p"], u, shares, order, component)
    threads = device.groups(rows, dims)
    device.sample[2, -(-threads // 2) + 1](
        frame, seeds, numbers["colour"], numbers["temperature"], numbers["spread"], mu, sigma, component, out
    )
    json.dump({"u": u.tolist(), "component": component.tolist(), "out": out.tolist()}, sys.stdout)


if __name__ == "__main__":
    main()
