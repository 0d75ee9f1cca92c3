// Light and dark: as the system says, unless the reader chose.

const KEY = "ganglion-theme";

const listeners = new Set();

/** Calls back whenever colours change. */
export const onTheme = (listener) => listeners.add(listener);

const known = new Map(); // asking for a style costs more than most drawing

/** The value of a colour, or of a font, of theme.css. */
export function colour(name) {
  if (!known.has(name)) {
    known.set(name, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim());
  }
  return known.get(name);
}

function apply(theme) {
  known.clear();
  document.documentElement.dataset.theme = theme;
  for (const listener of listeners) listener();
}

export function startTheme(button) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const system = () => (dark.matches ? "dark" : "light");
  apply(localStorage.getItem(KEY) ?? system());
  dark.addEventListener("change", () => {
    if (!localStorage.getItem(KEY)) apply(system());
  });
  button.addEventListener("click", () => {
    const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    localStorage.setItem(KEY, theme);
    apply(theme);
  });
}
