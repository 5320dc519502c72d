// Runs a saved query with other arguments than the page shows: those of the URL, or those of the form.

import { answer, refuse } from "./asking.js";
import { endpoint } from "./engine.js";
import { ready, settings, words } from "./page.js";
import { bind } from "./terms.js";

const form = document.getElementById("_form");
const takes = (name) => settings.parameters.some((parameter) => parameter.name === name);

function argumentsOf(pairs) {
  return [...pairs].filter(([, value]) => value !== "");
}

/** The first name that is repeated, if any. */
function twice(pairs) {
  return pairs.map(([name]) => name).find((name, place, names) => names.indexOf(name) < place);
}

function fillForm(pairs) {
  for (const [name, value] of pairs) {
    const field = takes(name) ? form.elements.namedItem(name) : null;
    if (!field) continue;
    field.value = value;
    if (field.value !== value && field instanceof HTMLSelectElement) field.add(new Option(value, value, true, true));
  }
}

function run(pairs) {
  const { page = "1", ...others } = Object.fromEntries(pairs);
  const bound = { ...(takes("language") ? { language: settings.language } : {}), ...others };
  if (takes("page")) bound.page = page;
  try {
    const name = twice(pairs);
    if (name !== undefined) throw new Error(words.twice.replace("{name}", () => name));
    const query = bind(document.getElementById("_text").textContent, settings.parameters, bound, settings);
    return answer(query, { ...settings, page: takes("page") ? "1" : page });
  } catch (problem) {
    refuse(problem.message);
    return null;
  }
}

if (form) {
  ready();
  let isStatic = false;
  endpoint().then((address) => { isStatic = !address; });
  const pairs = argumentsOf(new URLSearchParams(location.search));
  const shown = new URLSearchParams(settings.arguments);
  if (twice(pairs) !== undefined || pairs.some(([name, value]) => shown.get(name) !== value)) {
    fillForm(pairs);
    run(pairs);
  }
  form.addEventListener("submit", (event) => {
    if (!isStatic) return; // the server answers with a page
    event.preventDefault();
    const filled = argumentsOf(new FormData(form));
    history.pushState(null, "", `?${new URLSearchParams(filled)}`);
    run(filled);
  });
  addEventListener("popstate", () => location.reload());
}
