import base64
import io

import numpy as np
import pytest
from PIL import Image

from synthem.report import pictures


def png(array, **settings):
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG", **settings)
    return buffer.getvalue()


def opened(uri):
    kind, data = uri.removeprefix("data:").split(";base64,")
    return kind, base64.b64decode(data)


def noise():
    grey = np.random.default_rng(0).normal(128, 40, (200, 300, 1)).clip(0, 255).astype(np.uint8)
    return np.repeat(grey, 3, axis=2)


def test_a_drawing_is_embedded_without_loss():
    drawing = np.full((40, 60, 3), 255, np.uint8)
    drawing[10:12, 5:50] = (213, 94, 0)
    uri, width, height = pictures.embedded(png(drawing))
    kind, data = opened(uri)
    assert (kind, width, height) == ("image/webp", 60, 40)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), drawing)


def test_noise_is_embedded_in_less_than_half_and_nearly_the_same():
    image = noise()
    kind, data = opened(pictures.embedded(png(image))[0])
    shown = np.asarray(Image.open(io.BytesIO(data)))
    assert kind == "image/webp" and 2 * len(data) < len(png(image))
    assert np.abs(shown.astype(float) - image).mean() < 8  # of 256 grey values, and noise of 40


def test_an_animated_picture_stays_as_it_is():
    frames = [Image.fromarray(noise()[:20, :30]), Image.fromarray(noise()[20:40, :30])]
    buffer = io.BytesIO()
    frames[0].save(buffer, "PNG", save_all=True, append_images=frames[1:], duration=100)
    uri, width, height = pictures.embedded(buffer.getvalue())
    assert opened(uri) == ("image/png", buffer.getvalue()) and (width, height) == (30, 20)


def test_a_picture_longer_than_webp_allows_stays_as_it_is(monkeypatch):
    monkeypatch.setattr(pictures, "LONGEST", 59)
    data = png(np.zeros((4, 60, 3), np.uint8))
    assert opened(pictures.embedded(data)[0]) == ("image/png", data)


@pytest.mark.parametrize("mode", ["RGBA", "L", "P"])
def test_pictures_of_any_mode_are_embedded(mode):
    buffer = io.BytesIO()
    Image.new(mode, (5, 4)).save(buffer, "PNG")
    assert pictures.embedded(buffer.getvalue())[1:] == (5, 4)
