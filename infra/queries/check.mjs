// Type-checks every query with Microsoft's own Kusto language service: those of the .kql files, and those of the alert
// rules. Exits with 1 and `file:line:column: what` for each fault. To it customDimensions may hold anything: what the queries
// read there, tests/infra/test_queries.py compares with the lines of the app.
//
//   node check.mjs [file …]

import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);

/** Kusto.Language, which the package puts into the global scope. */
function languageService() {
  try {
    require('@kusto/language-service-next/bridge.min.js');
    require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    console.error('The Kusto language service is not installed: make check-infra, or npm ci in infra/queries.');
    process.exit(1);
  }
  return globalThis.Kusto.Language;
}

/** The tables of schema.json as a database that has nothing else. */
function database({ GlobalState, Symbols }) {
  const { tables } = JSON.parse(readFileSync(join(folder, 'schema.json'), 'utf8'));
  const symbols = Object.entries(tables).map(([name, columns]) => {
    const declared = Object.entries(columns).map(([column, type]) => `${column}: ${type}`);
    return Symbols.TableSymbol.From(`(${declared.join(', ')})`).WithName(name);
  });
  return GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.$ctor3('app', null, symbols, false));
}

/** The queries of a file: each character of theirs with its place in the file. */
function queries(path, text) {
  return path.endsWith('.bicep') ? ofBicep(path, text) : [placed(text, 0)];
}

function placed(text, start) {
  return text.split('').map((character, index) => ({ character, place: start + index }));
}

/** What stands behind each `query:`, a string or the name of one, with the strings that it interpolates. */
function ofBicep(path, text) {
  const strings = new Map(
    [...text.matchAll(/^var (\w+) = '''\n(.*?)'''/gms)].map(({ 1: name, 2: inside, index, 0: all }) => [
      name,
      placed(inside, index + all.length - inside.length - "'''".length),
    ]),
  );
  const named = (name) => {
    if (!strings.has(name)) throw new Error(`${path}: ${name} is no multi-line string of this file`);
    return strings.get(name);
  };
  const values = [...text.matchAll(/^\s+query: (?:(\w+)|'(.*)')$/gm)];
  if (!values.length) throw new Error(`${path}: there is no query in it`);
  return values.map(({ 0: all, 1: name, 2: inside, index }) => {
    if (name) return named(name);
    const start = index + all.length - inside.length - "'".length;
    return [...inside.matchAll(/\$\{(\w+)\}|\\?(.)/g)].flatMap(({ 1: variable, 2: character, index: at }) =>
      variable ? named(variable) : [{ character, place: start + at }],
    );
  });
}

function* faults(path, language, globals) {
  const text = readFileSync(path, 'utf8');
  for (const query of queries(path, text)) {
    const code = language.KustoCode.ParseAndAnalyze(query.map(({ character }) => character).join(''), globals);
    for (const { Code, Message, Severity, Start } of globalThis.Bridge.toArray(code.GetDiagnostics())) {
      if (Severity === 'Suggestion') continue;
      const before = text.slice(0, query[Math.min(Start, query.length - 1)]?.place ?? 0).split('\n');
      yield `${relative(process.cwd(), path)}:${before.length}:${before.at(-1).length + 1}: ${Code} ${Message}`;
    }
    yield null;
  }
}

const language = languageService();
const globals = database(language);
const given = process.argv.slice(2);
const kql = readdirSync(folder).filter((name) => name.endsWith('.kql'));
const paths = given.length ? given : [...kql.map((name) => join(folder, name)), join(folder, '../modules/alerts.bicep')];
const found = paths.flatMap((path) => [...faults(path, language, globals)]);
const messages = found.filter((fault) => fault !== null);
console.log([...messages, `${found.length - messages.length} queries checked, ${messages.length} faults`].join('\n'));
process.exitCode = messages.length || !found.length ? 1 : 0;
