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
