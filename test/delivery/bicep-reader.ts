/**
 * Reads the part of Bicep that deploy/azure/main.bicep is written in, and gives the ARM template that it stands for. Anything else is an
 * error, so that nothing is passed over. Rules: Azure's documentation of Bicep's resource references, `parent`, `scope` and `dependsOn`.
 */
import assert from 'node:assert/strict';

type Json = string | number | boolean | { readonly [key: string]: Json } | readonly Json[];
type JsonObject = Record<string, Json>;

type Expression =
  | { readonly is: 'value'; readonly value: string | number | boolean }
  | { readonly is: 'text'; readonly parts: readonly (string | Expression)[] }
  | { readonly is: 'name'; readonly name: string }
  | { readonly is: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly is: 'member'; readonly of: Expression; readonly name: string }
  | { readonly is: 'array'; readonly items: readonly Expression[] }
  | { readonly is: 'object'; readonly entries: readonly (readonly [Expression, Expression])[] };

interface Resource {
  readonly symbol: string;
  readonly type: string;
  readonly apiVersion: string;
  readonly body: ReadonlyMap<string, Expression>;
}

const tokenPattern = /\s*(?:\/\/[^\n]*\s*)*('(?:[^'\\]|\\.)*'|[A-Za-z_]\w*|\d+|[@(){}[\]:,.?=]|$)/y;

export function readBicep(source: string): JsonObject {
  let input = source;
  let at = 0;
  const peek = (): string => {
    tokenPattern.lastIndex = at;
    const match = tokenPattern.exec(input);
    assert.ok(match, `this reader does not know: ${input.slice(at, at + 60)}`);
    return match[1] ?? '';
  };
  const take = (wanted?: string): string => {
    const token = peek();
    assert.ok(
      wanted === undefined || token === wanted,
      `${wanted} expected before: ${input.slice(at, at + 60)}`,
    );
    at = tokenPattern.lastIndex;
    return token;
  };
  const takeIf = (wanted: string): boolean => peek() === wanted && take() === wanted;

  const text = (token: string): Expression => {
    const parts = token
      .slice(1, -1)
      .split(/\$\{([^}]*)\}/)
      .map((part, index) => (index % 2 === 0 ? part : readInner(part)))
      .filter((part) => part !== '');
    assert.ok(!token.includes('\\'), `an escape in ${token}`);
    if (parts.every((part) => typeof part === 'string')) return { is: 'value', value: parts.join('') };
    return { is: 'text', parts };
  };
  const readInner = (inner: string): Expression => {
    const outside = { input, at };
    [input, at] = [inner, 0];
    const found = expression();
    assert.equal(peek(), '', `more than one expression in ${inner}`);
    ({ input, at } = outside);
    return found;
  };
  const list = <T>(end: string, item: () => T): T[] => {
    const items: T[] = [];
    while (!takeIf(end)) {
      items.push(item());
      takeIf(',');
    }
    return items;
  };
  const entry = (): readonly [Expression, Expression] => {
    const token = take();
    const key: Expression = token.startsWith("'") ? text(token) : { is: 'value', value: token };
    take(':');
    return [key, expression()];
  };
  const primary = (): Expression => {
    const token = take();
    if (token === '[') return { is: 'array', items: list(']', expression) };
    if (token === '{') return { is: 'object', entries: list('}', entry) };
    if (token.startsWith("'")) return text(token);
    if (token === 'true' || token === 'false') return { is: 'value', value: token === 'true' };
    if (/^\d/.test(token)) return { is: 'value', value: Number(token) };
    if (token === '(') {
      const inner = expression();
      take(')');
      return inner;
    }
    assert.match(token, /^\w+$/, `not an expression: ${token}`);
    return takeIf('(')
      ? { is: 'call', name: token, args: list(')', expression) }
      : { is: 'name', name: token };
  };
  const expression = (): Expression => {
    let found = primary();
    while (takeIf('.')) found = { is: 'member', of: found, name: take() };
    if (!takeIf('?')) return found;
    const then = expression();
    take(':');
    return { is: 'call', name: 'if', args: [found, then, expression()] };
  };

  const parameters = new Map<
    string,
    { type: string; value: Expression; decorators: [string, Expression[]][] }
  >();
  const variables = new Map<string, Expression>();
  const resources = new Map<string, Resource>();
  const outputs = new Map<string, { type: string; value: Expression }>();
  let decorators: [string, Expression[]][] = [];
  const onto = (map: ReadonlyMap<string, unknown>, name: string) =>
    assert.ok(!map.has(name), `${name} is declared twice`);
  while (peek() !== '') {
    const word = take();
    const name = take();
    if (word === '@') {
      take('(');
      decorators.push([name, list(')', expression)]);
      continue;
    }
    if (word === 'param') {
      onto(parameters, name);
      const type = take();
      take('=');
      parameters.set(name, { type, value: expression(), decorators });
    } else if (word === 'var') {
      onto(variables, name);
      take('=');
      variables.set(name, expression());
    } else if (word === 'output') {
      onto(outputs, name);
      const type = take();
      take('=');
      outputs.set(name, { type, value: expression() });
    } else {
      assert.equal(word, 'resource', `this reader does not know ${word}`);
      onto(resources, name);
      const [type = '', apiVersion = ''] = take().slice(1, -1).split('@');
      take('=');
      const body = expression();
      assert.equal(body.is, 'object');
      const entries = body.is === 'object' ? body.entries : [];
      const map = new Map(
        entries.map(([key, value]) => [key.is === 'value' ? String(key.value) : '', value]),
      );
      resources.set(name, { symbol: name, type, apiVersion, body: map });
    }
    decorators = [];
  }
  return template({ parameters, variables, resources, outputs });
}

interface Program {
  readonly parameters: ReadonlyMap<
    string,
    { type: string; value: Expression; decorators: readonly (readonly [string, readonly Expression[]])[] }
  >;
  readonly variables: ReadonlyMap<string, Expression>;
  readonly resources: ReadonlyMap<string, Resource>;
  readonly outputs: ReadonlyMap<string, { type: string; value: Expression }>;
}

function template({ parameters, variables, resources, outputs }: Program): JsonObject {
  /** Of the resource that is being written. */
  let used = new Set<string>();

  const symbolOf = (expression: Expression | undefined): Resource => {
    const found = expression?.is === 'name' ? resources.get(expression.name) : undefined;
    assert.ok(found, `no resource: ${JSON.stringify(expression)}`);
    return found;
  };
  const given = (resource: Resource, property: string): Expression => {
    const found = resource.body.get(property);
    assert.ok(found, `${resource.symbol} has no ${property}`);
    return found;
  };
  const names = (resource: Resource): string[] => [
    ...(resource.body.has('parent') ? names(symbolOf(resource.body.get('parent'))) : []),
    inner(given(resource, 'name')),
  ];
  const id = (resource: Resource): string =>
    resource.body.has('scope')
      ? `extensionResourceId(${id(symbolOf(resource.body.get('scope')))}, '${resource.type}', ${names(resource)})`
      : `resourceId('${resource.type}', ${names(resource).join(', ')})`;

  /** As it stands within an ARM expression. */
  const inner = (expression: Expression): string => {
    switch (expression.is) {
      case 'value':
        return typeof expression.value === 'string'
          ? `'${expression.value}'`
          : typeof expression.value === 'boolean'
            ? `${expression.value}()`
            : String(expression.value);
      case 'text': {
        let count = 0;
        const holes = expression.parts.filter((part) => typeof part !== 'string');
        const pattern = expression.parts.map((part) => (typeof part === 'string' ? part : `{${count++}}`));
        return `format('${pattern.join('')}', ${holes.map(inner).join(', ')})`;
      }
      case 'name':
        if (parameters.has(expression.name)) return `parameters('${expression.name}')`;
        assert.ok(variables.has(expression.name), `${expression.name} is not declared`);
        return `variables('${expression.name}')`;
      case 'call':
        return `${expression.name}(${expression.args.map(inner).join(', ')})`;
      case 'array':
        return `createArray(${expression.items.map(inner).join(', ')})`;
      case 'object':
        return `createObject(${expression.entries.flatMap((pair) => pair.map(inner)).join(', ')})`;
      case 'member':
        return member(expression.of, expression.name);
    }
  };
  const member = (of: Expression, name: string): string => {
    if (of.is === 'member' && of.name === 'properties') {
      const resource = symbolOf(of.of);
      used.add(resource.symbol);
      return `reference(${id(resource)}, '${resource.apiVersion}').${name}`;
    }
    if (of.is !== 'name' || !resources.has(of.name)) return `${inner(of)}.${name}`;
    used.add(of.name);
    assert.equal(name, 'id', `${of.name}.${name}`);
    return id(symbolOf(of));
  };
  /** As it stands as a value of the template. */
  const outer = (expression: Expression): Json => {
    if (expression.is === 'value') {
      assert.ok(!String(expression.value).startsWith('['), 'a text that ARM would take for an expression');
      return expression.value;
    }
    if (expression.is === 'array') return expression.items.map(outer);
    if (expression.is !== 'object') return `[${inner(expression)}]`;
    return Object.fromEntries(expression.entries.map(([key, value]) => [String(outer(key)), outer(value)]));
  };

  const resourceJson = (resource: Resource): Json => {
    used = new Set();
    const body: JsonObject = {};
    for (const [key, value] of resource.body) {
      if (key === 'parent' || key === 'scope') used.add(symbolOf(value).symbol);
      if (key === 'dependsOn') {
        assert.equal(value.is, 'array');
        for (const item of value.is === 'array' ? value.items : []) used.add(symbolOf(item).symbol);
      } else if (key === 'scope') {
        body['scope'] = `[${id(symbolOf(value))}]`;
      } else if (key === 'name') {
        const all = names(resource);
        const holes = all.map((_, index) => `{${index}}`).join('/');
        body['name'] = all.length === 1 ? outer(value) : `[format('${holes}', ${all.join(', ')})]`;
      } else if (key !== 'parent') {
        body[key] = outer(value);
      }
    }
    const dependsOn = [...used].map((symbol) => `[${id(symbolOf({ is: 'name', name: symbol }))}]`).toSorted();
    const head = { type: resource.type, apiVersion: resource.apiVersion };
    return { ...head, ...body, ...(dependsOn.length === 0 ? {} : { dependsOn }) };
  };
  const parameterJson = ([name, { type, value, decorators }]: [
    string,
    ReturnType<Program['parameters']['get']> & object,
  ]) => {
    const isSecure = decorators.some(([decorator]) => decorator === 'secure');
    const entries: JsonObject = {
      type: isSecure ? `secure${type === 'string' ? 'String' : 'Object'}` : type,
      defaultValue: outer(value),
    };
    for (const [decorator, [argument]] of decorators) {
      if (decorator === 'secure') continue;
      assert.ok(['description', 'minValue', 'maxValue'].includes(decorator) && argument, decorator);
      if (decorator === 'description') entries['metadata'] = { description: outer(argument) };
      else entries[decorator] = outer(argument);
    }
    return [name, entries] as const;
  };

  return {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    parameters: Object.fromEntries([...parameters].map(parameterJson)),
    variables: Object.fromEntries([...variables].map(([name, value]) => [name, outer(value)])),
    resources: [...resources.values()].map(resourceJson),
    outputs: Object.fromEntries(
      [...outputs].map(([name, { type, value }]) => [name, { type, value: outer(value) }]),
    ),
  };
}
