"""Kinds of `gans.objective` -> where their training steps are written.

As with networks (`networks.registry`), the class is imported when it is chosen, and the rules add its file to
the hash of their code: an edit of one objective retrains the generators of that objective alone.
"""

OBJECTIVES = {
    "real_or_fake": "synthem.gans.pix2pix.Pix2Pix",
    "classes": "synthem.gans.oasis.Oasis",
}
