// Shows answers: tables with labels and links, bar charts, heat maps, downloads.

import { ask } from "./engine.js";
import { element, file, number, settings, words } from "./page.js";
import { compact, iri, isIri } from "./terms.js";

const ROWS = 500; // a page of a table
const BARS = 50;
const CELLS = 40; // rows, and columns, of a heatmap
const SHADES = 5;
const NAMED = 200; // things named by one query
const LONG = 80; // characters that want a wide column
const NUMBER = /#(?:integer|decimal|double|float|nonNegativeInteger|positiveInteger|int|long)$/u;
const OA = "http://www.w3.org/ns/oa#";

/**
 * Replace the content of `place` by an answer.
 * `page` is the number of the page of rows, as text. Throws a sentence for the reader where there is no such page.
 * `columns` has a label by column; `chart` is the one that the query declares; with `names`, things are shown by label.
 */
export async function show(place, answer, { name, columns = {}, chart = null, names = true, page = "1" }) {
  const section = element("section", {});
  if (answer.turtle !== undefined) {
    section.append(
      element("h2", {}, words.answer),
      element("pre", { tabindex: "0" }, answer.turtle.slice(0, 200_000)),
      element("p", {}, download(`${name}.ttl`, answer.turtle, "text/turtle", words.turtle)),
    );
  } else if ("boolean" in answer.json) {
    section.append(element("h2", {}, words.answer), element("p", {}, answer.json.boolean ? words.yes : words.no));
  } else {
    await showRows(section, answer.json, { name, columns, chart, names, page });
  }
  place.replaceChildren(section);
  place.hidden = false;
}

async function showRows(section, { head, results }, { name, columns, chart, names, page }) {
  const rows = results.bindings;
  const last = Math.max(1, Math.ceil(rows.length / ROWS));
  if (!/^0*[1-9]\d*$/u.test(page) || Number(page) > last) {
    throw new Error(words.page.replace("{last}", last).replace("{page}", () => page));
  }
  const count = element("span", { class: "count" }, `${number(rows.length)} ${rows.length > 1 ? words.rows : words.row}`);
  section.append(element("h2", {}, words.answer, " ", count));
  if (!rows.length) {
    section.append(element("p", { class: "absent" }, words["no-rows"]));
    return;
  }
  const table = element("div", { class: "wide", role: "region", tabindex: "0", "aria-label": words.answer });
  const described = new Map();
  let current = Number(page);
  const turn = async (to) => {
    current = to;
    const shown = rows.slice((current - 1) * ROWS, current * ROWS);
    await describe(shown, described);
    table.replaceChildren(tableOf(head.vars, shown, columns, described, names));
    table.scrollTop = 0;
  };
  await turn(current);
  const wanted = chart?.type ? chart : guess(head.vars, rows);
  const drawn = wanted && draw(wanted, rows, head.vars, described);
  if (drawn) {
    const details = element("details", { class: "chart" }, element("summary", {}, words.chart), drawn);
    details.open = wanted === chart;
    section.append(details);
  }
  section.append(table);
  if (last > 1) section.append(pages(last, () => current, turn));
  section.append(element("p", { class: "files" }, download(`${name}.csv`, csv(head.vars, rows), "text/csv", words.csv)));
}

function tableOf(names, rows, columns, described, byName) {
  const heading = names.map((name) => element("th", { scope: "col" }, columns[name] ?? name));
  const body = rows.map((row) => element("tr", {}, ...names.map((name) => {
    return element("td", { class: form(row[name]) }, ...cell(row[name], described, byName));
  })));
  return element("table", {}, element("thead", {}, element("tr", {}, ...heading)), element("tbody", {}, ...body));
}

/** The class of a cell, by its term. */
function form(term) {
  if (NUMBER.test(term?.datatype ?? "")) return "figure";
  if (term?.datatype?.endsWith("#date")) return "date";
  return term && term.type !== "uri" && term.value.length > LONG ? "long" : undefined;
}

function cell(term, described, byName) {
  if (!term) return [];
  if (term.type !== "uri") {
    const language = term["xml:lang"];
    const foreign = language && language.toLowerCase() !== settings.language.toLowerCase();
    return [element("span", { lang: foreign ? language : undefined, dir: "auto" }, term.value)];
  }
  const known = described.get(term.value) ?? {};
  const short = compact(term.value, settings.prefixes);
  const text = byName ? typeset(known.label ?? lastStep(term.value)) : short;
  const href = urlOf(term.value, known);
  const title = byName ? undefined : known.label;
  return [element(href ? "a" : "span", { href: href || undefined, title, class: byName ? undefined : "name", dir: byName ? "auto" : undefined }, text)];
}

/** French spaces before high punctuation and within guillemets made unbreakable. */
function typeset(text) {
  if (settings.language !== "fr") return text;
  return text.replace(/ ([:;?!»])/gu, "\u00a0$1").replaceAll("« ", "«\u00a0");
}

function lastStep(name) {
  return name.replace(/[/#]+$/u, "").split(/[/#]/u).at(-1) || name;
}

function pages(last, current, turn) {
  const place = element("span", {});
  const step = (text, by) => {
    const button = element("button", { type: "button" }, text);
    button.addEventListener("click", () => turn(current() + by).then(tell));
    return button;
  };
  const [previous, next] = [step(words.previous, -1), step(words.next, 1)];
  const tell = () => {
    place.textContent = `${number(current())} / ${number(last)}`;
    [previous.disabled, next.disabled] = [current() === 1, current() === last];
  };
  tell();
  return element("nav", { class: "pages", "aria-label": words.pages }, previous, " ", next, " ", place);
}

// ------------------------------------------------------------ labels and links

/** Fetch label, classes and language of the things in some rows. */
async function describe(rows, described) {
  const unknown = ({ type, value }) => type === "uri" && !described.has(value) && isIri(value);
  const things = [...new Set(rows.flatMap((row) => Object.values(row)).filter(unknown).map(({ value }) => value))];
  for (let start = 0; start < things.length; start += NAMED) {
    const { json } = await ask(`
      SELECT ?thing ?label ?class ?language WHERE {
        VALUES ?thing { ${things.slice(start, start + NAMED).map(iri).join(" ")} }
        OPTIONAL { ?thing a ?class }
        OPTIONAL { ?thing <${OA}hasSource>/<https://schema.org/inLanguage> ?language }
        OPTIONAL { ?thing <http://www.w3.org/2000/01/rdf-schema#label>
          |<http://www.w3.org/2004/02/skos/core#prefLabel>|<http://purl.org/dc/terms/title> ?label }
      }`);
    for (const row of json.results.bindings) {
      const known = described.get(row.thing.value) ?? { classes: new Set() };
      if (row.class) known.classes.add(row.class.value);
      known.language = row.language?.value;
      const fits = [settings.language.toLowerCase(), undefined].includes(row.label?.["xml:lang"]?.toLowerCase());
      if (row.label && (fits || known.label === undefined)) known.label = row.label.value;
      described.set(row.thing.value, known);
    }
  }
}

/** The relative URL of what an IRI names; empty when there is no safe one. */
function urlOf(name, { classes = new Set(), language }) {
  const space = [settings.base, settings.vocabulary].find((start) => name.startsWith(start));
  if (!space) return /^https?:\/\/[^/]/u.test(name) ? name : "";
  if (!classes.size || [...classes].some((one) => one.startsWith(OA) && one.endsWith("Selector"))) return "";
  const [path, anchor] = name.slice(space.length).split("#");
  if (classes.has(`${OA}SpecificResource`)) return `${page(path, language)}#${encodeURIComponent(anchor ?? "")}`;
  return page(anchor ? `${path}/${anchor}` : path, settings.language);
}

/** A step of a path, percent-encoded as in the site's own links, whatever the IRI encodes. */
function encoded(step) {
  try {
    return encodeURIComponent(decodeURIComponent(step));
  } catch {
    return encodeURIComponent(step);
  }
}

function page(path, language) {
  const known = settings.languages.includes(language) ? language : settings.language;
  return file(`${path.split("/").map(encoded).join("/")}.${known}.html`);
}

// ------------------------------------------------------------ charts

/** The chart that rows lend themselves to: bars, where a column of numbers stands beside another column. */
function guess(names, rows) {
  const isNumber = (name) => rows.every((row) => NUMBER.test(row[name]?.datatype ?? ""));
  const y = names.find(isNumber);
  const x = names.find((name) => !isNumber(name) && rows.every((row) => row[name]));
  return rows.length > 1 && x && y ? { type: "bar", x, y } : null;
}

function draw({ type, x, y }, rows, names, described) {
  const value = (row, name) => (NUMBER.test(row[name]?.datatype ?? "") ? Number(row[name].value) : NaN);
  if (type === "bar") return drawBars(rows.map((row) => [row[x], value(row, y)]), described);
  const rest = names.filter((name) => name !== x && name !== y);
  return drawHeatmap(rows.map((row) => [row[x], row[y], rest.map((name) => value(row, name)).find(Number.isFinite)]), described);
}

function drawBars(pairs, described) {
  const sums = new Map();
  for (const [term, value] of pairs) {
    if (!term || !(value >= 0)) continue;
    const key = JSON.stringify(term);
    sums.set(key, [term, value + (sums.get(key)?.[1] ?? 0)]);
  }
  const most = Math.max(...[...sums.values()].map(([, value]) => value));
  if (!(most > 0)) return null;
  return element("dl", { class: "bars" }, ...[...sums.values()].slice(0, BARS).map(([term, value]) => {
    const bar = element("svg", { viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
      element("rect", { width: Math.round((100 * value) / most), height: 6 }));
    return element("div", {}, element("dt", {}, ...cell(term, described, true)), element("dd", {}, bar, ` ${number(value)}`));
  }));
}

function drawHeatmap(points, described) {
  const values = new Map();
  const [columns, lines] = [new Map(), new Map()];
  const key = (...terms) => JSON.stringify(terms);
  for (const [column, line, value] of points) {
    if (!column || !line || value === undefined) continue;
    columns.set(key(column), column);
    lines.set(key(line), line);
    values.set(key(column, line), (values.get(key(column, line)) ?? 0) + value);
  }
  const most = Math.max(0, ...values.values());
  if (!most) return null;
  const [across, down] = [[...columns.values()].slice(0, CELLS), [...lines.values()].slice(0, CELLS)];
  const head = across.map((column) => element("th", { scope: "col" }, ...cell(column, described, true)));
  const body = down.map((line) => element("tr", {},
    element("th", { scope: "row" }, ...cell(line, described, true)),
    ...across.map((column) => {
      const value = values.get(key(column, line)) ?? 0;
      return element("td", { class: `shade-${Math.ceil((SHADES * value) / most)}` }, value ? number(value) : "");
    })));
  const table = element("table", { class: "heat" },
    element("thead", {}, element("tr", {}, element("td", {}), ...head)), element("tbody", {}, ...body));
  return element("div", { class: "wide", role: "region", tabindex: "0", "aria-label": words.chart }, table);
}

// ------------------------------------------------------------ files

/** The rows as SPARQL 1.1 Query Results CSV. */
export function csv(names, rows) {
  const quoted = (text) => (/[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const field = (term) => (term ? (term.type === "bnode" ? `_:${term.value}` : quoted(term.value)) : "");
  return [names, ...rows.map((row) => names.map((name) => field(row[name])))].map((line) => `${line.join(",")}\r\n`).join("");
}

function download(name, text, type, words_) {
  return element("a", { class: "button", download: name, href: URL.createObjectURL(new Blob([text], { type })) }, words_);
}
