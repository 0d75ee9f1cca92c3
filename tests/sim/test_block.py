"""The C++ around a block: what is changed in it, and that nothing is where it is not what is known.

That a chip of such blocks is right is seen wherever several cores run in lockstep.
"""

from ganglion.sim.block import PREVIOUS, evaluation_header, quiet_wrapper

WRAPPER = """#include "Vcore.h"
#include "verilated_dpi.h"
class Vcore_container: public Vcore {
  public:
    long long m_seqnum;
};
long long core_protectlib_combo_update(void* vhandlep__V) {
    handlep__V->eval();
}
long long core_protectlib_seq_update(void* vhandlep__V) {
    handlep__V->clk = (clk);
    handlep__V->eval();
}
"""


def test_a_block_is_evaluated_for_new_inputs_and_where_the_clock_rises() -> None:
    quiet = quiet_wrapper(WRAPPER, "core", f"CData {PREVIOUS};")
    assert quiet is not None and "handlep__V->eval" not in quiet
    assert quiet.index("combo_update") < quiet.index("handlep__V->settle()") < quiet.index("seq_update")
    assert quiet.index("seq_update") < quiet.index("handlep__V->tick()")
    assert '#include "Vcore___024root.h"' in quiet and f"rootp->{PREVIOUS} = 0" in quiet


def test_a_wrapper_of_another_kind_stays() -> None:
    root = f"CData {PREVIOUS};"
    assert quiet_wrapper(WRAPPER, "cluster_1", root) is None
    assert quiet_wrapper(WRAPPER, "core", "CData clk;") is None
    assert quiet_wrapper(WRAPPER.replace("m_seqnum", "sequence"), "core", root) is None
    assert quiet_wrapper(WRAPPER + "handlep__V->eval();", "core", root) is None
    assert "QUIET_FALL = false" in evaluation_header(False) and PREVIOUS not in evaluation_header(False)
