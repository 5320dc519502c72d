// What the engine says of a query that it cannot read, as a sentence for the reader. the server (`query_errors.py`) says the same.

import { words } from "./page.js";

const MOST = 6; // of what could stand there, told
const PLACE = /error at (\d+):(\d+): expected (?:one of )?(.*)/su;
const BEFORE = String.raw`^(?:\s|#[^\n]*\n|(?:PREFIX\s+[^\s<]*|BASE)\s*<[^>]*>)*`;
const EMPTY = new RegExp(`${BEFORE}(?:#[^\\n]*)?$`, "iu");
const UPDATE = new RegExp(String.raw`${BEFORE}(?:INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|WITH)\b`, "iu");
const NAME = /([\p{L}\p{N}_.-]*):\S*$/u;

const filled = (text, told) => text.replace(/\{(\w+)\}/gu, (_, key) => told[key]);

/** What is wrong with a query, and where; `told` is the parser's list of what it wanted. */
export function complaint(query, told) {
  if (EMPTY.test(query)) return words["syntax-empty"];
  if (UPDATE.test(query)) return words["syntax-update"];
  const found = PLACE.exec(told);
  if (!found) return told.split("\n")[0];
  const [line, wanted] = [Number(found[1]), found[3].replaceAll("\n", " ")];
  let column = Number(found[2]);
  const read = [...query.split("\n")[line - 1]].slice(0, column - 1).join("");
  const name = NAME.exec(read);
  const some = wanted.split(", ").filter((each) => /^(?:[A-Za-z ]{2,}|"\S+")$/u.test(each));
  let reason = words["syntax-other"];
  if (wanted.includes("Prefix not found") && name) {
    column = [...read.slice(0, name.index)].length + 1;
    reason = filled(words["syntax-prefix"], { prefix: name[1] });
  } else if (wanted.includes("IRI parsing failed")) reason = words["syntax-iri"];
  else if (wanted.includes("variable that is unbound")) reason = words["syntax-unbound"];
  else if (some.length) reason = filled(words["syntax-expected"], { names: some.slice(0, MOST).join(", ") });
  return filled(words["syntax-place"], { line, column, reason });
}
