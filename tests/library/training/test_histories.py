import pytest

from synthem.errors import SynthemError
from synthem.training.histories import losses_of_arms, name_of, read_histories, read_losses


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("results/unets/v/real/budget-3/replicate-1/seed-1/history.csv", "U-Net real, 3 labelled slices"),
        # volumes with the names of other steps
        ("results/gans/unets/base/budget-3/replicate-1/history.csv", "GAN, 3 labelled slices"),
        ("results/membranes/gans/base/history.csv", "membranes of gans"),
        ("results/gans/v/base/budget-all/replicate-1/history.csv", "GAN, all labelled slices"),
        ("results/gans/v/oasis/budget-1/replicate-1/history.csv", "GAN oasis, 1 labelled slice"),
        ("results/gans/v/lr-0.0001/budget-1/replicate-1/history.csv", "GAN lr-0.0001, 1 labelled slice"),
        ("results/membranes/larva/noise-0.5/history.csv", "membranes of larva noise-0.5"),
        ("results/stylegan/v/history.csv", "StyleGAN, no labels"),
        ("results/membranes/larva/base/history.csv", "membranes of larva"),
        ("results/membranes/larva/large/history.csv", "membranes of larva large"),
        ("results/pretraining/v/base/history.csv", "pre-training on v, no labels"),
    ],
)
def test_a_history_has_a_name_for_people(path, name):
    assert name_of(path) == name


def test_replicates_and_seeds_share_a_name_and_keep_their_numbers(tmp_path):
    numbers = ((1, 1), (1, 2), (2, 1))
    paths = [tmp_path / f"unets/v/real/budget-all/replicate-{r}/seed-{s}/history.csv" for r, s in numbers]
    for path in paths:
        path.parent.mkdir(parents=True)
        path.write_text("step,bce\n1,0.5\n")
    ((name, rows),) = read_histories(paths).items()
    assert name == "U-Net real, all labelled slices" and [row["run"] for row in rows] == list(numbers)


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
    path = tmp_path / "gans/v/base/budget-all/replicate-1/history.csv"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(SynthemError) as caught:
        read_histories([path])
    assert caught.value.code == "FILE_READ" and found in caught.value.found


def test_losses_are_the_sum_of_their_parts_by_budget_and_no_validation(tmp_path):
    paths = []
    for budget, number in ((3, 1), (3, 2), ("all", 1)):
        paths.append(tmp_path / f"unets/v/real/budget-{budget}/replicate-{number}/seed-1/history.csv")
        paths[-1].parent.mkdir(parents=True)
        paths[-1].write_text(
            f"step,bce,dice,validation_loss,validation_iou\n1,0.5,{number - 1},,\n2,0.25,0,9,9\n"
        )
    assert read_losses(paths) == {"3": [[0.5, 0.25], [1.5, 0.25]], "all": [[0.5, 0.25]]}


def test_arms_that_share_networks_have_the_same_losses(tmp_path):
    paths = [tmp_path / f"unets/v/{arm}/budget-3/replicate-1/seed-1/history.csv" for arm in ("real", "mixed")]
    for path, loss in zip(paths, (0.5, 0.25), strict=True):
        path.parent.mkdir(parents=True)
        path.write_text(f"step,bce\n1,{loss}\n")
    networks = {"real": "real", "cut": "real", "mixed": "mixed", "rejected": "rejected"}
    assert losses_of_arms(paths, networks) == {
        **{"real": {"3": [[0.5]]}, "cut": {"3": [[0.5]]}, "mixed": {"3": [[0.25]]}, "rejected": {}},
    }


def test_the_loss_of_an_adversary_is_no_loss_of_the_segmentation(tmp_path):
    path = tmp_path / "unets/v/real/budget-3/replicate-1/seed-1/history.csv"
    path.parent.mkdir(parents=True)
    path.write_text("step,bce,dice,adversary,adversarial\n1,0.5,0.25,9,1\n2,0.25,0.25,3,2\n")
    assert read_losses([path]) == {"3": [[0.75, 0.5]]}
