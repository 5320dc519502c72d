// A worker that answers SPARQL over the release's own N-Quads, with Oxigraph. The default graph is the union of all,
// unless the query names its own.

import init, { Store } from "./vendor/oxigraph/web.js";

let store = null;

async function load(address) {
  const [reply] = await Promise.all([fetch(address), init()]);
  if (!reply.ok) throw new Error(`${address}: ${reply.status}`);
  let content = new Uint8Array(await reply.arrayBuffer());
  if (content[0] === 0x1f && content[1] === 0x8b) {  // some hosts take the coding off on their own
    const plain = new Blob([content]).stream().pipeThrough(new DecompressionStream("gzip"));
    content = new Uint8Array(await new Response(plain).arrayBuffer());
  }
  const loaded = new Store();
  loaded.load(content, { format: "nq", no_transaction: true, lenient: true });
  return loaded;
}

/** Whether the engine itself ended, by a sort of values it cannot compare or for want of memory: it answers no more. */
function isDeath(problem) {
  return problem instanceof WebAssembly.RuntimeError || problem instanceof RangeError;
}

/** Whether a query uses a keyword: misspelt everywhere, it does harm only where the parser wants it. */
function uses(query, keyword) {
  const misspelt = query.replace(new RegExp(`(${keyword.slice(0, -1)})${keyword.at(-1)}`, "giu"), "$1q");
  if (misspelt === query) return false;
  try {
    new Store().query(misspelt);
    return false;
  } catch (problem) {
    if (isDeath(problem)) throw problem;
    return true;
  }
}

function answer(query) {
  const options = { use_default_graph_as_union: !uses(query, "FROM") };
  if (/\b(?:CONSTRUCT|DESCRIBE)\b/iu.test(query)) {
    try {
      return { turtle: store.query(query, { ...options, results_format: "ttl" }) };
    } catch (problem) {
      if (isDeath(problem)) throw problem;
      // No triples: what is wrong, if anything is, is said below.
    }
  }
  return { json: JSON.parse(store.query(query, { ...options, results_format: "json" })) };
}

self.onmessage = async ({ data }) => {
  try {
    store ??= await load(data.dataset);
    self.postMessage({ loaded: true });
    self.postMessage(answer(data.query));
  } catch (problem) {
    self.postMessage(isDeath(problem) ? { died: true } : { problem: problem.message ?? String(problem) });
  }
};
