// Search without a server, in an index that is fetched at the first search. What it finds, and in which order,
// follows the server's: every word or the beginning of it, accents and case folded; names first, then passages.

import { element, file, ready, settings, words } from "./page.js";

const MOST = 50;
const WEIGHT = { label: 4, passage: 2, note: 1 };
const AROUND = 120; // characters shown on each side of the first word found in a long text
// Scripts written without spaces between words.
const UNSPACED = /[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[\u{20000}-\u{3ffff}]/u;

const status = document.getElementById("_status");
let index = null;

const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** Where each word is found in a text, as [start, end] pairs; null when one is not. */
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
  const found = [];
  for (const word of wanted) {
    const before = found.length;
    for (let here = folded.indexOf(word); here >= 0; here = folded.indexOf(word, here + word.length)) {
      const starts = isUnspaced || here === 0 || !/[\p{L}\p{N}]/u.test(folded[here - 1]);
      if (starts) found.push([origin[here], origin[here + word.length]]);
    }
    if (found.length === before) return null;
  }
  return found.sort((one, other) => one[0] - other[0]);
}

/** The texts that hold every word, the best first. */
export function find(texts, asked) {
  const isUnspaced = UNSPACED.test(asked);
  const wanted = fold(asked).match(isUnspaced ? /\S+/gu : /[\p{L}\p{N}_]+/gu) ?? [];
  if (!wanted.length) return [];
  const hits = [];
  for (const [kind, way, language, text] of texts) {
    if (!wanted.every((word) => fold(text).includes(word))) continue;
    const found = places(text, wanted, isUnspaced);
    if (found) hits.push({ kind, way, language, text, found, rank: (WEIGHT[kind] * found.length) / (text.length + 40) });
  }
  return hits.sort((one, other) => other.rank - one.rank).slice(0, MOST);
}

function marked({ text, found, language }) {
  const [from, to] = [Math.max(0, found[0][0] - AROUND), Math.min(text.length, found[0][1] + AROUND)];
  const pieces = from > 0 ? ["…"] : [];
  let at = from;
  for (const [start, end] of found) {
    if (start < at || end > to) continue;
    pieces.push(text.slice(at, start), element("mark", {}, text.slice(start, end)));
    at = end;
  }
  pieces.push(text.slice(at, to), to < text.length ? "…" : "");
  return element("span", { lang: language || undefined }, ...pieces);
}

async function search(asked) {
  index ??= await (await fetch(file(`search.${settings.language}.json`))).json();
  const hits = find(index.texts, asked);
  const told = hits.map((hit) => element("li", {},
    element("span", { class: "kind" }, words[hit.kind]), " ",
    hit.way ? element("a", { href: hit.way }, marked(hit)) : marked(hit)));
  document.getElementById("_hits").replaceChildren(...told);
  status.textContent = [hits.length ? "" : words.nothing, index.left_out ? words["left-out"] : ""].filter(Boolean).join(" ");
}

ready();
const asked = new URLSearchParams(location.search).get("q") ?? "";
if (asked && asked !== settings.q) {
  document.getElementById("_words").value = asked;
  search(asked.slice(0, 200));
}
