// The page: loads the kernels, shows one of its views, and keeps the state of a view in the address.

import { CheckView } from "./check.js";
import { loadKernels, readData } from "./chip/kernels.js";
import { DigitView } from "./digit/view.js";
import { EditorView } from "./editor/view.js";
import { $, say } from "./view/dom.js";
import * as link from "./view/link.js";
import { startTheme } from "./view/theme.js";

const VIEWS = ["digit", "build", "check"];

const views = {};
const started = new Set();
let written = "";

/** A view has changed: its state goes to the address, which makes no step of the browser's history. */
async function changed(view, state) {
  if ($(view).hidden) return;
  const hash = await link.write(view, state);
  if ($(view).hidden) return;
  written = hash;
  history.replaceState(null, "", hash);
}

async function show() {
  const { view: asked, state, broken } = await link.read(location.hash);
  const view = VIEWS.includes(asked) ? asked : VIEWS[0];
  say($("page-say"), broken ? "This link is damaged: its state could not be read." : "", broken);
  for (const name of VIEWS) {
    $(name).hidden = name !== view;
    const tab = $(`tab-${name}`);
    if (name === view) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  if (views.build.playback) views.build.playback.visible = view === "build";
  const first = !started.has(view);
  started.add(view);
  if (first) await views[view].start(state);
  else if (state) await views[view].show?.(state);
  if (!state && !first) views[view].settle?.();
}

async function start() {
  startTheme($("theme"));
  if (typeof WebAssembly !== "object") throw new Error("this browser has no WebAssembly");
  const [kernels, model] = await Promise.all([loadKernels(readData), readData("model.json")]);
  const chip = { kernels, model: JSON.parse(new TextDecoder().decode(model)) };
  views.digit = new DigitView(chip, changed);
  views.build = new EditorView(chip, changed);
  views.check = new CheckView(chip);
  $("page-energy").textContent = chip.model.energy;
  addEventListener("hashchange", () => {
    if (location.hash !== written) show().catch((error) => say($("page-say"), error.message, true));
  });
  await show();
  document.documentElement.dataset.ready = "yes";
}

/** For the console, and for whoever measures. */
globalThis.playground = views;

start().catch((error) => say($("page-say"), `The playground did not start: ${error.message}`, true));
