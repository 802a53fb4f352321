import os

from synthem.runs.listing import tree_of


def fill(path, size=1):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))


def test_a_tree_names_files_with_their_sizes_and_folders_with_their_sums(tmp_path):
    fill(tmp_path / "data" / "image.tif", 1_500_000)
    fill(tmp_path / "data" / "masks" / "a.png", 999)
    fill(tmp_path / "data" / "masks" / "b.png", 1)
    assert tree_of([str(tmp_path / "data")]) == (
        f"{tmp_path}/data/ (3 files, 1.5 MB)\n"
        "├── image.tif (1.5 MB)\n"
        "└── masks/ (2 files, 1.0 kB)\n"
        "    ├── a.png (999 bytes)\n"
        "    └── b.png (1 byte)\n"
    )


def test_more_than_twenty_alike_files_are_one_line(tmp_path):
    for number in range(165):
        fill(tmp_path / "d" / f"{number:04}.png", 1000)
    for number in range(20):
        fill(tmp_path / "d" / f"mask{number}.tif", 5)
    fill(tmp_path / "d" / "7.txt", 0)
    lines = tree_of([tmp_path / "d"]).splitlines()
    assert lines[0].endswith("d/ (186 files, 165.1 kB)")
    assert lines[1:3] == ["├── 0000.png ... 0164.png (165 files, 165.0 kB)", "├── 7.txt (0 bytes)"]
    assert lines[3] == "├── mask0.tif (5 bytes)" and lines[-1] == "└── mask19.tif (5 bytes)"
    assert len(lines) == 23


def test_numbers_come_in_their_own_order_and_kinds_one_after_the_other(tmp_path):
    for number in range(30):
        fill(tmp_path / "d" / f"s{number}.png")
        fill(tmp_path / "d" / f"s{number}.txt")
    assert tree_of([tmp_path / "d"]).splitlines()[1:] == [
        "├── s0.png ... s29.png (30 files, 30 bytes)",
        "└── s0.txt ... s29.txt (30 files, 30 bytes)",
    ]


def test_folders_that_are_alike_are_listed_one_by_one(tmp_path):
    for number in range(25):
        fill(tmp_path / "d" / f"stack{number}" / "a.tif")
    assert len(tree_of([tmp_path / "d"]).splitlines()) == 51


def test_hostile_names_cannot_break_a_line(tmp_path):
    fill(tmp_path / "d" / "two\nlines\x1b[31m\u202e.tif")
    fill(tmp_path / "d" / os.fsdecode(b"\xff.tif"))
    tree = tree_of([tmp_path / "d"])
    assert tree.count("\n") == 3
    assert "two\\nlines\\x1b[31m\\u202e.tif (1 byte)" in tree and "\\udcff.tif (1 byte)" in tree
    tree.encode()


def test_links_are_named_and_not_followed(tmp_path):
    fill(tmp_path / "outside" / "secret.tif", 10**6)
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "again").symlink_to(tmp_path / "d")
    (tmp_path / "d" / "out").symlink_to("../outside")
    (tmp_path / "d" / "gone").symlink_to("nowhere")
    assert tree_of([tmp_path / "d"]).splitlines() == [
        f"{tmp_path}/d/ (0 files, 0 bytes)",
        f"├── again -> {tmp_path}/d",
        "├── gone -> nowhere",
        "└── out -> ../outside",
    ]


def test_a_folder_that_is_given_by_a_link_is_listed(tmp_path):
    fill(tmp_path / "far" / "a.tif")
    (tmp_path / "data").symlink_to(tmp_path / "far")
    assert tree_of([tmp_path / "data"]) == f"{tmp_path}/data/ (1 file, 1 byte)\n└── a.tif (1 byte)\n"


def test_pipes_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "└── pipe (not a plain file)" in tree_of([tmp_path])


def test_a_bottomless_folder_is_cut(tmp_path):
    deep = tmp_path.joinpath(*["d"] * 200)
    deep.mkdir(parents=True)
    assert tree_of([tmp_path]).splitlines()[-1].endswith("d/ (not listed: deeper than 50 folders)")


def test_files_may_be_listed_too(tmp_path):
    fill(tmp_path / "a.tif", 12)
    fill(tmp_path / "b.h5", 3)
    assert tree_of([tmp_path / "a.tif", tmp_path / "b.h5"]) == (
        f"{tmp_path}/a.tif (12 bytes)\n{tmp_path}/b.h5 (3 bytes)\n"
    )


def test_a_missing_folder_is_named_and_so_is_a_loop(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert (
        tree_of([tmp_path / "missing"]) == f"{tmp_path}/missing (not readable: No such file or directory)\n"
    )
    assert tree_of([tmp_path / "loop"]) == f"{tmp_path}/loop -> {tmp_path}/loop\n"
