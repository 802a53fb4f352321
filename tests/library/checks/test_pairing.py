import pytest

from synthem.checks.pairing import keys_of


@pytest.mark.parametrize(
    "names, keys",
    [
        (["00.tif", "01.tif", "10.tif"], [0, 1, 10]),
        (["labels00000000.png", "labels00000001.png", "labels00000010.png"], [0, 1, 10]),
        (["s1_z003_c2.tif", "s1_z013_c2.tif"], [3, 13]),
        (["a9.png", "a10.png"], [9, 10]),
        (["a19b.png", "a119b.png"], [19, 119]),
        (["a.b.1.png", "a.b.2.png"], [1, 2]),
        (["heart_mask.png", "skin_mask.png"], ["heart", "skin"]),
        (["skin.png", "skin2.png"], ["", 2]),
        (["x1y1.png", "x1y2.png", "x2y1.png"], ["1y1", "1y2", "2y1"]),
    ],
)
def test_names_are_told_apart_by_what_differs_and_numbers_are_not_cut(names, keys):
    assert keys_of(names) == keys
