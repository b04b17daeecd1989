import { z } from 'zod';
import { isBaseUrl } from './public-address-settings.ts';
import type { SettingGroup, Settings } from './setting.ts';

/** Values are percent-encoded (OpenTelemetry, "Specifying headers via environment variables"). */
function headersOf(list: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    list.split(',').map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at), decodeLeniently(pair.slice(at + 1))];
    }),
  );
}

function decodeLeniently(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

export const tracingSettings = {
  /** Null: nothing is traced. */
  tracesEndpoint: {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    schema: z.string().refine(isBaseUrl),
    expected: 'the address of a collector, such as http://localhost:4318',
    default: null,
    description: 'A collector of traces that speaks OTLP over HTTP. Without it nothing is traced.',
    example: 'http://localhost:4318',
  },
  tracesHeaders: {
    name: 'OTEL_EXPORTER_OTLP_HEADERS',
    schema: z
      .string()
      .regex(/^([\w-]+=[\x21-\x2b\x2d-\x7e]+)(,[\w-]+=[\x21-\x2b\x2d-\x7e]+)*$/)
      .transform(headersOf),
    expected: 'headers such as name=value,name=value, with values as in a URL',
    default: null,
    isSecret: true,
    description: 'Headers for the collector, separated by commas, with values encoded as in a URL.',
    example: 'api-key=a%20secret',
  },
  tracesServiceName: {
    name: 'OTEL_SERVICE_NAME',
    schema: z.string().min(1).max(255),
    expected: 'a name of 1 to 255 characters',
    default: 'nozama',
    description: 'The name of this service in traces.',
  },
  tracesSampledShare: {
    name: 'OTEL_TRACES_SAMPLER_ARG',
    schema: z
      .string()
      .regex(/^(0(\.\d{1,9})?|1(\.0{1,9})?)$/)
      .transform(Number),
    expected: 'a share of requests from 0 to 1, such as 0.01',
    default: '0.01',
    description:
      'The share of requests that are traced. A request that comes with a trace of its caller’s is traced as its caller decided.',
  },
} satisfies Settings;

export const tracingGroup: SettingGroup = { title: 'Traces', settings: tracingSettings };
