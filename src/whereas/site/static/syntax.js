// The engine's message about a malformed query, as a sentence for the reader. the server (`query_errors.py`) says the same.

import { words } from "./page.js";

const MOST = 6; // of the expected tokens, shown
const PLACE = /error at (\d+):(\d+): expected (?:one of )?(.*)/su;
const BEFORE = String.raw`^(?:\s|#[^\n]*\n|(?:PREFIX\s+[^\s<]*|BASE)\s*<[^>]*>)*`;
const EMPTY = new RegExp(`${BEFORE}(?:#[^\\n]*)?$`, "iu");
const UPDATE = new RegExp(String.raw`${BEFORE}(?:INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|WITH)\b`, "iu");
const NAME = /([\p{L}\p{N}_.-]*):\S*$/u;

// Texts, IRIs and comments, which hold any character; and what SPARQL knows outside of them (`query_errors.py`).
const SKIPPED =
  /"""(?:(?!""")(?:[^\\]|\\.))*"""|'''(?:(?!''')(?:[^\\]|\\.))*'''|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*'|<[^<>"{}|^`\\\x00-\x20]*>|#[^\n\r]*/gsu;
const STRAY =
  /[^\t\n\r\x20-\x7e\u00b7\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u037d\u037f-\u1fff\u200c\u200d\u203f\u2040\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff00-\ufffd\u{10000}-\u{effff}]/u;
const ADVICE = [
  [/[\p{Pi}\p{Pf}‚„]/u, "syntax-quote"],
  [/[\p{Pd}\u2212]/u, "syntax-minus"],
  [/[\p{Z}\p{Cc}]/u, "syntax-space"],
  [/./su, "syntax-remove"],
];

function strayCharacter(query) {
  const code = query.replace(SKIPPED, (text) => text.replace(/[^\n]/gu, " "));
  const match = STRAY.exec(code);
  if (!match) return "";
  const before = code.slice(0, match.index).split("\n");
  return filled(words["syntax-character"], {
    line: before.length,
    column: [...before.at(-1)].length + 1,
    character: `U+${match[0].codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`,
    advice: words[ADVICE.find(([kind]) => kind.test(match[0]))[1]],
  });
}

const filled = (text, values) => text.replace(/\{(\w+)\}/gu, (_, key) => values[key]);

/** What is wrong with a query, and where; `message` is the parser's. */
export function complaint(query, message) {
  if (EMPTY.test(query)) return words["syntax-empty"];
  if (UPDATE.test(query)) return words["syntax-update"];
  const stray = strayCharacter(query);
  if (stray) return stray;
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
