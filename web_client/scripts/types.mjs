/**
 * Writes src/protocol.gen.ts from the server's own models: `npm run types`.
 *
 * Runs `python -m game_server.wire.schema` in the repository's root with $PYTHON, else the checkout's .venv, else python3.
 * The file's header carries the sha256 of the schema's canonical JSON, so that a Python test can tell a stale file without
 * Node. `--stdin` takes the schema from standard input instead.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));
const target = fileURLToPath(new URL('../src/protocol.gen.ts', import.meta.url));

function schemaText() {
  if (process.argv.includes('--stdin')) return readFileSync(0, 'utf8');
  const venv = `${root}.venv/bin/python`;
  const python = process.env.PYTHON ?? (existsSync(venv) ? venv : 'python3');
  return execFileSync(python, ['-m', 'game_server.wire.schema'], { cwd: root, encoding: 'utf8' });
}

/** What Python's json.dumps(value, sort_keys=True, separators=(",", ":")) writes; the schema holds no fractions. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const keys = Object.keys(value).sort();
    return `{${keys.map(key => `${ascii(key)}:${canonical(value[key])}`).join(',')}}`;
  }
  return ascii(value);
}

const ascii = value =>
  JSON.stringify(value).replace(/[\u007f-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

const schema = JSON.parse(schemaText());
const digest = createHash('sha256').update(canonical(schema)).digest('hex');
const types = await compile(schema, schema.title, {
  additionalProperties: false,
  bannerComment: `/**
 * The wire protocol's messages. Generated from the server's models by \`npm run types\`: do not edit.
 *
 * schema sha256: ${digest}
 */`,
  style: { singleQuote: true, printWidth: 120 },
  unknownAny: true,
  unreachableDefinitions: true,
});
writeFileSync(target, types);
console.log(`src/protocol.gen.ts: schema ${digest.slice(0, 12)}`);
