// Runs one query at a time, with its status: progress, problems, and a button that stops it.

import { Stopped, ask, stop } from "./engine.js";
import { settings, words } from "./page.js";
import { show } from "./results.js";

const status = document.getElementById("_status");
const cancel = document.getElementById("_cancel");
const place = document.getElementById("_answer");
let latest = null;

cancel?.addEventListener("click", stop);

/** Show a status: progress, or a problem. */
export function tell(text, isProblem = false) {
  status.textContent = text;
  status.classList.toggle("problem", isProblem);
}

/** Show a problem, and no answer: the one before belongs to another query. */
export function refuse(problem) {
  tell(problem, true);
  place.replaceChildren();
}

/** Run a query and show the answer with the options of `show`; a query that still runs is stopped. */
export async function answer(query, options) {
  if (latest) stop();
  const mine = {};
  latest = mine;
  const start = performance.now();
  cancel.hidden = false;
  place.setAttribute("aria-busy", "true");
  try {
    const result = await ask(query, (step) => tell(words[step]));
    const seconds = (performance.now() - start) / 1000;
    await show(place, result, options);
    const digits = { maximumFractionDigits: 2 };
    tell(words.took.replace("{seconds}", seconds.toLocaleString(settings.language, digits)));
  } catch (problem) {
    if (latest !== mine) return;
    if (problem instanceof Stopped) tell(words.stopped);
    else refuse(problem.message);
  } finally {
    if (latest === mine) {
      latest = null;
      cancel.hidden = true;
      place.removeAttribute("aria-busy");
    }
  }
}
