// Shared by the scripts of pages: the page's settings, and elements built without markup.

export const settings = JSON.parse(document.getElementById("_settings").textContent);
export const words = settings.words;

/** An element with attributes (undefined ones are left out) and children: nodes or text, never markup. */
export function element(name, attributes = {}, ...children) {
  const node = name === "svg" || name === "rect"
    ? document.createElementNS("http://www.w3.org/2000/svg", name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/** A number in the language of the page. */
export function number(value) {
  return value.toLocaleString(settings.language);
}

/** The URL of a file of the site. */
export function file(path) {
  return new URL(settings.root + path, location.href).href;
}

/** Remove the note for readers without scripts. */
export function ready() {
  document.getElementById("_needs")?.remove();
}
