/** How a run goes, on a terminal: a line that redraws itself, or a plain one now and then elsewhere. */
import type { ProgressOutput } from '../bench/progress.ts';
import type { RunView } from './live.ts';
import type { RunMessage } from './live-run.ts';

export interface ProgressLine {
  hear(message: RunMessage): void;
  /** Removes the line. */
  end(): void;
}

const plainEveryMs = 5_000;
/** A terminal that doesn't know its width says 0. */
const columnsUsual = 100;

export function createProgressLine(output: ProgressOutput, nowMs: () => number): ProgressLine {
  const isTerminal = output.isTTY === true;
  let isDrawn = false;
  let plainMs = Number.NEGATIVE_INFINITY;
  let state: RunView['state'] | null = null;
  let tried = '';

  function clear(): void {
    if (isDrawn) output.write('\r\x1b[K');
    isDrawn = false;
  }
  /** A line that stays. */
  function note(text: string): void {
    clear();
    output.write(`${text}\n`);
  }
  /** A line that the next one replaces. */
  function draw(text: string): void {
    if (isTerminal) {
      clear();
      output.write(text.slice(0, (output.columns || columnsUsual) - 1));
      isDrawn = true;
    } else if (nowMs() - plainMs >= plainEveryMs) {
      plainMs = nowMs();
      output.write(`${text}\n`);
    }
  }

  return {
    hear(message) {
      switch (message.name) {
        case 'run':
          if (message.data.state !== state) plainMs = Number.NEGATIVE_INFINITY;
          ({ state } = message.data);
          if (state === 'starting' || state === 'checking') draw(`${stateWords[state]} …`);
          break;
        case 'sample':
          draw(`${tried}${sampleWords(message.data)}`);
          break;
        case 'event':
          note(`${message.data.atSecond.toFixed(1)} s: ${message.data.text}`);
          break;
        case 'checking':
          draw(`checking the orders: ${whole(message.data.checked)} of ${whole(message.data.orders)}`);
          break;
        case 'limit': {
          const { tryingPerSecond, steps } = message.data;
          tried =
            tryingPerSecond === null ? '' : `trying ${whole(tryingPerSecond)}/s (${steps.length} tried) · `;
          break;
        }
        case 'routes':
          break;
      }
    },
    end: clear,
  };
}

const stateWords = {
  starting: 'starting',
  checking: 'waiting for the service, to check the orders',
} as const;

type Sample = Extract<RunMessage, { readonly name: 'sample' }>['data'];

function sampleWords(sample: Sample): string {
  const { atSecond, phase, requestsPerSecond, failuresPerSecond, p50Ms, p99Ms, users, generatorCores } =
    sample;
  return [
    `${Math.round(atSecond)} s ${phase}`,
    `${whole(users)} users`,
    `${whole(requestsPerSecond)} requests/s`,
    `p50 ${milliseconds(p50Ms)}, p99 ${milliseconds(p99Ms)}`,
    `${whole(failuresPerSecond)} failures/s`,
    `generator ${generatorCores.toFixed(2)} cores`,
  ].join(' · ');
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

export function milliseconds(value: number | null): string {
  return value === null ? '–' : `${value < 10 ? value.toFixed(2) : value.toFixed(1)} ms`;
}
