// A saved question with other arguments than the page shows: those of its address, or those just filled in.

import { answer, refuse } from "./asking.js";
import { endpoint } from "./engine.js";
import { ready, settings, words } from "./page.js";
import { bind } from "./terms.js";

const form = document.getElementById("_form");
const takes = (name) => settings.parameters.some((parameter) => parameter.name === name);

function argumentsOf(pairs) {
  return [...pairs].filter(([, value]) => value !== "");
}

/** The name that is given twice, if one is. */
function twice(pairs) {
  return pairs.map(([name]) => name).find((name, place, names) => names.indexOf(name) < place);
}

function fillForm(given) {
  for (const [name, value] of given) {
    const field = takes(name) ? form.elements.namedItem(name) : null;
    if (!field) continue;
    field.value = value;
    if (field.value !== value && field instanceof HTMLSelectElement) field.add(new Option(value, value, true, true));
  }
}

function run(given) {
  const { page = "1", ...others } = Object.fromEntries(given);
  const told = { ...(takes("language") ? { language: settings.language } : {}), ...others };
  if (takes("page")) told.page = page;
  try {
    const name = twice(given);
    if (name !== undefined) throw new Error(words.twice.replace("{name}", () => name));
    const query = bind(document.getElementById("_text").textContent, settings.parameters, told, settings);
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
  const given = argumentsOf(new URLSearchParams(location.search));
  const shown = new URLSearchParams(settings.arguments);
  if (twice(given) !== undefined || given.some(([name, value]) => shown.get(name) !== value)) {
    fillForm(given);
    run(given);
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
