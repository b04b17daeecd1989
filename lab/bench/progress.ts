/** How far the benchmark is: a bar that redraws itself on a terminal, plain lines elsewhere. */
export interface Progress {
  /** Begins a step. */
  step(label: string): void;
  /** A line that stays. */
  note(text: string): void;
  end(): void;
}

const barWidth = 24;

export interface ProgressOutput {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

export function createProgress(output: ProgressOutput, steps: number, nowMs: () => number): Progress {
  const isTerminal = output.isTTY === true;
  const startMs = nowMs();
  let begun = 0;
  let line = '';

  function clear(): void {
    if (isTerminal && line !== '') output.write('\r\x1b[K');
  }

  return {
    step(label) {
      const done = begun;
      begun += 1;
      if (!isTerminal) {
        output.write(`[${begun}/${steps}] ${label}\n`);
        return;
      }
      const filled = Math.round((done / steps) * barWidth);
      const left =
        done === 0 ? '' : ` · ${formatDuration(((nowMs() - startMs) / done) * (steps - done))} left`;
      clear();
      line = `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${done}/${steps}${left} · ${label}`;
      output.write(line.slice(0, (output.columns ?? 100) - 1));
    },
    note(text) {
      clear();
      line = '';
      output.write(`${text}\n`);
    },
    end() {
      clear();
      line = '';
    },
  };
}

export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
