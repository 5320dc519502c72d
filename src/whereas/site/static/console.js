// The console: Yasqe as the editor, with this dataset's names; an answer below it.

import "./vendor/yasqe/yasqe.min.js";
import { answer, tell } from "./asking.js";
import { file, ready, settings, words } from "./page.js";
import { compact, fill, literal } from "./terms.js";

const Yasqe = globalThis.Yasqe;
const MOST_NAMES = 60;
const form = document.querySelector("form.console");
const area = document.getElementById("_query");
const example = document.getElementById("_example");

/** Names that match what was typed: first those whose name or label starts with it, then those that contain it. */
function matching(names, typed) {
  const sought = typed.toLowerCase();
  const rank = ([name, label]) => {
    const texts = [name, compact(name, settings.prefixes), label].map((text) => text.toLowerCase());
    const starts = texts.findIndex((text) => text.startsWith(sought));
    return starts >= 0 ? starts : texts.some((text) => text.includes(sought)) ? texts.length : Infinity;
  };
  const ranked = names.map((name) => [rank(name), name]).filter(([place]) => place < Infinity);
  return ranked.sort(([one], [other]) => one - other).slice(0, MOST_NAMES).map(([, name]) => name);
}

function completer(name, like, names, isValid) {
  const labels = new Map(names);
  Yasqe.forkAutocompleter(like, {
    name,
    persistenceId: null,
    bulk: false,
    autoShow: true,
    isValidCompletionPosition: isValid,
    preProcessToken: (yasqe, token) => ({ ...token, autocompletionString: token.string.replace(/^<|>$/gu, "").trim() }),
    get: (yasqe, token) => matching(names, token?.autocompletionString ?? "").map(([iri]) => iri),
    postProcessSuggestion: (yasqe, token, iri) => {
      const short = compact(iri, settings.prefixes);
      return short === iri || !/^[\w-]+:[\w.-]*$/u.test(short) ? `<${iri}>` : short;
    },
    postprocessHints: (yasqe, hints) => hints.map((hint) => ({ ...hint, displayText: displayed(hint.text, labels) })),
  }, false);
}

function displayed(text, labels) {
  const colon = text.indexOf(":");
  const iri = text.startsWith("<") ? text.slice(1, -1) : settings.prefixes[text.slice(0, colon)] + text.slice(colon + 1);
  return `${text}  ${labels.get(iri) ?? ""}`;
}

function complete({ classes, properties, entities, prefixes }) {
  const isClass = Yasqe.Autocompleters.class.isValidCompletionPosition;
  const isProperty = Yasqe.Autocompleters.property.isValidCompletionPosition;
  const isEntity = (yasqe) => {
    const typed = yasqe.getCompleteToken().string;
    return !isClass(yasqe) && !isProperty(yasqe) && /^(?:<|[\p{L}\p{N}_-]+:?[\p{L}\p{N}._-]*$)/u.test(typed);
  };
  completer("our-classes", "class", classes, isClass);
  completer("our-properties", "property", properties, (yasqe) => !isClass(yasqe) && isProperty(yasqe));
  completer("our-entities", "class", entities, isEntity);
  Yasqe.forkAutocompleter("prefixes", {
    name: "our-prefixes",
    persistenceId: null,
    get: () => Object.entries(prefixes).map(([prefix, space]) => `${prefix}: <${space}>`).sort(),
  }, false);
}

async function fetched(path) {
  const reply = await fetch(file(path));
  if (!reply.ok) throw new Error(`${path}: ${reply.status}`);
  return reply;
}

/** The text of a saved query without its header, for labels in the language of the page. */
async function saved(name) {
  const text = await (await fetched(`queries/${encodeURIComponent(name)}.rq`)).text();
  return fill(text.replace(/^(?:#\+.*\n)+\s*/u, ""), { language: literal(settings.language.toLowerCase()) }).trim();
}

Yasqe.defaults.autocompleters = []; // Yasqe's own send requests to other hosts
complete(await (await fetched(`completion.${settings.language}.json`)).json());
const yasqe = new Yasqe(document.getElementById("_editor"), {
  value: area.value,
  persistenceId: null,
  createShareableLink: null,
  consumeShareLink: null,
  showQueryButton: false,
  resizeable: false,
  editorHeight: "auto",
  viewportMargin: Infinity,
  screenReaderLabel: words.editor,
  autocompleters: ["our-classes", "our-properties", "our-entities", "our-prefixes", "variables"],
  extraKeys: { Tab: false, "Shift-Tab": false, "Ctrl-Enter": run, "Cmd-Enter": run },
});
area.remove();
example.hidden = false;
document.getElementById("_examples").remove();
ready();

let loaded = Promise.resolve(); // when the saved query that was last chosen is in the editor

async function run() {
  await loaded;
  const query = yasqe.getValue();
  history.replaceState(null, "", `#${new URLSearchParams({ query })}`);
  return answer(query, { name: "answer", names: false });
}

/** Load a saved query after those chosen before it, so that the last one stays. */
function load(name) {
  loaded = loaded.then(async () => {
    yasqe.setValue(await saved(name));
    history.replaceState(null, "", `?${new URLSearchParams({ saved: name })}`);
  }).catch((problem) => tell(problem.message, true));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
example.addEventListener("change", () => example.value && load(example.value));

/** Load the query in the fragment of the URL, which is not sent to servers, or the saved query in its parameters. */
function follow() {
  const query = new URLSearchParams(location.hash.slice(1)).get("query");
  const name = new URLSearchParams(location.search).get("saved");
  if (query) yasqe.setValue(query);
  else if (name && /^[\w-]+$/u.test(name)) {
    example.value = name;
    load(name);
  }
}

addEventListener("hashchange", follow);
follow();
