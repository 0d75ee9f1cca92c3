// The view in which a drawn digit is read, live.

import { readData } from "../chip/kernels.js";
import { Session } from "../chip/session.js";
import { $, copies, eachFrame, make, say, whenQuiet } from "../view/dom.js";
import * as link from "../view/link.js";
import * as numbers from "../view/numbers.js";
import { curves, raster } from "../view/plots.js";
import { onTheme } from "../view/theme.js";
import { decide, encode } from "./code.js";
import { changedProgram, pythonOf, stepsOf, trained } from "./network.js";
import { Pad } from "./pad.js";
import { STROKES } from "./strokes.js";

const SLIDERS = [
  ["threshold", "Threshold", 25, 300, 5, (value) => `${value} %`],
  ["leak", "Leak", 0, 8, 1, (value) => (value ? `v / ${2 ** value}` : "none")],
  ["refractory", "Refractory", 0, 7, 1, (value) => `${value}`],
  ["delay", "Delay", 1, 8, 1, (value) => `${value}`],
  ["noise", "Noise", 0, 14, 1, (value) => (value ? `±${2 ** (value - 1)}` : "none")],
  ["seed", "Seed", 0, 999, 1, (value) => `${value}`],
];

const CODES = { mnist: { pixels: 784, brightest: 255 }, digits: { pixels: 64, brightest: 16 } };

const CLASSES = Array.from({ length: 10 }, (_, k) => k);
const WAITING = "…"; // of a hash that is not there yet
const HASHING = 150; // milliseconds of quiet before a hash is computed

/** The state of a link, null where it has none: throws where it is none of this view. */
function checkedState(state) {
  if (!state) return null;
  const { settings, values } = state,
    whole = (value, low, high) => Number.isInteger(value) && value >= low && value <= high;
  const known = CODES[settings?.network];
  const right =
    known &&
    SLIDERS.every(([name, , low, high]) => whole(settings[name], low, high)) &&
    Array.isArray(values) &&
    values.length === known.pixels &&
    values.every((value) => whole(value, 0, known.brightest));
  if (!right) throw new Error("This link holds no drawing that this page can read.");
  return state;
}

export class DigitView {
  constructor(chip, changed) {
    this.chip = chip;
    this.changed = changed;
    this.networks = {};
    this.fixed = null; // the pixels of a link, until something is drawn
    const soon = eachFrame(() => this._run());
    this.update = () => {
      $("digit-hash").textContent = WAITING;
      soon();
    };
    this.settle = whenQuiet(() => this._settled(), HASHING);
  }

  async start(asked) {
    let state = null;
    try {
      state = checkedState(asked);
    } catch (error) {
      say($("page-say"), error.message, true);
    }
    this._controls();
    await this.load(state?.settings?.network ?? "mnist", state?.settings);
    this.pad = new Pad($("pad"), $("pen"), () => {
      this.fixed = null;
      if (this.session) this.update();
    });
    if (state?.values) this._fix(state.values);
    else this.pad.strokes(STROKES[4]);
    onTheme(() => {
      if (!$("digit").hidden) this._draw();
    });
    addEventListener(
      "resize",
      eachFrame(() => {
        if (this.run && !$("digit").hidden) this._draw();
      }),
    );
    this.update();
  }

  /** The settings and pixels of a link. */
  async show(asked) {
    const state = checkedState(asked);
    await this.load(state.settings.network, state.settings);
    this._fix(state.values);
    this.update();
  }

  _fix(values) {
    this.fixed = Array.from(values);
    const { side, brightest } = this.network.code;
    this.pad.picture(
      this.fixed.map((value) => value / brightest),
      side,
    );
  }

  async load(name, settings) {
    this.networks[name] ??= await link.unpacked(await readData(`${name}.json.gz`));
    this.network = this.networks[name];
    this.settings = { ...trained(this.network), ...settings, network: name };
    $("digit-network").value = name;
    this._sliders();
    this._program();
  }

  _controls() {
    $("digit-network").addEventListener("change", async (event) => {
      this.fixed = null;
      await this.load(event.target.value);
      this.update();
    });
    $("digit-clear").addEventListener("click", () => this.pad.clear());
    $("digit-reset").addEventListener("click", () => {
      this.settings = trained(this.network);
      this._sliders();
      this._program();
      this.update();
    });
    $("digit-examples").append(
      ...CLASSES.map((k) =>
        make("button", {
          type: "button",
          text: k,
          "aria-label": `Draw a ${k}`,
          onclick: () => this.pad.strokes(STROKES[k]),
        }),
      ),
    );
    copies($("digit-copy"), () => $("digit-code").textContent);
    copies($("digit-hash-copy"), () => this.hash);
    $("digit-sliders").append(
      ...SLIDERS.map(([name, label, min, max, step]) => {
        const id = `digit-${name}`,
          slider = make("input", { type: "range", id, min, max, step });
        slider.addEventListener("input", () => {
          this.settings[name] = Number(slider.value);
          this._sliders();
          this._program();
          this.update();
        });
        return make(
          "div",
          { class: "field" },
          make("label", { for: id, text: label }),
          slider,
          make("output", { for: id, id: `${id}-value` }),
        );
      }),
    );
  }

  _sliders() {
    for (const [name, , , , , words] of SLIDERS) {
      $(`digit-${name}`).value = this.settings[name];
      $(`digit-${name}-value`).textContent = words(this.settings[name]);
      $(`digit-${name}`).setAttribute("aria-valuetext", words(this.settings[name]));
    }
  }

  _program() {
    this.program = changedProgram(this.network, this.settings);
    const { placement, pJ, outputs } = this.network;
    this.session = new Session(this.chip, this.program, {
      placement,
      pJ,
      hash: false,
      probes: outputs.map((neuron) => ["v", neuron]),
    });
  }

  _image() {
    const { code, shown } = this.network;
    const image = this.fixed ? this.fixed.map((value) => value / code.brightest) : this.pad.image(code.side);
    return encode(image, code, shown, stepsOf(this.network, this.settings));
  }

  _run() {
    const { network, session } = this,
      begin = performance.now();
    this.input = this._image();
    session.reset();
    const steps = session.run(this.input.events);
    const fired = steps.map((step) => step.spikes);
    this.run = { steps, fired, ...decide(network.outputs, fired, network.ties) };
    this.took = performance.now() - begin;
    this._draw();
    this.settle();
  }

  _draw() {
    if (!this.run) return;
    const { network, run } = this,
      { outputs } = network,
      hidden = outputs[0];
    const answer = run.guess < 0 ? "–" : run.guess;
    $("digit-answer").textContent = answer;
    const most = Math.max(1, ...run.counts);
    if (!$("digit-votes").children.length) {
      $("digit-votes").append(
        ...CLASSES.map((k) =>
          make("li", {}, make("b", { text: k }), make("span", { class: "bar" }, make("span")), make("i")),
        ),
      );
    }
    run.counts.forEach((votes, k) => {
      const item = $("digit-votes").children[k];
      item.classList.toggle("won", k === run.guess);
      item.children[1].firstChild.style.width = `${(100 * votes) / most}%`;
      item.children[2].textContent = votes;
    });
    const rows = [
      ...outputs.map((_, k) => ({ name: k, colour: k === run.guess ? "spike" : "excite", always: false })),
      ...Array.from({ length: hidden }, () => ({ colour: "quiet" })),
    ];
    const order = (neuron) => (neuron >= hidden ? neuron - hidden : outputs.length + neuron);
    raster(
      $("digit-raster"),
      rows,
      run.fired.map((spikes) => spikes.map(order)),
      { height: 250 },
    );
    raster(
      $("digit-outputs"),
      rows.slice(0, 10).map((row) => ({ ...row, always: true })),
      run.fired.map((spikes) => spikes.filter((n) => n >= hidden).map((n) => n - hidden)),
      { height: 150 },
    );
    const paint = (k) => (k === run.guess ? "spike" : "quiet"),
      thick = (k) => (k === run.guess ? 2.6 : 1);
    curves(
      $("digit-membranes"),
      outputs.map((_, k) => ({ values: run.steps.map((step) => step.probes[k]), colour: paint(k), thick: thick(k) })),
      { height: 150 },
    );
    let so = outputs.map(() => 0);
    const votes = run.fired.map((spikes) => (so = so.map((sum, k) => sum + spikes.includes(outputs[k]))));
    curves(
      $("digit-time"),
      outputs.map((_, k) => ({ values: votes.map((sums) => sums[k]), colour: paint(k), thick: thick(k) })),
      { height: 150, stepped: true },
    );
    const { totals, energy } = this.session,
      mhz = this.chip.model.clock_mhz;
    numbers.showFigures($("digit-figures"), {
      Spikes: numbers.count(totals.spikes),
      SynOps: numbers.count(totals.synops),
      "Predicted cycles": numbers.count(totals.cycles),
      [`Latency, ${mhz} MHz`]: numbers.time(totals.cycles, mhz),
      "Energy, about": numbers.energy(energy),
      "This browser": [this.took.toFixed(1), "ms"],
    });
  }

  /** What takes longer than a frame: the hash, the code, and the address. */
  async _settled() {
    const { network, chip, program, run } = this;
    const session = new Session(chip, program, { placement: network.placement, pJ: network.pJ });
    session.run(this.input.events);
    this.hash = session.hash;
    $("digit-code").textContent = pythonOf(network, this.settings, this.input.values);
    const words =
      run.guess < 0 ? "No output neuron fired." : `Read as ${run.guess}, with ${run.counts[run.guess]} spikes.`;
    say($("digit-say"), this.pad.empty ? "Draw a digit." : words);
    await this.changed("digit", { settings: this.settings, values: this.input.values });
    if (run === this.run) $("digit-hash").textContent = session.hash;
  }

  /** Images that a second has room for, measured over so many milliseconds. */
  rate(milliseconds) {
    const begin = performance.now();
    let images = 0;
    for (; performance.now() - begin < milliseconds; images++) {
      this.input = this._image();
      this.session.reset();
      const fired = this.session.run(this.input.events).map((step) => step.spikes);
      decide(this.network.outputs, fired, this.network.ties);
    }
    return (1000 * images) / (performance.now() - begin);
  }
}
