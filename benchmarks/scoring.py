"""All scores of a test block as large as a whole stack of Lucchi++: seconds of one process, and its memory.

Without a peer: no other program computes them all. The times of its parts are in `metrics`.
"""

import json
import resource
import time

import numpy as np
from rounds import machine
from scipy import ndimage

from synthem.metrics.rows import partition_rows, score_rows
from synthem.metrics.truth import truth_of
from synthem.storage.volumes import Facts, Volume

SHAPE, VOXEL_NM, SMOOTHING, PART = (165, 768, 1024), (5.0, 5.0, 5.0), 8.0, 0.06


def blobs(seed):
    """Random blobs that fill PART of the block: mask uint8 {0, 1}; drawn small and enlarged, to be quick."""
    noise = np.random.default_rng(seed).standard_normal([size // 3 for size in SHAPE], np.float32)
    smooth = ndimage.zoom(ndimage.gaussian_filter(noise, SMOOTHING / 3), 3.02, order=1)
    smooth = smooth[tuple(slice(size) for size in SHAPE)]
    return (smooth > np.quantile(smooth[::8, ::8, ::8], 1 - PART)).astype(np.uint8)


def main():
    true = blobs(0)
    mask = np.roll(true, (1, 3, 2), axis=(0, 1, 2)) | blobs(1) * (np.arange(SHAPE[2]) < 300).astype(np.uint8)
    facts = Facts(voxel_size_nm=VOXEL_NM, blocks={"test": ((0, SHAPE[0]),)})
    volume = Volume(true, facts, {"mitochondria": true})
    labels = ndimage.label(mask)[0].view(np.uint32)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    seconds, rows = {}, {}
    for name, work in {
        "truth": lambda: truth_of(volume, "mitochondria", "test"),
        "scores": lambda: score_rows(mask, labels, rows["truth"], boundary_tolerance_nm=20.0, threads=1),
        "partitions": lambda: partition_rows(labels, rows["truth"], threads=1),
    }.items():
        start = time.process_time(), time.perf_counter()
        rows[name] = work()
        seconds[name] = [round(time.process_time() - start[0], 1), round(time.perf_counter() - start[1], 1)]
        print(name, seconds[name])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    whole = {name: value for name, value in rows["scores"][-1].items() if name in ("iou", "pq", "true_count")}
    print(whole)
    result = {"topic": "scoring", "cpu_and_wall_seconds": seconds}
    result |= {"before_mb": before // 1024, "peak_mb": peak // 1024}
    print(json.dumps(result | {"machine": machine(["numba", "numpy"])}))


if __name__ == "__main__":
    main()
