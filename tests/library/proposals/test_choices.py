import pytest

from synthem.proposals.choices import structure_in


@pytest.mark.parametrize(
    ("source", "structure"),
    [
        ("data/mito_labels.tif", "mitochondria"),
        ("data/nuclei", "nuclei"),
        ("data/membranes/*.png", "membranes"),
        ("data/mito/slice_*.tif", "mitochondria"),
        ("volume.h5:labels/synapses", "synapses"),
        ("/home/neurons/data/mask.tif", None),  # folders around a file say nothing of it
        ("/data/membranes/er.tif", None),
        ("mask.tif", None),
    ],
)
def test_the_name_of_a_file_or_dataset_says_what_it_marks(source, structure):
    assert structure_in(source) == structure


def test_the_name_inside_a_file_says_it_after_a_slash_too(tmp_path):
    (tmp_path / "mito.h5").touch()
    assert structure_in(f"{tmp_path}/mito.h5/labels/synapses") == "synapses"
    assert structure_in(f"{tmp_path}/mito.h5/labels/1") == "mitochondria"
