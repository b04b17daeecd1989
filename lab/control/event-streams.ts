/** Server-sent events to all open pages of the lab. */
import type { ServerResponse } from 'node:http';

export interface EventStreams {
  /** Answers with a stream that begins with these events; false when there are too many already. */
  open(response: ServerResponse, first: readonly StreamEvent[]): boolean;
  send(event: StreamEvent): void;
  count(): number;
  close(): void;
}

export interface StreamEvent {
  readonly name: string;
  readonly data: unknown;
}

export interface EventStreamLimits {
  readonly streamsMax: number;
  /** Bytes that wait for a client, besides those it was given first; a slower one is dropped, and comes again. */
  readonly waitingBytesMax: number;
  readonly commentEveryMs: number;
}

const usualLimits: EventStreamLimits = {
  streamsMax: 64,
  waitingBytesMax: 8 * 1024 * 1024,
  commentEveryMs: 15_000,
};

export function createEventStreams(
  headers: Readonly<Record<string, string>>,
  limits: EventStreamLimits = usualLimits,
): EventStreams {
  const open = new Set<ServerResponse>();
  const timer = setInterval(() => sendText(': still here\n\n'), limits.commentEveryMs);
  timer.unref();

  function sendText(text: string): void {
    for (const response of open) write(response, text);
  }

  function write(response: ServerResponse, text: string): void {
    if (response.writableLength > limits.waitingBytesMax) {
      open.delete(response);
      response.destroy();
      return;
    }
    response.write(text);
  }

  return {
    open(response, first) {
      if (open.size >= limits.streamsMax) return false;
      response.writeHead(200, {
        ...headers,
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
      });
      open.add(response);
      response.on('close', () => open.delete(response));
      response.on('error', () => open.delete(response));
      // A browser that was dropped comes again after so long.
      response.write(`retry: 1000\n\n${first.map(textOf).join('')}`);
      return true;
    },
    send(event) {
      if (open.size > 0) sendText(textOf(event));
    },
    count: () => open.size,
    close() {
      clearInterval(timer);
      for (const response of open) response.end();
      open.clear();
    },
  };
}

/** JSON has no line ends of its own. */
function textOf({ name, data }: StreamEvent): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
