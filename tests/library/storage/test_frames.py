from synthem.storage.files import write_table
from synthem.storage.frames import frame_of, in_order, read_frame, rows_of, write_frame

COLUMNS = ["arm", "budget", "replicate", "iou", "kept", "empty"]
ROWS = [
    {"arm": "real", "budget": "3", "replicate": 1, "iou": 1.0, "kept": True, "empty": None},
    {"arm": "7", "budget": "all", "replicate": None, "iou": None, "kept": None, "empty": None},
]


def test_a_frame_keeps_whole_numbers_whole_and_names_text(tmp_path):
    write_table(tmp_path / "a.csv", ROWS, COLUMNS)
    frame = read_frame([tmp_path / "a.csv"], COLUMNS)
    assert rows_of(frame) == ROWS
    assert [type(row["replicate"]) for row in rows_of(frame)] == [int, type(None)]
    assert frame["iou"].mean() == 1.0 and frame["empty"].isna().all()
    write_frame(tmp_path / "b.csv", frame)
    assert (tmp_path / "b.csv").read_bytes() == (tmp_path / "a.csv").read_bytes()


def test_a_frame_without_rows_has_its_columns(tmp_path):
    write_frame(tmp_path / "a.csv", frame_of([], COLUMNS))
    assert (tmp_path / "a.csv").read_text() == ",".join(COLUMNS) + "\n"
    assert list(read_frame([tmp_path / "a.csv"], COLUMNS)) == COLUMNS


def test_rows_are_put_in_the_order_of_the_arms_and_labelled_slices_and_else_stay_as_they_are():
    runs = [
        ("mixed", 22, 0),
        ("real", 22, 1),
        ("threshold", 3, 2),
        ("real", 3, 3),
        ("real", 22, 4),
        ("x", None, 5),
    ]
    rows = [{"arm": arm, "labelled_slices": slices, "n": n} for arm, slices, n in runs]
    frame = in_order(frame_of(rows, ["arm", "labelled_slices", "n"]), ["real", "mixed"])
    assert frame["n"].tolist() == [3, 1, 4, 0, 2, 5]
    assert frame.index.tolist() == list(range(6))
