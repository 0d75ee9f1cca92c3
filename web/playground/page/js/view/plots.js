// Plots on canvases: rasters, curves and bars over the steps of a run, with a line where the run stands.

import { colour } from "./theme.js";

const LEFT = 46,
  RIGHT = 14,
  TOP = 6,
  BOTTOM = 20;

/** A canvas as sharp as the screen; its context, and its size in CSS pixels. */
function prepare(canvas, height) {
  const width = canvas.clientWidth || 300,
    ratio = devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = `11px ${colour("text")}`;
  return { context, width, height };
}

/** Distance between labels so that about so many fit. */
function tick(range, labels) {
  const rough = range / labels,
    power = 10 ** Math.floor(Math.log10(rough));
  return Math.max(1, [1, 2, 5, 10].find((factor) => factor * power >= rough) * power);
}

function axes({ context, width, height }, steps) {
  const x = (step) => LEFT + (step / steps) * (width - LEFT - RIGHT),
    floor = height - BOTTOM;
  context.strokeStyle = colour("line");
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(LEFT, TOP);
  context.lineTo(LEFT, floor + 0.5);
  context.lineTo(width - RIGHT, floor + 0.5);
  context.stroke();
  context.fillStyle = colour("quiet");
  context.textAlign = "center";
  context.textBaseline = "top";
  const every = tick(steps, Math.max(2, (width - LEFT) / 70));
  for (let step = 0; step <= steps; step += every) context.fillText(step, x(step), floor + 5);
  return { x, floor };
}

function playhead(context, at, floor) {
  context.strokeStyle = colour("play");
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(at, TOP);
  context.lineTo(at, floor);
  context.stroke();
}

/**
 * A raster of spikes.
 *
 * @param rows of what fires: { name, colour } each; names are shown where there is room
 * @param fired for each step the rows that fire
 * @param now the step where the run stands, or null
 */
export function raster(canvas, rows, fired, { now = null, height = 160 } = {}) {
  const area = prepare(canvas, height),
    { context } = area,
    steps = Math.max(1, fired.length);
  const { x, floor } = axes(area, steps),
    pitch = (floor - TOP) / Math.max(1, rows.length);
  const wide = Math.max(1.5, Math.min(9, (x(1) - x(0)) * 0.6)),
    tall = Math.max(1.2, Math.min(14, pitch * 0.72));
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.fillStyle = colour("quiet");
  rows.forEach((row, k) => {
    const spaced = pitch >= 11 || row.always;
    if (spaced && row.name) context.fillText(row.name, LEFT - 6, TOP + (k + 0.5) * pitch, LEFT - 8);
  });
  const paints = rows.map((row) => colour(row.colour));
  fired.forEach((here, step) => {
    for (const k of here) {
      context.fillStyle = paints[k];
      context.fillRect(x(step + 0.5) - wide / 2, TOP + (k + 0.5) * pitch - tall / 2, wide, tall);
    }
  });
  if (now !== null) playhead(context, x(now + 0.5), floor);
}

/**
 * Curves over steps.
 *
 * @param curves { values, colour, dashed } each, one value per step
 */
export function curves(canvas, lines, { now = null, height = 160, stepped = false } = {}) {
  const area = prepare(canvas, height),
    { context } = area;
  const steps = Math.max(1, ...lines.map((line) => line.values.length)),
    { x, floor } = axes(area, steps);
  let low = 0,
    high = 1;
  for (const { values } of lines)
    for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  const y = (value) => floor - ((value - low) / (high - low)) * (floor - TOP - 4);
  context.fillStyle = colour("quiet");
  context.textAlign = "right";
  context.textBaseline = "middle";
  const every = tick(high - low, height / 40);
  for (let value = Math.ceil(low / every) * every; value <= high; value += every) {
    context.fillText(value, LEFT - 6, y(value), LEFT - 8);
    context.strokeStyle = colour("line");
    context.globalAlpha = 0.5;
    context.beginPath();
    context.moveTo(LEFT, y(value));
    context.lineTo(area.width - RIGHT, y(value));
    context.stroke();
    context.globalAlpha = 1;
  }
  for (const line of lines) {
    context.strokeStyle = colour(line.colour);
    context.lineWidth = line.thick ?? 1.6;
    context.setLineDash(line.dashed ? [4, 4] : []);
    context.beginPath();
    line.values.forEach((value, step) => {
      if (stepped) context.lineTo(x(step), y(value));
      context.lineTo(x(step + (stepped ? 1 : 0.5)), y(value));
    });
    context.stroke();
  }
  context.setLineDash([]);
  if (now !== null) playhead(context, x(now + 0.5), floor);
}
