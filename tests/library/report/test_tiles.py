"""The words of a report about tiles."""

import pytest

from synthem.report.tiles import with_tiles


@pytest.mark.parametrize(
    "text, expected",
    [
        ("<h2>Slices saved</h2><p>of 1 test slice.</p>", "<h2>Tiles saved</h2><p>of 1 test tile.</p>"),
        ("slice by slice, 4 labelled slices: best", "tile by tile, 4 labelled tiles: best"),
        ("Name <code>labelled_slices: [slice]</code>", "Name <code>labelled_slices: [slice]</code>"),
        ("- Set `slices: 5`: of 1 slice", "- Set `slices: 5`: of 1 tile"),
        ("<td>data/<wbr>slices</td> 2 slices", "<td>data/<wbr>slices</td> 2 tiles"),
        ("slices/*.png my-slice.tif slice.tif sliced", "slices/*.png my-slice.tif slice.tif sliced"),
        ('<img src="data:slice" alt="slice 4">', '<img src="data:slice" alt="slice 4">'),
        ("<pre class=c>slices: 4</pre> slices", "<pre class=c>slices: 4</pre> tiles"),
        ("<style>.slice {x: y}</style>", "<style>.slice {x: y}</style>"),
    ],
)
def test_a_slice_is_a_tile_where_it_is_a_word_of_a_sentence(text, expected):
    assert with_tiles(text) == expected
