// Search without a server, in an index that is fetched at the first search. Results and their order
// follow the server's: every word or its beginning, accents and case folded; names first, then passages.

import { fold, foldWithOrigins, isUnspaced, separateWords } from "./folding.js";
import { element, file, ready, settings, words } from "./page.js";

const MOST = 50;
const WEIGHT = { label: 4, passage: 2, note: 1 };
const AROUND = 120; // characters shown on each side of the first word matches in a long text

const status = document.getElementById("_status");
let index = null;

/** The positions of the words in a text, as [start, end] pairs in order. */
function positions(text, wanted, starts) {
  const [folded, origins] = foldWithOrigins(text);
  const any = [...wanted].sort((one, other) => other.length - one.length).join("|"); // letters alone: nothing to escape
  const pattern = new RegExp(`(${starts ? "^| " : ""})(?:${any})`, "gu");
  return [...separateWords(folded).matchAll(pattern)].map((match) => {
    let end = match.index + match[0].length;
    while (origins[end] === origins[end - 1]) end += 1;
    return [origins[match.index + match[1].length], origins[end]];
  });
}

/** The texts that hold every word, the best first; `folded` are the same texts folded, their words separated. */
export function find(texts, folded, query) {
  const plain = separateWords(fold(query));
  const starts = !isUnspaced(plain);
  const wanted = plain.split(" ").filter(Boolean);
  if (!wanted.length) return [];
  const hits = [];
  for (const [number, [kind, url, language, text]] of texts.entries()) {
    if (!wanted.every((word) => ` ${folded[number]}`.includes(starts ? ` ${word}` : word))) continue;
    const matches = positions(text, wanted, starts);
    hits.push({ kind, url, language, text, matches, rank: (WEIGHT[kind] * matches.length) / (text.length + 40) });
  }
  return hits.sort((one, other) => other.rank - one.rank).slice(0, MOST);
}

/** The bounds of what is shown of a text: the characters around the first match, from word to word where there are spaces. */
function bounds(text, [start, end]) {
  let [from, to] = [Math.max(0, start - AROUND), Math.min(text.length, end + AROUND)];
  if (from > 0) from = text.slice(from, start).indexOf(" ") + 1 + from;
  if (to < text.length && text.slice(end, to).includes(" ")) to = text.lastIndexOf(" ", to - 1);
  const inPair = (at) => /[\udc00-\udfff]/.test(text.charAt(at));
  return [inPair(from) ? from - 1 : from, inPair(to) ? to + 1 : to];
}

function marked({ text, matches, language }) {
  const [from, to] = bounds(text, matches[0]);
  const pieces = from > 0 ? ["…"] : [];
  let at = from;
  for (const [start, end] of matches) {
    if (start < at || end > to) continue;
    pieces.push(text.slice(at, start), element("mark", {}, text.slice(start, end)));
    at = end;
  }
  pieces.push(text.slice(at, to), to < text.length ? "…" : "");
  return element("span", { lang: language || undefined, dir: "auto" }, ...pieces);
}

async function search(query) {
  index ??= await (await fetch(file(`search.${settings.language}.json`))).json();
  index.folded ??= index.texts.map((row) => separateWords(fold(row[3])));
  const hits = find(index.texts, index.folded, query);
  const items = hits.map((hit) => element("li", {},
    element("span", { class: "kind" }, words[hit.kind]), " ",
    hit.url ? element("a", { href: hit.url }, marked(hit)) : marked(hit)));
  document.getElementById("_hits").replaceChildren(...items);
  status.textContent = [hits.length ? "" : words.nothing, index.left_out ? words["left-out"] : ""].filter(Boolean).join(" ");
}

ready();
const query = new URLSearchParams(location.search).get("q") ?? "";
if (query && query !== settings.q) {
  document.getElementById("_words").value = query;
  search(query.slice(0, 200));
}
