import io

import numpy as np
from PIL import Image

from synthem.figures.stylegan import stylegan_sheet, stylegan_training_sheet


def sheet(real, generated, **more):
    options = {"columns": 2, "voxel_size_nm": (50, 5, 5)} | more
    return Image.open(io.BytesIO(stylegan_sheet(real, generated, **options)))


def dark_and_bright(shape=(4, 16, 16)):
    """Real images that are dark in their left half; generated ones that are bright all over."""
    real = np.full(shape, 200, np.uint8)
    real[:, :, :8] = 50
    return real, np.full_like(real, 200)


def test_real_images_stand_above_as_many_generated_ones_in_one_brightness():
    picture = np.asarray(sheet(*dark_and_bright()).convert("L"))
    upper, lower = np.array_split(picture, 2)
    black = [(half == 0).mean() for half in (upper, lower)]
    assert black[0] > 0.3 and black[1] < 0.05  # words and the bar's outline are dark, too


def test_pixels_have_their_true_proportions():
    square = sheet(*dark_and_bright())
    flat = sheet(*dark_and_bright(), voxel_size_nm=(50, 2.5, 5))
    assert square.width == flat.width and square.height > 1.6 * flat.height


def test_colours_are_shown_and_the_same_images_give_the_same_bytes():
    real, generated = dark_and_bright((2, 16, 16, 3))
    generated[..., 0] = 50  # cyan, then
    pixels = np.asarray(sheet(real, generated).convert("RGB")).astype(int)
    assert ((pixels[..., 2] - pixels[..., 0]) > 200).mean() > 0.2
    one, two = (stylegan_sheet(real, generated, columns=2, voxel_size_nm=(1, 1, 1)) for _ in range(2))
    assert one == two


def test_each_row_is_a_step_and_each_image_uses_all_of_its_greys():
    small, large = np.full((3, 8, 8), 100, np.uint8), np.full((3, 16, 16), 100, np.uint8)
    small[:, :4], large[:, :8] = 104, 160  # a faint upper half, and a clear one
    after = {900: small, 25_000: large}
    picture = Image.open(io.BytesIO(stylegan_training_sheet(after, voxel_size_nm=(50, 5, 5)))).convert("L")
    pixels = np.asarray(picture)
    for half in np.array_split(pixels[: int(picture.height * 0.9)], 2):
        columns = half[:, picture.width // 2]
        assert (columns == 0).mean() > 0.3 and (columns == 255).mean() > 0.3
