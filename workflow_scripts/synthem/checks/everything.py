"""Every data problem of a run, found before any training."""

from contextlib import ExitStack, suppress
from dataclasses import dataclass, field

import numpy as np

from synthem.checks.across_volumes import compare_volumes
from synthem.checks.contrast import compare_contrast
from synthem.checks.findings import Finding, in_nm, naming
from synthem.checks.images import look_at_image, note_size, note_storage
from synthem.checks.masks import look_at_labels, look_at_mask, warn_of_eight_bits
from synthem.checks.meshes import refuse_large_meshes
from synthem.checks.objects import ObjectsInLabels, ObjectsInMask
from synthem.checks.pairing import compare_names, refuse_copy
from synthem.checks.shared_objects import SharedInLabels, SharedInMask
from synthem.checks.sizes import check_sizes
from synthem.checks.stacks import compare_stacks, compare_with_shared
from synthem.checks.structure import blocks_in_words, check_structure, test_blocks
from synthem.checks.turning import warn_of_turns
from synthem.errors import SynthemError
from synthem.ingest.grey import Survey, grey_of
from synthem.ingest.ingesting import resizing_in
from synthem.ingest.pieces import Placement, blocks_of, pieces_of, placement_in, refuse_beyond, voxel_size_of
from synthem.intensity import refuse_to_package
from synthem.sources.opening import open_mask, open_stack
from synthem.storage.splits import WHOLE, slice_numbers


@dataclass
class Checked:
    """One volume with all that was found in its sources."""

    findings: dict  # (block, part) -> Finding, in the order of the table
    voxel_size_nm: tuple = ()
    resizing: object = None  # what `resize` makes of its slices
    grey: object = None
    blocks: dict = field(default_factory=dict)
    images: dict = field(default_factory=dict)  # block -> SeenImage
    masks: dict = field(default_factory=dict)  # (block, part) -> (SeenMask, its Placement in the image)
    split: dict = field(default_factory=dict)  # of the config, for this volume
    folds: dict = field(default_factory=dict)  # fold -> its test block
    group: str = ""  # "masks" or "labels": where objects of the structure are counted
    objects: object = None  # what counts those of each block
    shared: object = None  # what finds those of train and test block; None where these are places apart
    left_with: object = None  # a gap in nm -> how many slices it leaves to train on

    @property
    def pixel_nm(self):
        """Sizes (y, x) of a pixel that networks will see; () where nobody knows."""
        resized = self.resizing and self.voxel_size_nm
        return self.resizing.voxel_size_nm(self.voxel_size_nm)[1:] if resized else self.voxel_size_nm[1:]


def check_volumes(
    volumes,
    *,
    splits,
    structure,
    targets,
    folds,
    draws,
    patch_slices,
    networks,
    cutting,
    turning,
    endpoint,
    stacks=None,
    learnt="",
    shared=None,
    meshes=(),
):
    """Table rows (what was understood of each source) and the list of SynthemErrors of all volumes.

    The mask `structure` of the volumes `targets` must mark something in every block, and in what each run
    learns from. folds: pairs of targets that may be one stack, tested in turn. draws: the settings of
    `draw_slices`, once for each run; patch_slices: of the patches that they learn from, at most. networks:
    what `_check_for_networks` takes. cutting: what `warn_of_cutting` takes; turning: what `warn_of_turns`
    takes, for each volume that networks see slices of. endpoint: the score of the verdict. stacks: entries
    without labels, for networks that learn on the volume `learnt`, if any, and for `shared` ones, as
    `compare_with_shared` takes them. meshes: as `refuse_large_meshes` takes them.
    """
    checked = {
        name: _look_at_volume(name, volume, splits[name], structure) for name, volume in volumes.items()
    }
    compare_volumes(checked, targets, folds)
    compare_contrast(checked, volumes, targets)
    for name, volume in checked.items():
        settings = {"scored": name in targets, "endpoint": endpoint, "cutting": cutting}
        check_structure(volume, f"masks/{structure}", draws, patch_slices, **settings)
        if name in targets:
            _check_for_networks(name, volume, volumes[name], **networks)
        warn_of_turns(volume.findings["", "image"], volume.pixel_nm, turning.get(name))
    if stacks:
        known = WHOLE, structure, "apply.stacks"
        whole = {name: _look_at_volume(name, stack, *known) for name, stack in stacks.items()}
        if learnt:
            compare_stacks(whole, stacks, checked[learnt], volumes[learnt])
        compare_with_shared(whole, stacks, shared or {})
        checked |= whole
    refuse_large_meshes(checked, meshes)
    findings = [finding for volume in checked.values() for finding in volume.findings.values()]
    return [finding.row() for finding in findings], [one for finding in findings for one in finding.problems]


def _check_for_networks(name, checked, volume, *, packaged_bytes, **sizes):
    """Whether a target is fit for the networks that learn from it.

    packaged_bytes: whether networks that see 8 bits shall become packages. sizes: what `check_sizes` takes.
    """
    finding = checked.findings["", "image"]
    with finding.catching(), naming(name):
        if packaged_bytes and checked.grey:
            refuse_to_package(checked.grey.dtype)
    size = None
    if "" in checked.images:
        size = checked.resizing.size if checked.resizing else checked.images[""].stack.shape[1:3]
    check_sizes(finding, volume, size, **sizes)


def _look_at_volume(name, volume, split, structure, section="volumes"):
    checked = Checked({}, split=split)
    for block, entry in pieces_of(volume).items():
        for part, files in _parts(entry):
            shown = f"{block}/{part}" if block else part
            checked.findings[block, part] = Finding(name, shown, files)
    with ExitStack() as files:
        images = _opened_images(checked, volume, files, section)
        _look_at_images(checked, volume, images)
        depths = {block: image.shape[0] for block, image in images.items()}
        if len(images) == len(pieces_of(volume)):
            with checked.findings["", "image"].catching():
                checked.resizing = resizing_in(volume, list(images.values()))
        if len(images) == len(pieces_of(volume)) and checked.voxel_size_nm:
            with checked.findings["", "image"].catching():
                _split(name, checked, volume, depths)
                _warn_of_labels_unused(checked, volume)
                if "train" in checked.blocks:  # not in a stack without labels
                    checked.findings["", "image"].note(blocks_in_words(checked.blocks, depths[""]))
                    _expect_objects(checked, volume, structure)
        first = 0
        for block, entry in pieces_of(volume).items():
            _look_at_marks(checked, volume, entry, block, images.get(block), structure, first)
            first += depths.get(block, 0)
    return checked


def _expect_objects(checked, volume, structure):
    """Prepare to count objects: of the labels where all pieces have some, else of the mask."""
    pieces = pieces_of(volume).values()
    numbered = all(structure in entry.get("labels", {}) for entry in pieces)
    checked.group = "labels" if numbered else "masks"
    kind, shared = (ObjectsInLabels, SharedInLabels) if numbered else (ObjectsInMask, SharedInMask)
    checked.objects = kind(checked.blocks | checked.folds, linked=not volume["tiles"])
    if "test" in checked.blocks and not volume["test"] and not volume["tiles"]:
        checked.shared = shared(checked.blocks)


def _warn_of_labels_unused(checked, volume):
    """Labels of one stack are worth nothing where another has a mask of that class alone."""
    pieces = pieces_of(volume)
    for block, entry in pieces.items():
        for name in entry.get("labels", {}):
            others = [other for other, stack in pieces.items() if name in stack.get("masks", {})]
            lacking = [other for other in others if name not in pieces[other].get("labels", {})]
            if lacking:
                words = f"not used: `{lacking[0] or 'the main stack'}` has a mask of it and no such numbers"
                checked.findings[block, f"labels/{name}"].warn(words)


def _parts(entry):
    yield "image", entry["image"]
    for group in ("masks", "labels", "withheld"):
        for name, part in entry.get(group, {}).items():
            yield f"{group}/{name}", part["files"]


def _opened_images(checked, volume, files, section):
    """{block: Stack} of the images that can be opened; the size of a voxel with the main one."""
    images = {}
    for block, entry in pieces_of(volume).items():
        finding = checked.findings[block, "image"]
        with finding.catching():
            image = files.enter_context(open_stack(entry["image"], tiles=volume["tiles"], light=True))
            finding.describe(image)
            if image.unwritten:
                finding.warn(f"{image.unwritten} are missing in the store, and read as blank")
            if image.lossy:
                finding.warn(
                    "JPEG, which is not lossless: its blur and blocks of 8 pixels are learnt as tissue; "
                    "use the files that it was made from, if they are there"
                )
            if image.white_is_zero:
                finding.note("white is 0 in the file; turned round, as viewers show it")
            refuse_beyond(image, entry["labelled_slices"])
            images[block] = image
    if "" in images:
        finding = checked.findings["", "image"]
        with finding.catching():
            of_test = volume.get("test_of")  # a test stack without masks: nobody wrote it below apply.stacks
            named = f"volumes.{of_test}" if of_test else f"{section}.{finding.volume}"
            where = f"{named}.voxel_size_nm"
            checked.voxel_size_nm = voxel_size_of(volume, images[""], where)
    return images


def _look_at_images(checked, volume, images):
    survey = Survey(list(images.values()))
    for block, image in images.items():
        finding = checked.findings[block, "image"]
        if checked.voxel_size_nm:
            note_size(finding, image, volume["voxel_size_nm"], checked.voxel_size_nm)
        with finding.catching():
            checked.images[block] = look_at_image(finding, image, survey)
    if images and len(checked.images) == len(images):
        finding = checked.findings[next(iter(images)), "image"]
        with finding.catching():
            checked.grey = grey_of(list(images.values()), survey)
            note_storage(finding, checked.grey, survey, list(images.values()))


def _look_at_marks(checked, volume, entry, block, image, structure, start):
    """Check the masks and labels of one stack; `start`: its first slice in the volume."""
    for group in ("masks", "labels", "withheld"):
        for name, part in entry.get(group, {}).items():
            finding = checked.findings[block, f"{group}/{name}"]
            gaps = bool(entry["labelled_slices"])
            with finding.catching(), open_mask(part["files"], tiles=volume["tiles"], gaps=gaps) as stack:
                finding.describe(stack)
                if stack.unwritten:  # nothing unusual: zarr does not write chunks of zeros
                    finding.note(f"{stack.unwritten} are missing in the store, and read as background")
                if stack.white_is_zero and part.get("foreground") in ("bright", "dark"):
                    finding.warn(
                        "white is 0 in the file: viewers show it turned round; here high numbers are bright"
                    )
                placement = _placed(finding, image, stack, checked.voxel_size_nm, entry["labelled_slices"])
                with finding.catching():
                    if image:
                        compare_names(finding, image, stack, placement, entry["labelled_slices"])
                # A stack of its own is another place, where the same numbers are other objects.
                objects = [checked.objects, None if block else checked.shared]
                counted = objects if (group, name) == (checked.group, structure) else []
                counting = {"start": start, "objects": [one for one in counted if one]}
                if group == "labels":
                    look_at_labels(finding, stack, part, placement, **counting)
                else:
                    seen = look_at_mask(finding, stack, part, placement, main=not block, **counting)
                    instances = entry.get("labels", {}).get(structure)
                    warn_of_eight_bits(finding, stack, part, placement, instances)
                    others = {one: mask for (of, one), (mask, _) in checked.masks.items() if of == block}
                    refuse_copy(finding, seen, checked.images.get(block), others)
                    checked.masks[block, f"{group}/{name}"] = seen, placement
                if stack.coloured:
                    finding.note("all colours alike, read as grey")


def _placed(finding, image, stack, voxel_size_nm, labelled):
    """Where a mask lies in its image; without a readable image it is looked at alone."""
    if image is None:
        return Placement(np.arange(stack.shape[0]))
    placement = placement_in(image, stack, voxel_size_nm or (1, 1, 1), labelled)
    if labelled:
        finding.note(f"for {len(labelled)} of {image.shape[0]} slices; the others are unknown")
    elif stack.shape != image.shape[:3]:
        z = int(np.argmax(placement.slices >= 0))
        origin = [z, placement.y, placement.x]
        finding.note(f"from z, y, x = {origin} of the image on; around it all is unknown")
    elif stack.offset_nm and not np.allclose(stack.offset_nm, image.offset_nm or (0, 0, 0)):
        finding.warn(
            f"by its offset it begins at {in_nm(stack.offset_nm)} nm; it is taken to lie on the image"
        )
    return placement


def _split(name, checked, volume, depths):
    """Find the blocks of a volume, the test blocks of other folds, and what another gap would leave."""

    def cut_with(gap_nm):
        return blocks_of(volume, depths, checked.split | {"gap_nm": gap_nm}, checked.voxel_size_nm)

    def left_with(gap_nm):
        with suppress(SynthemError):
            return len(slice_numbers(cut_with(gap_nm)["train"]))
        return 0

    with naming(name):
        checked.blocks = cut_with(checked.split["gap_nm"])
    checked.left_with = left_with
    checked.folds = test_blocks(volume, depths, checked.split, checked.voxel_size_nm)
