"""Decodes an HDF5 file in a process of its own; see `hdf5`.

Sends a dataset under its path, with numbers, or text as Unicode; a ragged one as `PATH//values` and `PATH//lengths`; a
group, empty or not, as `PATH/`; an attribute as `PATH@name`. Where paths are given, these datasets alone, and of others
`PATH//shape`, and `PATH//ragged` where that is what they are.
"""

from collections.abc import Sequence
from typing import Any

import h5py
import numpy as np

from ganglion.model.interchange.send import RefusedError, serve

DEPTH = 32
"""Groups in groups, at most."""

OBJECTS = 1 << 20
"""Groups and datasets of a file, at most."""

ATTRIBUTE = 1 << 12
"""Bytes of an attribute that is looked at."""


class Reader:
    """Reads what it is shown, as long as it is within `most` bytes."""

    def __init__(self, most: int, names: Sequence[str] | None, sample: int | None) -> None:
        self.left, self.most, self.names, self.sample = most, most, names, sample
        self.found: dict[str, Any] = {}
        self.seen: set[int] = set()

    def group(self, group: h5py.Group, path: str, depth: int) -> None:
        """All of a group, and of the groups in it."""
        if depth > DEPTH:
            raise RefusedError(f"{path}: groups in groups, more than {DEPTH} deep")
        self.found[f"{path}/"] = np.zeros(0)
        self.attributes(group, path)
        for name in group:
            link = group.get(name, getlink=True)
            where = f"{path}/{name}"
            if not isinstance(link, h5py.HardLink):
                raise RefusedError(f"{where}: it is a link to elsewhere, which is not followed; write the data itself")
            entry = group[name]
            address = h5py.h5o.get_info(entry.id).addr
            if address in self.seen:
                raise RefusedError(f"{where}: it is there under another name already; write the data once for each")
            self.seen.add(address)
            if len(self.seen) > OBJECTS:
                raise RefusedError(f"more than {OBJECTS} groups and datasets")
            if isinstance(entry, h5py.Group):
                self.group(entry, where, depth + 1)
            elif isinstance(entry, h5py.Dataset):
                self.attributes(entry, where)
                self.dataset(entry, where)

    def attributes(self, of: Any, path: str) -> None:
        """Small attributes that are numbers or text."""
        for name in of.attrs:
            kind = of.attrs.get_id(name)
            if kind.shape is not None and kind.dtype.kind in "iufbSU" and kind.dtype.itemsize <= ATTRIBUTE:
                self.found[f"{path}@{name}"] = np.asarray(of.attrs[name])

    def dataset(self, dataset: h5py.Dataset, path: str) -> None:
        """One dataset, or its shape where it is not asked for."""
        if dataset.shape is None:
            return
        if dataset.is_virtual or dataset.external:
            raise RefusedError(f"{path}: its data is in another file, which is not opened")
        kind, vlen = dataset.dtype, h5py.check_vlen_dtype(dataset.dtype)
        if self.names is not None and path not in self.names:
            self.found[f"{path}//shape"] = np.array(dataset.shape, dtype=np.int64)
            if vlen is not None:
                self.found[f"{path}//ragged"] = np.zeros(0)
            return
        if kind.hasobject and vlen is None and h5py.check_string_dtype(kind) is None:
            raise RefusedError(f"{path}: it must be numbers or text, not {kind}")
        self.take(dataset.size * kind.itemsize, path)
        if vlen is not None and vlen is not str and np.dtype(vlen).kind in "iufb":
            self.ragged(dataset, path)
        elif h5py.check_string_dtype(kind) is not None:
            self.found[path] = np.array(dataset.asstr()[()], dtype=np.str_)
            self.take(self.found[path].nbytes, path)
        else:
            self.found[path] = dataset[()]

    def ragged(self, dataset: h5py.Dataset, path: str) -> None:
        """The rows of a ragged dataset, one behind the other, or the row that was asked for."""
        if dataset.ndim != 1:
            raise RefusedError(f"{path}: rows of rows must be of one dimension, not of {dataset.ndim}")
        if self.sample is not None and not self.sample < len(dataset):
            raise RefusedError(f"{path}: there is no sample {self.sample}; there are {len(dataset)}, from 0 on")
        rows = dataset[()] if self.sample is None else [dataset[self.sample]]
        self.take(sum(row.nbytes for row in rows), path)
        self.found[f"{path}//lengths"] = np.array([row.size for row in rows], dtype=np.int64)
        self.found[f"{path}//values"] = np.concatenate([np.zeros(0, rows[0].dtype), *rows]) if len(rows) else []

    def take(self, needed: int, path: str) -> None:
        """Count memory."""
        self.left -= needed
        if self.left < 0:
            raise RefusedError(f"{path}: it would unpack to more than {self.most} bytes, too many for such a file")


def decode(path: str, most: int, names: Sequence[str] | None = None, sample: int | None = None) -> dict[str, Any]:
    """Everything, or the datasets of some paths, and of ragged ones one sample."""
    reader = Reader(most, names, sample)
    with h5py.File(path, "r") as file:
        reader.seen.add(h5py.h5o.get_info(file.id).addr)
        reader.group(file, "", 0)
    return reader.found


if __name__ == "__main__":
    serve(decode)
