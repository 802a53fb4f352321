import pytest

from synthem.errors import SynthemError
from synthem.training.histories import arm_of, name_of, read_histories, read_losses


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("results/unets/v/real/fraction-0.1/seed-0/history.csv", "U-Net real, 10 % of the labels"),
        ("results/gans/v/fraction-1.0/history.csv", "GAN, 100 % of the labels"),
        ("results/stylegan/v/history.csv", "StyleGAN, no labels"),
        ("results/membranes/larva/history.csv", "membranes of larva"),
    ],
)
def test_a_history_has_a_name_for_people(path, name):
    assert name_of(path) == name


def test_seeds_share_a_name_and_keep_their_number(tmp_path):
    paths = [tmp_path / f"unets/v/real/fraction-1.0/seed-{seed}/history.csv" for seed in (0, 1)]
    for path in paths:
        path.parent.mkdir(parents=True)
        path.write_text("step,bce\n1,0.5\n")
    ((name, rows),) = read_histories(paths).items()
    assert name == "U-Net real, 100 % of the labels" and [row["seed"] for row in rows] == [0, 1]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("step,bce\n1,0.5\n3,0.25\n", "row 3 is of step 3"),  # a row was deleted
        ("step,bce\n2,0.25\n1,0.5\n", "row 2 is of step 2"),  # sorted by another column
        ("bce\n0.5\n", "row 2 is of step None"),
        ("step,bce,note\n1,0.5,nice\n", "step 1: note is `nice`"),
        ("step;bce\n1;0,5\n", "separated by ';'"),
    ],
)
def test_a_history_that_another_program_changed_is_refused(tmp_path, text, found):
    path = tmp_path / "gans/v/fraction-1.0/history.csv"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(SynthemError) as caught:
        read_histories([path])
    assert caught.value.code == "FILE_READ" and found in caught.value.found


def test_losses_are_the_sum_of_their_parts_by_label_fraction_and_no_validation(tmp_path):
    paths = []
    for fraction, seed in ((0.1, 0), (0.1, 1), (1.0, 0)):
        paths.append(tmp_path / f"unets/v/real/fraction-{fraction}/seed-{seed}/history.csv")
        paths[-1].parent.mkdir(parents=True)
        paths[-1].write_text(f"step,bce,dice,validation_loss,validation_iou\n1,0.5,{seed},,\n2,0.25,0,9,9\n")
    assert read_losses(paths) == {0.1: [[0.5, 0.25], [1.5, 0.25]], 1.0: [[0.5, 0.25]]}


def test_the_arm_of_a_file_stands_before_its_label_fraction():
    assert arm_of("results/watershed/v/mixed/fraction-0.1/seed-0/segmentation.h5") == "mixed"
