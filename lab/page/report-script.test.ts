import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Script } from 'node:vm';
import { joinModules, readReportScript } from './report-script.ts';

function join(sources: Readonly<Record<string, string>>): string {
  return joinModules('a.js', (name) => sources[name] ?? '');
}

test('modules are joined, each once, and after what it imports', () => {
  const joined = join({
    'a.js': "import { b } from './b.js';\nimport {\n  c,\n} from './c.js';\nlog(b + c);\n",
    'b.js': "import { c } from './c.js';\n\nexport const b = c + 1;\n",
    'c.js': 'export const c = 1;\n',
  });
  assert.equal(joined.match(/const c/g)?.length, 1);
  const logged: unknown[] = [];
  new Function('log', joined)((value: unknown) => logged.push(value));
  assert.deepEqual(logged, [3]);
});

test('what cannot be joined is refused, not left in', () => {
  assert.throws(() => join({ 'a.js': "import { x } from 'lodash';\n" }), /a\.js imports lodash/);
  assert.throws(() => join({ 'a.js': "import { x as y } from './b.js';\n" }), /renames/);
  assert.throws(() => join({ 'a.js': "export { x } from './b.js';\n" }), /can't be joined/);
  assert.throws(() => join({ 'a.js': "import './b.js';\n" }), /can't be joined/);
});

test("the report's script is one that a browser can read", () => {
  // Two modules with the same name at their top would be a SyntaxError.
  assert.doesNotThrow(() => new Script(readReportScript()));
});
