import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../journeys/behind-the-service.ts';
import { anOrder, keyIn, place, postOrder, send } from '../journeys/shop-client.ts';
import { startService } from '../service.ts';
import {
  attributeOf,
  type CollectedSpan,
  openTraceCollector,
  type TraceCollector,
} from './trace-collector.ts';

const settings = (collector: Pick<TraceCollector, 'url'>, share = '1') => ({
  LOG_FILE: '',
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  OTEL_EXPORTER_OTLP_HEADERS: 'api-key=se%20cret,x-team=shop',
  OTEL_TRACES_SAMPLER_ARG: share,
});

const named = (spans: readonly CollectedSpan[], name: string) => spans.filter((span) => span.name === name);
const post = 'POST /api/v1/orders';

describe('traces', () => {
  test('lead from a request over its wait to its commit, and from a batch to its orders', async () => {
    await using collector = await openTraceCollector();
    await using service = await startService({ env: settings(collector) });
    const customer = { customer_name: 'Canary Vogelsang', street_address: '77 Canary Row' };
    const placed = await Promise.all(
      Array.from({ length: 8 }, (_, i) => postOrder(service.url, anOrder(customer), `traced-${i}`)),
    );
    for (const { status } of placed) assert.equal(status, 201);
    await service.get('/orders/00000000-0000-7000-8000-000000000000?key=canary-key');
    await service.stop();

    const requests = named(collector.spans, post);
    assert.equal(requests.length, 8);
    for (const request of requests) {
      // 2 is a server's.
      assert.equal(request.kind, 2);
      assert.equal(attributeOf(request, 'http.route'), '/api/v1/orders');
      assert.equal(attributeOf(request, 'http.request.method'), 'POST');
      assert.equal(Number(attributeOf(request, 'http.response.status_code')), 201);
      const children = collector.spans.filter(({ parentSpanId }) => parentSpanId === request.spanId);
      assert.deepEqual(children.map(({ name }) => name).sort(), ['commit', 'wait for batch']);
      const [commit] = named(children, 'commit');
      const [wait] = named(children, 'wait for batch');
      assert.ok(commit !== undefined && wait !== undefined);
      assert.equal(commit.traceId, request.traceId);
      assert.ok(BigInt(wait.startTimeUnixNano) >= BigInt(request.startTimeUnixNano));
      assert.ok(BigInt(commit.endTimeUnixNano) <= BigInt(request.endTimeUnixNano));
      const batch = collector.spans.find(({ spanId }) => spanId === commit.links?.[0]?.spanId);
      assert.equal(batch?.name, 'commit batch');
      assert.ok(batch?.links?.some(({ spanId }) => spanId === request.spanId));
    }
    const batches = named(collector.spans, 'commit batch');
    const sizes = batches.map((batch) => Number(attributeOf(batch, 'nozama.batch.size')));
    assert.equal(
      sizes.reduce((sum, size) => sum + size, 0),
      8,
    );
    assert.equal(named(collector.spans, 'GET /orders/:order_id').length, 1);
    assert.deepEqual(
      [collector.headers[0]?.['api-key'], collector.headers[0]?.['x-team']],
      ['se cret', 'shop'],
    );
    assert.doesNotMatch(collector.text(), /canary|vogelsang/i);
  });

  test('lead from a step of an order to its commit, too', async () => {
    await using collector = await openTraceCollector();
    await using service = await startService({ env: settings(collector) });
    const order = await place(service.url);
    const cancelled = await send(`${service.url}/api/v1/orders/${order.order_id}/cancel`, {
      method: 'POST',
      headers: { 'order-key': keyIn(order.confirmation_url), 'if-match': '*' },
    });
    assert.equal(cancelled.status, 200, cancelled.text);
    await service.stop();
    const [request] = named(collector.spans, 'POST /api/v1/orders/:order_id/cancel');
    const children = collector.spans.filter(({ parentSpanId }) => parentSpanId === request?.spanId);
    assert.deepEqual(children.map(({ name }) => name).sort(), ['commit', 'wait for batch']);
    assert.equal(named(collector.spans, 'commit batch').length, 2, 'of the order and of its step');
  });

  test('go on from the caller’s, who chooses whether they do', async () => {
    await using collector = await openTraceCollector();
    await using service = await startService({ env: settings(collector, '0') });
    const traceOf = (digit: string) => digit.repeat(32);
    const ask = (digit: string, flags: string) =>
      service.get('/api/v1/products', { traceparent: `00-${traceOf(digit)}-${digit.repeat(16)}-${flags}` });
    const traced = await ask('a', '01');
    assert.match(
      traced.headers.get('traceparent') ?? '',
      new RegExp(`^00-${traceOf('a')}-(?!a{16})[0-9a-f]{16}-01$`),
    );
    const untraced = await ask('b', '00');
    assert.equal(untraced.headers.get('traceparent'), `00-${traceOf('b')}-${'b'.repeat(16)}-00`);
    await service.get('/api/v1/products');
    await service.stop();
    assert.deepEqual(
      collector.spans.map(({ name, traceId, parentSpanId }) => [name, traceId, parentSpanId]),
      [['GET /api/v1/products', traceOf('a'), 'a'.repeat(16)]],
    );
  });

  test('tell the status, and a caller’s mistake is no failure', async () => {
    await using collector = await openTraceCollector();
    await using service = await startService({ env: settings(collector) });
    const answer = await service.get('/api/v1/products?limit=nonsense');
    assert.equal(answer.status, 400);
    await service.stop();
    const [span] = named(collector.spans, 'GET /api/v1/products');
    assert.equal(span === undefined ? null : Number(attributeOf(span, 'http.response.status_code')), 400);
    // A caller's mistake is none of the service's.
    assert.notEqual(span?.status.code, 2);
  });
});

describe('a collector', () => {
  for (const mood of ['hang', 'refuse', 'garbage', 'gone'] as const) {
    test(`that is of no use (${mood}) costs no order, and no end`, async () => {
      await using collector = mood === 'gone' ? null : await openTraceCollector(mood);
      const url = collector?.url ?? 'http://127.0.0.1:1';
      await using service = await startService({ env: settings({ url }) });
      for (let i = 0; i < 30; i += 1)
        assert.equal((await postOrder(service.url, anOrder(), `useless-${i}`)).status, 201);
      if (mood === 'refuse') {
        // The exporter tries again for a while before it gives a batch up.
        const isWarned = () => service.logs().includes('the collector does not take traces');
        await until(isWarned, 'a warning', 30_000);
        assert.match(await (await service.get('/metrics')).text(), /nozama_trace_spans_dropped_total [1-9]/);
        assert.equal(service.logs().split('the collector does not take traces').length, 2, 'said once');
      }
      assert.equal((await service.stop()).code, 0);
    });
  }
});

test('a service without a collector traces nothing, and hands the caller’s trace on', async () => {
  await using service = await startService({ env: { LOG_FILE: '' } });
  const traceparent = `00-${'c'.repeat(32)}-${'c'.repeat(16)}-01`;
  const answer = await service.get('/api/v1/products', { traceparent });
  assert.equal(answer.headers.get('traceparent'), traceparent);
  assert.match(
    await (await service.get('/metrics')).text(),
    /nozama_build_info\{version="[^"]+",runtime="[^"]+",engine="sqlite [^"]+"\} 1/,
  );
});
