// One question at a time, told to the reader: what goes on, what went wrong, how to stop it.

import { Stopped, ask, stop } from "./engine.js";
import { settings, words } from "./page.js";
import { show } from "./results.js";

const status = document.getElementById("_status");
const cancel = document.getElementById("_cancel");
const place = document.getElementById("_answer");
let latest = null;

cancel?.addEventListener("click", stop);

/** Say something to the reader, a problem or how far things are. */
export function tell(text, isProblem = false) {
  status.textContent = text;
  status.classList.toggle("problem", isProblem);
}

/** Say what is wrong, and show no answer: none of those before belongs to what was asked now. */
export function refuse(problem) {
  tell(problem, true);
  place.replaceChildren();
}

/** Ask, and show the answer as `shown` says; a question still being answered gives way. */
export async function answer(query, shown) {
  if (latest) stop();
  const mine = {};
  latest = mine;
  const start = performance.now();
  cancel.hidden = false;
  place.setAttribute("aria-busy", "true");
  try {
    const found = await ask(query, (step) => tell(words[step]));
    const seconds = (performance.now() - start) / 1000;
    await show(place, found, shown);
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
