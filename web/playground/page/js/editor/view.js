// The view in which small networks are built and watched.

import { $, copies, eachFrame, make, say, whenQuiet } from "../view/dom.js";
import * as numbers from "../view/numbers.js";
import { onTheme } from "../view/theme.js";
import { EXAMPLES } from "./examples.js";
import { exchangeFiles } from "./exchange.js";
import { Graph } from "./graph.js";
import { History } from "./history.js";
import { rowsOf } from "./inspector.js";
import { addInput, checkedNet, clone, MOST, nameOf, newInput, newNeuron, removeSource } from "./net.js";
import { Playback } from "./playback.js";
import { pythonOfNet } from "./python.js";
import { NetRun } from "./run.js";
import { drawScopes } from "./scopes.js";

const WAITING = "…"; // of a hash that is not there yet
const FIRST = "Winner takes all";

export class EditorView {
  constructor(chip, changed) {
    this.chip = chip;
    this.changed = changed;
    this.selected = null;
    const soon = eachFrame(() => this._run());
    this.refresh = () => {
      $("net-hash").textContent = WAITING;
      soon();
    };
    this.plot = eachFrame(() => this._plot());
    this.settle = whenQuiet(() => this._settled(), 200);
  }

  start(state) {
    this.graph = new Graph($("graph"), {
      select: (selected) => this.select(selected),
      moved: () => this.commit("moved"),
      add: (x, y) => this.add("neuron", x, y),
      connect: (from, to) => this.connect(from, to),
      connectFrom: (source) => this.connectFrom(source),
      remove: (selected) => this.remove(selected),
    });
    this.playback = new Playback((at) => this._moment(at));
    this._buttons();
    exchangeFiles({
      net: () => this.net,
      editor: this.chip.model.editor,
      opened: (net) => this.open(net),
      changed: () => this.commit(),
    });
    onTheme(() => this.plot());
    addEventListener("resize", this.plot);
    try {
      this.open(state ? checkedNet(state) : EXAMPLES[FIRST][0](), state ? "" : FIRST);
    } catch (error) {
      this.open(EXAMPLES[FIRST][0](), FIRST);
      say($("net-say"), error.message, true);
    }
  }

  /** Another network, with a history of its own or as a step of this one's. */
  open(net, example = "") {
    this.net = clone(net);
    this.selected = null;
    this.graph.connecting = null;
    if (this.history) this.history.push(this.net);
    else this.history = new History(this.net);
    $("net-example").value = example;
    $("net-what").textContent = example ? EXAMPLES[example][1] : "";
    this.playback.at = 0;
    this._show();
  }

  /** A link's network. */
  show(state) {
    this.open(checkedNet(state));
  }

  get params() {
    return this.net.params ?? this.chip.model.editor.params;
  }

  /** A change has been made: remember it, and run what is there now. */
  commit(kind = null) {
    say($("net-say"), "");
    this.history.push(this.net, kind);
    this._show();
  }

  select(selected) {
    this.selected = selected;
    this._show(false);
  }

  add(kind, x, y) {
    const count = this.net.inputs.length + this.net.neurons.length;
    if (count >= MOST.nodes) return say($("net-say"), `the editor draws up to ${MOST.nodes} inputs and neurons`, true);
    const place = [x ?? 130 + ((count * 137) % 640), y ?? 80 + ((count * 89) % 300)].map(Math.round);
    if (kind === "input") this.selected = { source: addInput(this.net, newInput(...place)) };
    else this.selected = { source: this.net.inputs.length + this.net.neurons.push(newNeuron(...place)) - 1 };
    this.commit();
    return this.graph.circles[this.selected.source].group.focus();
  }

  connectFrom(source) {
    this.graph.connecting = this.graph.connecting === source ? null : source;
    this._show(false);
    if (this.graph.connecting !== null)
      say($("net-say"), `Synapse from ${nameOf(this.net, source)}: take its target, or Escape.`);
  }

  connect(from, to) {
    this.graph.connecting = null;
    const neuron = to - this.net.inputs.length;
    if (neuron < 0) {
      this._show(false);
      return say($("net-say"), "synapses end in neurons: an input takes none", true);
    }
    this.net.synapses.push([from, neuron, 60, 2]);
    this.selected = { synapse: this.net.synapses.length - 1 };
    return this.commit();
  }

  remove(selected = this.selected) {
    if (!selected) return;
    if (selected.synapse !== undefined) this.net.synapses.splice(selected.synapse, 1);
    else removeSource(this.net, selected.source);
    this.selected = null;
    this.commit();
  }

  _buttons() {
    const undo = (by) => {
      this.net = this.history.go(by);
      this.selected = null;
      this._show();
    };
    const on = (id, work) => $(id).addEventListener("click", work);
    on("net-neuron", () => this.add("neuron"));
    on("net-input", () => this.add("input"));
    on("net-connect", () => this.selected?.source !== undefined && this.connectFrom(this.selected.source));
    on("net-delete", () => this.remove());
    on("net-undo", () => undo(-1));
    on("net-redo", () => undo(1));
    on("net-play", () => {
      this.playback.playing = !this.playback.playing;
      this._play();
    });
    on("net-step", () => {
      this.playback.playing = false;
      this.playback.go(Math.floor(this.playback.at) + 1);
      this._play();
    });
    on("net-back", () => this.playback.go(0));
    on("net-fire", () => {
      const input = this.net.inputs[this.selected?.source];
      if (!input) return say($("net-say"), "select an input to fire it at this step", true);
      input.at = [...new Set([...input.at, Math.floor(this.playback.at)])].sort((a, b) => a - b);
      return this.commit();
    });
    $("net-speed").addEventListener("change", (event) => {
      this.playback.speed = Number(event.target.value);
    });
    $("net-at").addEventListener("input", (event) => {
      this.playback.playing = false;
      this.playback.go(Number(event.target.value));
      this._play();
    });
    $("net-example").append(
      make("option", { value: "", text: "Examples …" }),
      ...Object.keys(EXAMPLES).map((name) => make("option", { value: name, text: name })),
    );
    $("net-example").addEventListener("change", (event) => {
      if (event.target.value) this.open(EXAMPLES[event.target.value][0](), event.target.value);
    });
    copies($("net-copy"), () => $("net-code").textContent);
    copies($("net-hash-copy"), () => this.hash);
    copies($("net-link"), () => location.href);
    $("build").addEventListener("keydown", (event) => {
      const key = event.key.toLowerCase(),
        command = event.ctrlKey || event.metaKey;
      if (command && key === "z") undo(event.shiftKey ? 1 : -1);
      else if (command && key === "y") undo(1);
      else if (event.key === "Escape" && this.graph.connecting !== null) {
        this.graph.connecting = null;
        this._show(false);
      } else return;
      event.preventDefault();
    });
    this._play();
  }

  _show(run = true) {
    this.graph.show(this.net, this.selected);
    this._card();
    $("net-undo").disabled = !this.history.canUndo;
    $("net-redo").disabled = !this.history.canRedo;
    $("net-delete").disabled = !this.selected;
    $("net-connect").disabled = this.selected?.source === undefined;
    $("net-fire").disabled = !(this.selected?.source < this.net.inputs.length);
    if (run) this.refresh();
    else if (this.run) this._moment(this.playback.at);
  }

  _card() {
    const [title, rows] = rowsOf(this.net, this.selected, this.params, (kind) => {
      this.history.push(this.net, kind);
      this.graph.show(this.net, this.selected);
      if (kind === "reset" || kind === "name" || kind === "adaptation_raise") this._redraw(kind);
      $("net-undo").disabled = false;
      this.refresh();
    });
    $("net-card-title").textContent = title;
    $("net-card").replaceChildren(...rows);
  }

  /** The card anew, where a change has brought or taken a row; focus stays. */
  _redraw() {
    const focus = document.activeElement?.id;
    this._card();
    if (focus) $(focus)?.focus();
  }

  _run() {
    try {
      this.run = new NetRun(this.chip, this.net);
    } catch (error) {
      this.run = null;
      $("net-hash").textContent = "–";
      return say($("net-say"), error.message, true);
    }
    const { totals, energy } = this.run.session,
      mhz = this.chip.model.clock_mhz;
    numbers.showFigures($("net-figures"), {
      Spikes: numbers.count(totals.spikes),
      SynOps: numbers.count(totals.synops),
      "Cycles a step": numbers.count(totals.cycles / totals.steps),
      [`Whole run, ${mhz} MHz`]: numbers.time(totals.cycles, mhz),
      "Energy, about": numbers.energy(energy),
    });
    this.playback.steps = this.net.steps;
    this.playback.at = Math.min(this.playback.at, this.net.steps - 1);
    $("net-at").max = this.net.steps - 1;
    $("net-code").textContent = pythonOfNet(this.net, this.chip.model.editor);
    if ($("net-say").classList.contains("bad")) say($("net-say"), "");
    this._moment(this.playback.at);
    return this.settle();
  }

  _moment(at) {
    if (!this.run) return;
    this.graph.moment(...this.run.moment(at));
    const step = Math.floor(at);
    if (step !== this.shown || !this.playback.playing) {
      $("net-at").value = step;
      $("net-now").textContent = step;
      this.shown = step;
    }
    this.plot();
  }

  _plot() {
    if (this.run && !$("build").hidden) drawScopes(this.net, this.run, this.selected, this.playback.at);
  }

  _play() {
    const { playing } = this.playback;
    $("net-play").textContent = playing ? "Pause" : "Play";
  }

  /** What takes longer than a frame: the hash, and the address. */
  async _settled() {
    const { run } = this;
    if (!run) return;
    this.hash = new NetRun(this.chip, this.net, { hash: true }).session.hash;
    await this.changed("build", this.net);
    if (run === this.run) $("net-hash").textContent = this.hash;
  }
}
