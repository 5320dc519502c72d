// Names and terms, and how an argument takes the place of a parameter's default: as a term, never as syntax.

const XSD = "http://www.w3.org/2001/XMLSchema#";
const FORBIDDEN = /[\x00-\x20<>"{}|\\^`]/u;
const TERM = String.raw`(?:<[^>]*>|"(?:[^"\\]|\\.)*"(?:@[\w-]+|\^\^[^\s}]+)?|[^\s{}"<]+)`;

// The forms that literals of each datatype have; of another datatype, no argument is accepted.
const FORMS = {
  string: /^/u,
  boolean: /^(?:true|false|0|1)$/u,
  integer: /^[+-]?\d+$/u,
  decimal: /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/u,
  double: /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/u,
  date: /^-?\d{4,}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:Z|[+-]\d\d:\d\d)?$/u,
  gYear: /^-?\d{4,}$/u,
};

/** Whether it has a scheme and no character that RDF forbids. */
export function isIri(name) {
  return /^[A-Za-z][A-Za-z0-9+.-]*:/u.test(name) && !FORBIDDEN.test(name);
}

/** The IRI in SPARQL's syntax. Throws where it is none. */
export function iri(name) {
  if (!isIri(name)) throw new Error(name);
  return `<${name}>`;
}

/** The literal in SPARQL's syntax, every character that could end it escaped. */
export function literal(text, datatype = `${XSD}string`) {
  const escapes = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  const quoted = `"${text.toWellFormed().replace(/[\\"\n\r\t]/gu, (character) => escapes[character])}"`;
  return datatype === `${XSD}string` ? quoted : `${quoted}^^${iri(datatype)}`;
}

/** The IRI of a compact name, or the IRI itself. Throws where it is neither. */
export function expand(name, prefixes) {
  const colon = name.indexOf(":");
  if (colon < 0) throw new Error(name);
  const [prefix, local] = [name.slice(0, colon), name.slice(colon + 1)];
  if (Object.hasOwn(prefixes, prefix) && !local.startsWith("//")) return prefixes[prefix] + local;
  if (local.startsWith("//") || ["urn", "mailto", "tag", "doi"].includes(prefix)) return name;
  throw new Error(name);
}

/** The compact name of an IRI under the longest namespace that fits; the IRI where none does. */
export function compact(name, prefixes) {
  let [best, short] = ["", name];
  for (const [prefix, space] of Object.entries(prefixes)) {
    const fits = name.startsWith(space) && name.length > space.length && !name.startsWith("//", space.length);
    if (fits && space.length > best.length) [best, short] = [space, `${prefix}:${name.slice(space.length)}`];
  }
  return short;
}

/** An argument, as a term of the parameter's type; a bare name is an entity's. Throws where it is none. */
export function readTerm(parameter, text, { prefixes, base }) {
  if (parameter.isLiteral) {
    const form = parameter.type.startsWith(XSD) ? FORMS[parameter.type.slice(XSD.length)] : undefined;
    if (!form?.test(text)) throw new Error(text);
    return literal(text, parameter.type);
  }
  return iri(/^[\p{L}\p{N}_.-]+$/u.test(text) ? `${base}ent/${text}` : expand(text, prefixes));
}

/** The query with terms in the place of each `VALUES ?name { … }`; places are those of the text as written. */
export function fill(text, terms) {
  const places = [];
  for (const [name, term] of Object.entries(terms)) {
    const clause = new RegExp(String.raw`VALUES\s+\?${name}\s*\{\s*${TERM}(?:\s+${TERM})*\s*\}`, "u").exec(text);
    if (clause) places.push([clause.index, clause.index + clause[0].length, `VALUES ?${name} { ${term} }`]);
  }
  places.sort((one, other) => other[0] - one[0]);
  for (const [start, end, clause] of places) text = text.slice(0, start) + clause + text.slice(end);
  return text;
}

/** The query with each argument in the place of its parameter's default. Throws a sentence for the reader. */
export function bind(text, parameters, values, { prefixes, base, words }) {
  const terms = {};
  for (const [name, value] of Object.entries(values)) {
    const parameter = parameters.find((known) => known.name === name);
    if (!parameter) throw new Error(words.unknown.replace("{name}", () => name));
    try {
      const text = name === "language" ? value.toLowerCase() : value; // as language tags are in RDF
      terms[name] = readTerm(parameter, text, { prefixes, base });
    } catch {
      const gaps = { name, type: compact(parameter.type, prefixes), text: value };
      throw new Error(words.wrong.replace(/\{(\w+)\}/gu, (_, key) => gaps[key]));
    }
  }
  return fill(text, terms);
}
