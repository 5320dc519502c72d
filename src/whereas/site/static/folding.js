// What two spellings of a word share: case, accents and variants of letters folded away, as
// `whereas.text.folding` does on the server. A test compares the two.

const MARKS = /[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]/gu;
const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/gu;
const LETTERS = {
  "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t", "ı": "i",
  "ς": "σ",
  "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ە": "ه", "ھ": "ه", "ہ": "ه", "ۃ": "ه", "ـ": "",
};
const VARIANTS = new RegExp(`[${Object.keys(LETTERS).join("")}]`, "gu");
// Scripts written without spaces between words; Hangul joins particles to words.
const UNSPACED = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\u1b00-\u1b7f\ua980-\ua9df\uaa60-\uaadf\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}\u1100-\u11ff\uac00-\ud7af]/u;
const JOINED = /^[\p{M}\u1160-\u11ff]/u;

export const isUnspaced = (text) => UNSPACED.test(text);

export function fold(text) {
  return text.normalize("NFKD").toLowerCase().replace(MARKS, "").replace(INVISIBLE, "")
    .replace(VARIANTS, (letter) => LETTERS[letter]).normalize("NFC");
}

/** A space in place of each code unit that belongs to no word; as long as the text. */
export function separateWords(text) {
  return text.replace(/[^\p{L}\p{N}\p{M}\p{Co}]/gu, (character) => " ".repeat(character.length));
}

const joins = new Map();

/** Whether a character is folded together with the one before: a mark, the rest of a Hangul syllable, or nothing. */
function joinsBefore(character) {
  let known = joins.get(character);
  if (known === undefined) {
    known = JOINED.test(character.normalize("NFKD")) || fold(character) === "";
    joins.set(character, known);
  }
  return known;
}

/** The folded text, and for each code unit of it the offset in the text that it stems from, the end last. */
export function foldWithOrigins(text) {
  let [folded, cluster, start, at] = ["", "", 0, 0];
  const origins = [];
  const close = () => {
    const plain = fold(cluster);
    for (let count = 0; count < plain.length; count += 1) origins.push(start);
    folded += plain;
  };
  for (const character of text) {
    if (cluster && !joinsBefore(character)) {
      close();
      [cluster, start] = ["", at];
    }
    cluster += character;
    at += character.length;
  }
  close();
  return [folded, [...origins, text.length]];
}
