// The engine's message about a malformed query, as a sentence for the reader. the server (`query_errors.py`) says the same.

import { words } from "./page.js";

const MOST = 6; // of the expected tokens, shown
const PLACE = /error at (\d+):(\d+): expected (?:one of )?(.*)/su;
const BEFORE = String.raw`^(?:\s|#[^\n]*\n|(?:PREFIX\s+[^\s<]*|BASE)\s*<[^>]*>)*`;
const EMPTY = new RegExp(`${BEFORE}(?:#[^\\n]*)?$`, "iu");
const UPDATE = new RegExp(String.raw`${BEFORE}(?:INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|WITH)\b`, "iu");
const NAME = /([\p{L}\p{N}_.-]*):\S*$/u;

const filled = (text, values) => text.replace(/\{(\w+)\}/gu, (_, key) => values[key]);

/** What is wrong with a query, and where; `message` is the parser's. */
export function complaint(query, message) {
  if (EMPTY.test(query)) return words["syntax-empty"];
  if (UPDATE.test(query)) return words["syntax-update"];
  const match = PLACE.exec(message);
  if (!match) return message.split("\n")[0];
  const [line, wanted] = [Number(match[1]), match[3].replaceAll("\n", " ")];
  let column = Number(match[2]);
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
