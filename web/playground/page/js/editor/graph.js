// The drawing of a network: SVG in which nodes and synapses can be taken with a pointer or reached with the keyboard.

import { draw } from "../view/dom.js";
import { HEIGHT, nameOf, nodeOf, WIDTH } from "./net.js";

const RADIUS = 22;
const LABELLED = 40; // synapses, beyond which labels would cover the drawing
const STEP = 10; // of an arrow key

export class Graph {
  /** @param on { select, moved, connect, add, remove }: what the drawing tells */
  constructor(svg, on) {
    this.svg = svg;
    this.on = on;
    this.connecting = null;
    svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    svg.append(
      draw("defs", {}, marker("excite"), marker("inhibit")),
      (this.wires = draw("g")),
      (this.sparks = draw("g", { class: "sparks" })),
      (this.nodes = draw("g")),
    );
    svg.addEventListener("pointerdown", (event) => {
      if (event.target === svg) on.select(null);
    });
    svg.addEventListener("dblclick", (event) => {
      if (event.target === svg) on.add(...this.at(event));
    });
    svg.addEventListener("pointermove", (event) => this._drag(event));
    svg.addEventListener("pointerup", (event) => this._drop(event));
  }

  /** Where in the drawing an event is. */
  at(event) {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
    return [clamp(point.x, WIDTH), clamp(point.y, HEIGHT)];
  }

  /** Draws a net; `selected` is { source } or { synapse }, or null. */
  show(net, selected) {
    this.net = net;
    const focus = document.activeElement?.dataset?.key,
      pairs = new Map();
    this.paths = net.synapses.map((synapse, k) => {
      const key = `${synapse[0]}-${synapse[1]}`,
        twin = pairs.get(key) ?? 0;
      pairs.set(key, twin + 1);
      return this._synapse(synapse, k, twin, selected?.synapse === k);
    });
    this.wires.replaceChildren(...this.paths.map(({ group }) => group));
    this.circles = [];
    const sources = net.inputs.length + net.neurons.length;
    this.nodes.replaceChildren(...Array.from({ length: sources }, (_, k) => this._node(k, selected?.source === k)));
    this.svg.classList.toggle("connecting", this.connecting !== null);
    if (focus) this.svg.querySelector(`[data-key="${focus}"]`)?.focus();
  }

  _node(source, selected) {
    const { net } = this,
      node = nodeOf(net, source),
      input = source < net.inputs.length,
      name = nameOf(net, source);
    const shape = input
      ? draw("path", { class: "body", d: "M -20 -18 H 8 L 24 0 L 8 18 H -20 Z" })
      : draw("circle", { class: "body", r: RADIUS });
    const level = draw("circle", { class: "level", r: RADIUS - 5, pathLength: 100, "stroke-dasharray": "0 100" });
    const from = this.connecting === source;
    const group = draw(
      "g",
      {
        class: `node ${input ? "input" : "neuron"}${selected ? " selected" : ""}${from ? " from" : ""}`,
        transform: `translate(${node.x} ${node.y})`,
        tabindex: 0,
        role: "button",
        "data-key": `s${source}`,
        "aria-pressed": String(selected),
        "aria-label": `${input ? "input" : "neuron"} ${name}`,
      },
      shape,
      ...(input ? [] : [level]),
      draw("text", { class: "inside", text: input ? "▸" : "" }),
      draw("text", { class: "name", y: 38, text: name }),
    );
    group.addEventListener("pointerdown", (event) => this._grab(event, source));
    group.addEventListener("keydown", (event) => this._key(event, source));
    this.circles[source] = { group, level };
    return group;
  }

  _synapse([pre, post, weight, delay], k, twin, selected) {
    const { net } = this,
      from = nodeOf(net, pre),
      to = net.neurons[post],
      kind = weight < 0 ? "inhibit" : "excite";
    const [d, lx, ly] = pre - net.inputs.length === post ? loop(to, twin) : curve(from, to, twin);
    const path = draw("path", {
      class: "wire",
      d,
      "marker-end": `url(#end-${kind})`,
      "stroke-width": 1.4 + Math.min(3, Math.abs(weight) / 45),
    });
    const ends = `${nameOf(net, pre)} to ${nameOf(net, net.inputs.length + post)}`;
    const words = `synapse from ${ends}, weight ${weight}, delay ${delay}`;
    const group = draw(
      "g",
      {
        class: `synapse ${kind}${selected ? " selected" : ""}`,
        tabindex: 0,
        role: "button",
        "aria-label": words,
        "aria-pressed": String(selected),
        "data-key": `w${k}`,
      },
      draw("path", { class: "reach", d }),
      path,
    );
    if (net.synapses.length <= LABELLED || selected) {
      const text = `${weight > 0 ? "+" : "−"}${Math.abs(weight)} · ${delay}`;
      group.append(draw("text", { class: "tag", x: lx, y: ly, text }));
    }
    group.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      this.on.select({ synapse: k });
    });
    group.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") this.on.select({ synapse: k });
      else if (event.key === "Delete" || event.key === "Backspace") this.on.remove({ synapse: k });
      else return;
      event.preventDefault();
    });
    return { group, path };
  }

  _grab(event, source) {
    event.stopPropagation();
    if (this.connecting !== null) {
      this.on.connect(this.connecting, source);
      return;
    }
    const [x, y] = this.at(event),
      node = nodeOf(this.net, source);
    this.held = { source, dx: node.x - x, dy: node.y - y, moved: false, from: event.shiftKey };
    this.svg.setPointerCapture(event.pointerId);
    this.on.select({ source });
  }

  _drag(event) {
    if (!this.held || this.held.from) return;
    const [x, y] = this.at(event),
      node = nodeOf(this.net, this.held.source);
    const to = [clamp(x + this.held.dx, WIDTH), clamp(y + this.held.dy, HEIGHT)].map(Math.round);
    if (!this.held.moved && Math.hypot(to[0] - node.x, to[1] - node.y) < 3) return;
    this.held.moved = true;
    [node.x, node.y] = to;
    this.show(this.net, { source: this.held.source });
  }

  _drop(event) {
    const { held } = this;
    this.held = null;
    if (!held) return;
    if (held.from) {
      const [x, y] = this.at(event),
        reach = Array.from(this.circles.keys());
      const to = reach.find((k) => Math.hypot(nodeOf(this.net, k).x - x, nodeOf(this.net, k).y - y) < RADIUS + 6);
      if (to !== undefined) this.on.connect(held.source, to);
    } else if (held.moved) this.on.moved();
  }

  _key(event, source) {
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (arrows) {
      const node = nodeOf(this.net, source);
      node.x = clamp(node.x + arrows[0] * STEP, WIDTH);
      node.y = clamp(node.y + arrows[1] * STEP, HEIGHT);
      this.on.moved();
    } else if (event.key === "Enter" || event.key === " ") {
      if (this.connecting === null) this.on.select({ source });
      else this.on.connect(this.connecting, source);
    } else if (event.key === "c") this.on.connectFrom(source);
    else if (event.key === "Delete" || event.key === "Backspace") this.on.remove({ source });
    else return;
    event.preventDefault();
  }

  /**
   * Shows a moment of a run.
   *
   * @param levels of each neuron its membrane as a share of its threshold
   * @param firing sources that fire
   * @param travelling [synapse, share of its way] of each spike that is on its way
   */
  moment(levels, firing, travelling) {
    this.circles.forEach(({ group, level }, source) => {
      group.classList.toggle("fires", firing.has(source));
      const share = levels[source - this.net.inputs.length];
      if (share !== undefined) level.setAttribute("stroke-dasharray", `${100 * Math.min(1, Math.max(0, share))} 100`);
    });
    while (this.sparks.children.length < travelling.length) this.sparks.append(draw("circle", { r: 4.5 }));
    Array.from(this.sparks.children).forEach((spark, k) => {
      spark.style.display = k < travelling.length ? "" : "none";
      if (k >= travelling.length) return;
      const [synapse, share] = travelling[k],
        { path, group } = this.paths[synapse];
      const at = path.getPointAtLength(path.getTotalLength() * share);
      spark.setAttribute("cx", at.x);
      spark.setAttribute("cy", at.y);
      spark.setAttribute("class", group.classList.contains("inhibit") ? "inhibit" : "excite");
    });
  }
}

const clamp = (value, most) => Math.min(most - 30, Math.max(30, value));

function marker(kind) {
  const shape = kind === "excite" ? "M 0 0 L 8 4 L 0 8 Z" : "M 5 0 H 8 V 8 H 5 Z";
  return draw(
    "marker",
    {
      id: `end-${kind}`,
      class: kind,
      viewBox: "0 0 8 8",
      refX: 7,
      refY: 4,
      markerWidth: 9,
      markerHeight: 9,
      markerUnits: "userSpaceOnUse",
      orient: "auto",
    },
    draw("path", { d: shape }),
  );
}

/** A synapse between two nodes, bent so that those of both directions are apart; and where its label is. */
function curve(from, to, twin) {
  const dx = to.x - from.x,
    dy = to.y - from.y,
    length = Math.hypot(dx, dy) || 1,
    [ux, uy] = [dx / length, dy / length];
  const bend = Math.min(40, 14 + length * 0.06) + 26 * twin;
  const [mx, my] = [(from.x + to.x) / 2 + uy * bend, (from.y + to.y) / 2 - ux * bend];
  const edge = (node) => {
    const ex = mx - node.x,
      ey = my - node.y,
      far = Math.hypot(ex, ey) || 1;
    return [node.x + (ex / far) * (RADIUS + 5), node.y + (ey / far) * (RADIUS + 5)];
  };
  const [a, b] = [edge(from), edge(to)];
  const label = [a, b].reduce(([x, y], end) => [x + end[0] / 4, y + end[1] / 4], [mx / 2, my / 2]);
  return [
    `M ${a[0]} ${a[1]} Q ${mx} ${my} ${b[0]} ${b[1]}`,
    label[0] + uy * (11 + 13 * Math.abs(uy)),
    label[1] - ux * 11,
  ];
}

/** A synapse from a neuron to itself. */
function loop({ x, y }, twin) {
  const high = 62 + 22 * twin,
    up = y > 85 ? -1 : 1;
  return [
    `M ${x - 16} ${y + up * 22} C ${x - 42} ${y + up * high} ${x + 42} ${y + up * high} ${x + 16} ${y + up * 24}`,
    x,
    y + up * (high - 6),
  ];
}
