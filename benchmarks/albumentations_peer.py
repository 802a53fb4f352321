"""Runs in the peers' environment: for every line on stdin, augment so many patches and answer with a line.

Arguments: the volume (.npz with image and mask), size of a patch, and which elastic transformation.
"""

import os
import sys

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # it would ask the network for its newest version

import albumentations  # noqa: E402
import cv2  # noqa: E402
import numpy as np  # noqa: E402

ELASTIC = {"full": {"approximate": False}, "approximate": {"approximate": True}}


def main(volume, size, elastic):
    cv2.setNumThreads(1)
    cv2.ocl.setUseOpenCL(False)
    volume = np.load(volume)
    image, mask = volume["image"], volume["mask"]
    change = albumentations.Compose(
        [
            albumentations.RandomCrop(int(size), int(size)),
            albumentations.D4(p=1),
            albumentations.ElasticTransform(alpha=120, sigma=12, p=1, **ELASTIC[elastic]),
            albumentations.GaussianBlur(blur_limit=(11, 11), sigma_limit=(3, 3), p=1),
            albumentations.RandomBrightnessContrast(p=1),
            albumentations.GaussNoise(std_range=(0, 0.1), p=1),
            albumentations.Normalize(mean=(0.5,), std=(0.2,), p=1),
        ],
        seed=0,
    )
    print(albumentations.__version__, cv2.__version__, flush=True)
    for line in sys.stdin:
        for number in range(int(line)):
            z = number % len(image)
            change(image=image[z], mask=mask[z])
        print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
