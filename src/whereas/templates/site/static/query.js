// A saved question with other arguments than the page shows: those of its address, or those just filled in.

import { answer, tell } from "./asking.js";
import { endpoint } from "./engine.js";
import { ready, settings } from "./page.js";
import { bind } from "./terms.js";

const form = document.getElementById("_form");
const takes = (name) => settings.parameters.some((parameter) => parameter.name === name);

function argumentsOf(pairs) {
  return Object.fromEntries([...pairs].filter(([, value]) => value !== ""));
}

function fillForm(given) {
  for (const [name, value] of Object.entries(given)) {
    const field = takes(name) ? form.elements.namedItem(name) : null;
    if (!field) continue;
    field.value = value;
    if (field.value !== value && field instanceof HTMLSelectElement) field.add(new Option(value, value, true, true));
  }
}

function run(given) {
  const told = { ...(takes("language") ? { language: settings.language } : {}), ...given };
  const page = takes("page") ? 1 : Number(given.page) || 1;
  if (!takes("page")) delete told.page;
  try {
    const query = bind(document.getElementById("_text").textContent, settings.parameters, told, settings);
    return answer(query, { ...settings, page });
  } catch (problem) {
    tell(problem.message, true);
    return null;
  }
}

if (form) {
  ready();
  let isStatic = false;
  endpoint().then((address) => { isStatic = !address; });
  const given = argumentsOf(new URLSearchParams(location.search));
  const shown = new URLSearchParams(settings.given);
  if (Object.entries(given).some(([name, value]) => shown.get(name) !== value)) {
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
