/** A collector of traces that speaks OTLP over HTTP in JSON, and can be slow, broken or gone. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code?: number };
}

export interface TraceCollector extends AsyncDisposable {
  readonly url: string;
  readonly spans: readonly CollectedSpan[];
  /** Everything it was sent, as text. */
  text(): string;
  readonly headers: readonly Readonly<Record<string, unknown>>[];
}

/** `hang` never answers; `refuse` answers 503; `garbage` answers 200 with a body that is no JSON. */
export type Mood = 'take' | 'hang' | 'refuse' | 'garbage';

export async function openTraceCollector(mood: Mood = 'take'): Promise<TraceCollector> {
  const spans: CollectedSpan[] = [];
  const texts: string[] = [];
  const headers: Readonly<Record<string, unknown>>[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const text = (incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
    texts.push(text);
    headers.push(incoming.headers);
    if (mood === 'hang') return;
    if (mood === 'refuse') {
      outgoing.writeHead(503).end('not now');
      return;
    }
    assert.equal(incoming.url, '/v1/traces');
    assert.match(incoming.headers['content-type'] ?? '', /^application\/json/);
    for (const { resource, scopeSpans } of JSON.parse(text).resourceSpans) {
      const names = resource.attributes.map(({ key }: { readonly key: string }) => key);
      assert.ok(names.includes('service.name') && names.includes('service.version'));
      for (const scope of scopeSpans) for (const span of scope.spans) spans.push(wellFormed(span));
    }
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end(mood === 'garbage' ? '<html>' : '{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    headers,
    text: () => texts.join('\n'),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** As OTLP 1 maps to JSON: ids in hexadecimal, times as strings of nanoseconds. */
function wellFormed(span: CollectedSpan): CollectedSpan {
  assert.match(span.traceId, /^[0-9a-f]{32}$/);
  assert.match(span.spanId, /^[0-9a-f]{16}$/);
  assert.match(String(span.startTimeUnixNano), /^\d{19}$/);
  assert.ok(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano));
  return span;
}

export function attributeOf({ attributes }: CollectedSpan, name: string): unknown {
  const value = attributes.find(({ key }) => key === name)?.value;
  return value && Object.values(value)[0];
}
