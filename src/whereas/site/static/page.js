// What every script of a page stands on: the page's settings, and elements made without markup.

export const settings = JSON.parse(document.getElementById("_settings").textContent);
export const words = settings.words;

/** An element with attributes (undefined ones are left out) and children: nodes or text, never markup. */
export function element(name, attributes = {}, ...children) {
  const made = name === "svg" || name === "rect"
    ? document.createElementNS("http://www.w3.org/2000/svg", name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A number as the reader writes it, its thousands apart. */
export function number(value) {
  return value.toLocaleString(settings.language);
}

/** The address of a file of the site. */
export function file(path) {
  return new URL(settings.root + path, location.href).href;
}

/** Take away what a page says to those without scripts. */
export function ready() {
  document.getElementById("_needs")?.remove();
}
