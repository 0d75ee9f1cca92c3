// The pad that digits are drawn on, with a pointer or with the keyboard, and how a drawing becomes an image.

import { colour, onTheme } from "../view/theme.js";

const SIZE = 140; // of the ink, in pixels
const SHARP = 4; // pixels of the pad for each of these, on the finest screens
const PEN = 11;
const STEP = 5; // of a key

export class Pad {
  constructor(canvas, mark, changed) {
    this.canvas = canvas;
    this.mark = mark;
    this.changed = changed;
    canvas.width = canvas.height = SIZE * SHARP;
    this.ink = document.createElement("canvas");
    this.ink.width = this.ink.height = SIZE;
    this.context = this.ink.getContext("2d", { willReadFrequently: true });
    this.screen = canvas.getContext("2d");
    this.small = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    this.cursor = null;
    this.down = false;
    canvas.addEventListener("pointerdown", (event) => this._press(event));
    canvas.addEventListener("pointermove", (event) => this._move(event));
    canvas.addEventListener("keydown", (event) => this._key(event));
    canvas.addEventListener("blur", () => {
      this.cursor = null;
      this.down = false;
      this._pen();
    });
    onTheme(() => {
      if (this.shown) this.shown();
      else this._again();
    });
    this.lines = [];
  }

  clear() {
    this.lines = [];
    this._again();
    this._done();
  }

  /** Draws strokes, lists of points of 0 … 1. */
  strokes(lines) {
    this.lines = lines;
    this._again();
    this._done();
  }

  /** Shows an image of `side` by `side` values of 0 … 1, which no stroke made. */
  picture(values, side) {
    this.lines = [];
    this._again();
    for (const [pen, size] of [
      [this.context, SIZE / side],
      [this.screen, (SIZE * SHARP) / side],
    ]) {
      values.forEach((value, k) => {
        pen.fillStyle = colour("ink");
        pen.globalAlpha = value;
        pen.fillRect((k % side) * size, Math.floor(k / side) * size, size, size);
      });
      pen.globalAlpha = 1;
    }
    this.shown = () => this.picture(values, side);
  }

  get empty() {
    return !this.lines.length && !this.shown;
  }

  /** Draws all strokes anew, on the ink and on the screen. */
  _again() {
    this.shown = null;
    for (const context of [this.context, this.screen]) context.clearRect(0, 0, SIZE * SHARP, SIZE * SHARP);
    for (const line of this.lines) line.forEach((point, k) => this._line(line[Math.max(0, k - 1)], point));
  }

  _line([x0, y0], [x1, y1]) {
    for (const [pen, size] of [
      [this.context, SIZE],
      [this.screen, SIZE * SHARP],
    ]) {
      pen.lineWidth = (PEN * size) / SIZE;
      pen.lineCap = pen.lineJoin = "round";
      pen.strokeStyle = colour("ink");
      pen.beginPath();
      pen.moveTo(x0 * size, y0 * size);
      pen.lineTo(x1 * size + 0.01, y1 * size);
      pen.stroke();
    }
  }

  /** A point of the stroke that is being drawn. */
  _point(to) {
    const line = this.lines.at(-1);
    this._line(line.at(-1) ?? to, to);
    line.push(to);
  }

  /** A stroke begins. */
  _begin(at) {
    if (this.shown) this.clear();
    this.lines = [...this.lines, []];
    this._point(at);
  }

  _at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  _press(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this._begin(this._at(event));
    this._done();
  }

  _move(event) {
    if (!event.buttons || !this.lines.length) return;
    for (const each of event.getCoalescedEvents?.() ?? [event]) this._point(this._at(each));
    this._done();
  }

  /** Arrows move a pen, and draw while the space bar has put it down; Backspace clears. */
  _key(event) {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    this.cursor ??= [0.5, 0.3];
    if (event.key === " ") {
      this.down = !this.down;
      if (this.down) this._begin(this.cursor);
    } else if (event.key === "Backspace" || event.key === "Delete") this.clear();
    else if (moves[event.key]) {
      this.cursor = this.cursor.map((at, k) =>
        Math.min(0.96, Math.max(0.04, at + (moves[event.key][k] * STEP) / SIZE)),
      );
      if (this.down) this._point(this.cursor);
    } else return;
    event.preventDefault();
    this._done();
  }

  _done() {
    this._pen();
    this.changed();
  }

  /** Where the pen of the keyboard is. */
  _pen() {
    const mark = this.mark;
    mark.hidden = !this.cursor;
    if (!this.cursor) return;
    mark.style.left = `${100 * this.cursor[0]}%`;
    mark.style.top = `${100 * this.cursor[1]}%`;
    mark.classList.toggle("down", this.down);
  }

  /**
   * The drawing as the networks know images: its box fills most of a square, its centre of mass is in the middle.
   *
   * @returns values 0 … 1, row by row
   */
  image(side) {
    const { data } = this.context.getImageData(0, 0, SIZE, SIZE);
    let left = SIZE,
      right = -1,
      top = SIZE,
      bottom = -1,
      sum = 0,
      mx = 0,
      my = 0;
    for (let k = 3, at = 0; k < data.length; k += 4, at++) {
      if (!data[k]) continue;
      const x = at % SIZE,
        y = (at / SIZE) | 0;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
      sum += data[k];
      mx += data[k] * x;
      my += data[k] * y;
    }
    if (right < 0) return new Float32Array(side * side);
    const margin = side === 8 ? 1 : 20 / 28;
    const scale = (side * margin) / Math.max(right - left + 1, bottom - top + 1);
    const centre = side === 8 ? [(left + right) / 2, (top + bottom) / 2] : [mx / sum, my / sum];
    const canvas = this.small.canvas,
      fine = 2; // drawn finer, then averaged
    canvas.width = canvas.height = side * fine;
    this.small.imageSmoothingQuality = "high";
    this.small.setTransform(
      scale * fine,
      0,
      0,
      scale * fine,
      (side / 2 - centre[0] * scale) * fine,
      (side / 2 - centre[1] * scale) * fine,
    );
    this.small.drawImage(this.ink, 0, 0);
    const pixels = this.small.getImageData(0, 0, side * fine, side * fine).data,
      image = new Float32Array(side * side);
    for (let y = 0; y < side * fine; y++) {
      for (let x = 0; x < side * fine; x++) {
        const at = ((y / fine) | 0) * side + ((x / fine) | 0);
        image[at] += pixels[4 * (y * side * fine + x) + 3] / 255 / fine / fine;
      }
    }
    return image;
  }
}
