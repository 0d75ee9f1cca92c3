"""One-line changes to the chip that break it, and the checks that see each of them: lists of data, a file a subject."""

from tests.mutations.access import ACCESS_CHANGES
from tests.mutations.core import CORE_CHANGES
from tests.mutations.learning import LEARNING_CHANGES
from tests.mutations.link import LINK_CHANGES
from tests.mutations.parity import PARITY_CHANGES
from tests.mutations.tree import TREE_CHANGES

CHANGES = (*CORE_CHANGES, *TREE_CHANGES, *ACCESS_CHANGES, *LINK_CHANGES, *LEARNING_CHANGES, *PARITY_CHANGES)
"""All of them."""
