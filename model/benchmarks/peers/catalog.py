"""Which simulators the emulator is compared with."""

from ganglion.model.benchmarks.peers.peer import Peer, adapter

PEERS = (
    Peer(
        name="Brian2, C++ standalone",
        prepare=adapter("brian2", "prepare_standalone"),
        module="brian2",
        package="brian2",
        install="pip install brian2 'numpy<2.4', and a C++ compiler",
        learns=True,
    ),
    Peer(
        name="Brian2, Cython",
        prepare=adapter("brian2"),
        module="brian2",
        package="brian2",
        install="pip install brian2 'numpy<2.4', and a C++ compiler",
        learns=True,
    ),
    Peer(
        name="NEST",
        prepare=adapter("nest"),
        module="nest",
        package="nest-simulator",
        install="pip install nest-simulator",
    ),
    Peer(
        name="snnTorch",
        prepare=adapter("snntorch"),
        module="snntorch",
        package="snntorch",
        install="pip install snntorch",
    ),
    Peer(
        name="SpikingJelly",
        prepare=adapter("spikingjelly"),
        module="spikingjelly",
        package="spikingjelly",
        install="pip install spikingjelly",
    ),
    Peer(
        name="Norse",
        prepare=adapter("norse"),
        module="norse",
        package="norse",
        install="pip install --no-build-isolation norse",
    ),
    Peer(
        name="nengo-loihi",
        prepare=adapter("nengo_loihi"),
        module="nengo_loihi",
        package="nengo-loihi",
        install="pip install nengo-loihi",
    ),
)
"""All that there is an adapter for."""

WITHOUT_ADAPTER = {
    "GeNN": "pygenn is not on PyPI; it is built from the sources at https://github.com/genn-team/genn",
    "xylosim": "pip install xylosim brings the simulator of Xylo, which has not been tried",
}
"""Others, which are named where the absent ones are: why, by name."""
