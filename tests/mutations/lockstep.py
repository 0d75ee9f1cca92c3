"""Random networks on the chip and on the reference until the first difference, in a process of its own.

Run `python -m tests.mutations.lockstep NETWORKS CHECK`, where CHECK is one of LOCKSTEPS. It ends with code 0 where none
differs; with DIFFERS where one does, and then prints how many ran and what differed.
"""

import sys

from ganglion.model.lockstep import lockstep
from ganglion.model.random_network import random_network
from ganglion.model.spec.errors import ChipError, MismatchError
from ganglion.model.spec.reference import Reference
from ganglion.sim.native import NativeDriver
from ganglion.sim.rtl import Rtl
from ganglion.sim.verify import random_stalls
from tests.mutations.change import LOCKSTEPS

DIFFERS = 10
"""Exit code."""


def main(networks: int, check: str) -> int:
    params = LOCKSTEPS[check]
    bench = NativeDriver(params, quick=True)
    for seed in range(networks):
        network = random_network(params, seed)
        try:
            rtl = Rtl(network.image, bench, stalls=random_stalls(seed))
            between = {step: meddling.apply for step, meddling in network.meddling.items()}
            lockstep(network.program, network.events, rtl, Reference(network.program), between=between)
        except (ChipError, MismatchError) as error:
            print(f"{seed + 1}\n{str(error).splitlines()[0]}")
            return DIFFERS
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2]))
