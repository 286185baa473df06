// asyncapi.js DOCUMENT WIRE.DEF: ends with 1 and a line for each fault that @asyncapi/parser finds (warnings are told
// only), or for a verb of wire.def that the document does not have. Run where node_modules holds @asyncapi/parser.
'use strict';
const fs = require('fs');
const { createRequire } = require('module');
const { Parser } = createRequire(process.cwd() + '/')('@asyncapi/parser');

async function main([path, wire]) {
  const { document, diagnostics } = await new Parser().parse(fs.readFileSync(path, 'utf8'));
  let faults = 0;
  for (const d of diagnostics) {
    console.log(`${['error', 'warning', 'info', 'hint'][d.severity]}: ${d.message} at ${d.path.join('.')}`);
    faults += d.severity === 0;
  }
  if (!document) {
    return 1;
  }
  const verbs = [...fs.readFileSync(wire, 'utf8').matchAll(/^VERB\(\d+, (\w+)/gm)].map((m) => m[1]);
  const known = document.messages().all().map((m) => m.name());
  for (const verb of verbs.filter((v) => !known.includes(v))) {
    console.log(`error: the parser finds no message ${verb}`);
    faults++;
  }
  console.log(`AsyncAPI ${document.version()}: ${known.length} messages, ${document.operations().all().length} operations`);
  return faults > 0 || verbs.length === 0 ? 1 : 0;
}

main(process.argv.slice(2)).then((code) => process.exit(code));
