// Search without a server, in an index that is fetched at the first search. Results and their order
// follow the server's: every word or its beginning, accents and case folded; names first, then passages.

import { element, file, ready, settings, words } from "./page.js";

const MOST = 50;
const WEIGHT = { label: 4, passage: 2, note: 1 };
const AROUND = 120; // characters shown on each side of the first word matches in a long text
// Scripts written without spaces between words.
const UNSPACED = /[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[\u{20000}-\u{3ffff}]/u;

const status = document.getElementById("_status");
let index = null;

const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** The positions of each word in a text, as [start, end] pairs; null when one is missing. */
export function places(text, wanted, isUnspaced) {
  let folded = "";
  const origin = [];
  let at = 0;
  for (const character of text) {
    const plain = fold(character);
    for (let count = 0; count < plain.length; count += 1) origin.push(at);
    folded += plain;
    at += character.length;
  }
  origin.push(text.length);
  const matches = [];
  for (const word of wanted) {
    const before = matches.length;
    for (let position = folded.indexOf(word); position >= 0; position = folded.indexOf(word, position + word.length)) {
      const starts = isUnspaced || position === 0 || !/[\p{L}\p{N}]/u.test(folded[position - 1]);
      if (starts) matches.push([origin[position], origin[position + word.length]]);
    }
    if (matches.length === before) return null;
  }
  return matches.sort((one, other) => one[0] - other[0]);
}

/** The texts that hold every word, the best first. */
export function find(texts, query) {
  const isUnspaced = UNSPACED.test(query);
  const wanted = fold(query).match(isUnspaced ? /\S+/gu : /[\p{L}\p{N}_]+/gu) ?? [];
  if (!wanted.length) return [];
  const hits = [];
  for (const [kind, url, language, text] of texts) {
    if (!wanted.every((word) => fold(text).includes(word))) continue;
    const matches = places(text, wanted, isUnspaced);
    if (matches) hits.push({ kind, url, language, text, matches, rank: (WEIGHT[kind] * matches.length) / (text.length + 40) });
  }
  return hits.sort((one, other) => other.rank - one.rank).slice(0, MOST);
}

function marked({ text, matches, language }) {
  const [from, to] = [Math.max(0, matches[0][0] - AROUND), Math.min(text.length, matches[0][1] + AROUND)];
  const pieces = from > 0 ? ["…"] : [];
  let at = from;
  for (const [start, end] of matches) {
    if (start < at || end > to) continue;
    pieces.push(text.slice(at, start), element("mark", {}, text.slice(start, end)));
    at = end;
  }
  pieces.push(text.slice(at, to), to < text.length ? "…" : "");
  return element("span", { lang: language || undefined }, ...pieces);
}

async function search(query) {
  index ??= await (await fetch(file(`search.${settings.language}.json`))).json();
  const hits = find(index.texts, query);
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
