"""Images as packets, as files, and as refusals."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganglion.model.compiler import Image, compile_program, load_image, save_image, unpack
from ganglion.model.spec.errors import CapacityError, FormatError, PlacementError, ProgramError
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.packets import ACCESS, Kind
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.program import ARRAYS, Program

TINY = PRESETS["tiny"].replace(name="tiny", axons=6, synapse_words=32, fanout_entries=24)


def network(params: Params = TINY, seed: int = 5, **changes: Any) -> Program:
    """Three inputs, five neurons, twelve random synapses."""
    rng = np.random.default_rng(seed)
    arguments: dict[str, Any] = {
        "params": params,
        "types": (NeuronType.leaky(2), NeuronType.current_based((1, 3), (3, 2), reset="subtract")),
        "threshold": rng.integers(-5, 20, size=5),
        "type": rng.integers(2, size=5),
        "inputs": 3,
        "pre": rng.integers(6, size=12),
        "post": 3 + rng.integers(5, size=12),
        "weight": rng.integers(-8, 8, size=12),
        "delay": rng.integers(1, 4, size=12),
        "outputs": [1, 4],
        "seed": 99,
        "names": {"hidden": (0, 3), "out": (3, 2)},
    }
    return Program.build(**(arguments | changes))


def test_packets_write_every_chunk_of_every_row_in_order() -> None:
    image = compile_program(network())
    words = iter(image.packets().tolist())
    for memory, content in image.cores[0].memories.items():
        assert content.chunks.shape[1] == memories(TINY)[memory].layout.chunks
        for row, chunks in enumerate(content.chunks.tolist(), content.first):
            for chunk, data in enumerate(chunks):
                assert next(words) == ACCESS.pack(kind=Kind.WRITE, memory=memory, row=row, chunk=chunk, data=data)
    assert next(words, None) is None


def test_clear_is_the_last_thing_written() -> None:
    image = compile_program(network())
    last = ACCESS.unpack(int(image.packets()[-1]))
    assert list(image.cores[0].memories)[-1] == Memory.REGISTERS
    assert (last["memory"], last["row"]) == (Memory.REGISTERS, 3)


def same(a: Image, b: Image) -> None:
    """Every array and every value of two images."""
    assert a.params == b.params
    assert repr(a) == repr(b)
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(a.program, name), getattr(b.program, name))
    for name in ("types", "inputs", "seed", "names"):
        assert getattr(a.program, name) == getattr(b.program, name)
    for name in ("neurons", "inputs", "synapses"):
        for field, values in vars(getattr(a, name)).items():
            np.testing.assert_array_equal(values, getattr(getattr(b, name), field))
    assert a.usage == b.usage
    np.testing.assert_array_equal(a.packets(), b.packets())


def test_a_saved_image_is_loaded_whole(tmp_path: Path) -> None:
    image = compile_program(network(), placement=[7, 0, 3, 2, 5])
    save_image(image, tmp_path / "net.npz")
    loaded = load_image(tmp_path / "net.npz", TINY)
    same(image, loaded)
    np.testing.assert_array_equal(unpack(image), unpack(loaded))
    assert [p.name for p in tmp_path.iterdir()] == ["net.npz"]


def test_saving_replaces_or_leaves_the_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "net.npz"
    save_image(compile_program(network(seed=1)), path)
    save_image(compile_program(network(seed=2)), path)
    before = path.read_bytes()

    def fails(file: Any, **arrays: Any) -> None:
        file.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez_compressed", fails)
    with pytest.raises(OSError, match="disk full"):
        save_image(compile_program(network(seed=3)), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["net.npz"]


@pytest.mark.parametrize("part", [0, 0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_short_is_refused(tmp_path: Path, part: float) -> None:
    path = tmp_path / "net.npz"
    save_image(compile_program(network()), path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    with pytest.raises(FormatError, match=r"net\.npz is not a whole Ganglion image"):
        load_image(path)


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="there is no such file"):
        load_image(tmp_path / "none.npz")
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    np.save(tmp_path / "array.npy", np.zeros(3))
    (tmp_path / "text.npz").write_text("not an image")
    for name in ("other.npz", "array.npy", "text.npz"):
        with pytest.raises(FormatError, match=f"{name} is not a whole Ganglion image"):
            load_image(tmp_path / name)


def rewrite(path: Path, changes: dict[str, Any]) -> None:
    """Change values of an image file's header, and arrays: leave one out (None), take another, set all to a value."""
    with np.load(path) as file:
        arrays = dict(file)
    header = json.loads(str(arrays.pop("header")))
    for name, value in changes.items():
        if value is None:
            del arrays[name]
        elif name in arrays:
            arrays[name] = value if isinstance(value, np.ndarray) else np.full(arrays[name].shape, value)
        else:
            header[name] = value
    np.savez(path, header=np.array(json.dumps(header)), **arrays)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": 2}, "is a Ganglion image of version 2; this Ganglion reads version 3: compile the network again"),
        ({"memories": 0}, "is an image of memories of version 0; this Ganglion reads version 4: compile"),
        ({"format": "something"}, "is not a whole Ganglion image"),
        ({"program/weight": None}, "damaged Ganglion image: .*program/weight"),
        ({"core0/AXONS": None}, "damaged Ganglion image: .*core0/AXONS"),
        ({"core0/AXONS": np.zeros((9, 9), int)}, r"image: 'core0/AXONS' is \(9, 9\) from row 0 on, which"),
        ({"core0/NEURONS": 1 << 16}, "image: 'core0/NEURONS' must be 0 to 65535"),
        ({"neurons/row": 8}, "damaged Ganglion image: 'neurons/row' must be 5 numbers from 0 to 7"),
        ({"synapses/core": -1}, "damaged Ganglion image: 'synapses/core' must be 12 numbers from 0 to 0"),
        ({"inputs/start": 1}, "damaged Ganglion image: 'inputs/start' must rise from 0 to 3"),
        ({"inputs/route": np.zeros(2, int)}, "damaged Ganglion image: 'inputs/route' must be 3 numbers from 0"),
        ({"inputs": 2}, "damaged Ganglion image: 'program/indptr' must rise from 0 to 12"),
        ({"params": {}}, "damaged Ganglion image: 'params' in its header: these parameters are of another version"),
        ({"cores": []}, "damaged Ganglion image: it has 0 cores; its parameters say 1"),
        ({"cores": [{"first": {"RAM": 0}, "usage": {}}]}, "damaged Ganglion image: 'cores' in its header: 'RAM'"),
    ],
)
def test_images_of_other_versions_and_damaged_ones_are_refused(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    path = tmp_path / "net.npz"
    save_image(compile_program(network(pre=np.full(12, 7))), path)
    rewrite(path, changes)
    with pytest.raises(FormatError, match=message):
        load_image(path)


def test_an_image_for_another_chip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "net.npz"
    save_image(compile_program(network()), path)
    message = r"for another chip \(tiny, not big\); field: image, chip: axons: 6, 8; synapse_words: 32, 64"
    with pytest.raises(FormatError, match=message):
        load_image(path, TINY.replace(name="big", axons=8, synapse_words=64))


def test_all_that_is_short_is_said_at_once() -> None:
    program = Program.build(
        params=TINY,
        types=(NeuronType(),) * 5,
        threshold=np.zeros(9, dtype=np.int64),
        inputs=7,
        pre=np.repeat(np.arange(7), 10),
        post=7 + np.zeros(70, dtype=np.int64),
        weight=1,
    )
    with pytest.raises(CapacityError) as caught:
        compile_program(program)
    assert str(caught.value).splitlines() == [
        "the network does not fit a core of the chip (tiny):",
        "                    needed   available",
        "neurons                  9           8",
        "neuron types             5           4",
        "axon rows                7           6",
        "synapse words           70          32",
        "there is room in: one core with neurons=16, axons=8, synapse_words=128, types=8",
    ]


def test_fanout_entries_run_out() -> None:
    every = np.arange(8)
    params = TINY.replace(fanout_entries=10, axons=8)
    arguments = {"threshold": every, "type": 0, "inputs": 0, "pre": every, "post": every, "weight": 1, "delay": 1}
    compile_program(network(params, **arguments, outputs=[0, 1], names=None))
    with pytest.raises(CapacityError, match=r"fan-out entries +11 +10"):
        compile_program(network(params, **arguments, outputs=[0, 1, 2], names=None))


def test_a_chip_of_another_arithmetic_is_refused() -> None:
    with pytest.raises(ProgramError, match=r"program, chip: delay_slots: 4, 8; membrane_bits: 8, 9"):
        compile_program(network(), TINY.replace(membrane_bits=9, delay_slots=8))
    with pytest.raises(ProgramError, match=r"shifts up to 2"):
        compile_program(network(), TINY.replace(decay_bits=2))


def test_a_chip_of_other_sizes_takes_the_same_network() -> None:
    image = compile_program(network(), TINY.replace(name="big", neurons=32, lanes=4, axons=40, fanout_entries=64))
    assert image.params.name == image.program.params.name == "big"
    np.testing.assert_array_equal(unpack(image), unpack(compile_program(network())))


@pytest.mark.parametrize(
    ("placement", "message"),
    [
        (
            [0, 1, 2, 3],
            r"row, or core and row, of each neuron, integers of shape \(5, 2\) or \(5,\), not int64 of \(4,\)",
        ),
        ([0.0, 1.0, 2.0, 3.0, 4.0], r"integers of shape \(5, 2\) or \(5,\), not float64 of \(5,\)"),
        ([0, 1, 2, 3, 8], "placement puts neuron out\\[1\\] in row 8; a core has rows 0 to 7"),
        ([0, 1, -1, 3, 4], "placement puts neuron hidden\\[2\\] in row -1; a core has rows 0 to 7"),
        ([0, 5, 2, 5, 4], r"placement puts 2 neurons in core 0, row 5: hidden\[1\], out\[0\]"),
    ],
)
def test_placements_that_cannot_be(placement: list[int], message: str) -> None:
    with pytest.raises(PlacementError, match=message):
        compile_program(network(), placement=placement)


def test_encodings_that_there_are_not() -> None:
    with pytest.raises(PlacementError, match="must be one of auto, fast, sparse, dense, random, not 'packed'"):
        compile_program(network(), encoding="packed")  # type: ignore[arg-type]
    with pytest.raises(PlacementError, match='encoding "random" needs rng'):
        compile_program(network(), encoding="random")
